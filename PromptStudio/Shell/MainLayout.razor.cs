using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace PromptStudio.Shell;

/// <summary>The frame of every page for people who are signed in.</summary>
public sealed partial class MainLayout
{
    private MudThemeProvider? _themes;
    private PageErrorBoundary? _errors;
    private bool _dark;

    [CascadingParameter]
    public required Look Look { get; set; }

    protected override void OnInitialized() => _dark = Look.Theme == Look.Dark;

    /// <summary>A failure belongs to the page that failed, not to the next one.</summary>
    protected override void OnParametersSet() => _errors?.Recover();

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && Look.Theme == Look.System)
            await ThemeChosenAsync(Look.System);
    }

    private async Task ThemeChosenAsync(string theme)
    {
        // The page itself follows the style sheet at once; this is for what MudBlazor derives from its palette.
        _dark = theme == Look.Dark || (theme == Look.System && await _themes!.GetSystemDarkModeAsync());
        StateHasChanged();
    }
}
