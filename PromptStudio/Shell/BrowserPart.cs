using Microsoft.JSInterop;

namespace PromptStudio.Shell;

/// <summary>Parts of a page that live in the browser.</summary>
internal static class BrowserPart
{
    /// <summary>Ends a part, where there is one; a page that is gone has taken it along.</summary>
    /// <param name="part">A module, or what one of its functions has made.</param>
    /// <param name="function">What the part does at its end; null: nothing.</param>
    public static async ValueTask EndAsync(this IJSObjectReference? part, string? function = null)
    {
        if (part is null)
            return;
        try
        {
            if (function is not null)
                await part.InvokeVoidAsync(function);
            await part.DisposeAsync();
        }
        catch (JSDisconnectedException)
        {
            // With its page.
        }
    }
}
