using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using Microsoft.AspNetCore.Components.Web;

namespace PromptStudio.Shell;

/// <summary>Keeps the frame when a page fails, and gives the failure an id that the log has too.</summary>
public sealed partial class PageErrorBoundary : ErrorBoundary
{
    private string? _id;

    [Inject]
    public required ILogger<PageErrorBoundary> Logger { get; init; }

    [Inject]
    public required TimeProvider Clock { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    protected override Task OnErrorAsync(Exception exception)
    {
        _id = Guid.CreateVersion7(Clock.GetUtcNow()).ToString("N")[^12..];
        Log.Failed(Logger, Navigation.ToBaseRelativePath(Navigation.Uri).Split('?')[0], _id, exception);
        return Task.CompletedTask;
    }

    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        if (CurrentException is null)
        {
            builder.AddContent(0, ChildContent);
            return;
        }
        builder.OpenComponent<PageFailed>(1);
        builder.AddComponentParameter(2, nameof(PageFailed.Id), _id);
        builder.AddComponentParameter(3, nameof(PageFailed.OnRetry), EventCallback.Factory.Create(this, Recover));
        builder.CloseComponent();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The page {Page} failed; the person sees the id {Id}")]
        public static partial void Failed(ILogger logger, string page, string id, Exception exception);
    }
}
