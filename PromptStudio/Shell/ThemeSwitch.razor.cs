using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace PromptStudio.Shell;

/// <summary>Light, dark, or as the system.</summary>
public sealed partial class ThemeSwitch
{
    private static readonly IReadOnlyList<(string Theme, string Name, string Icon)> Choices =
    [
        (Look.Light, "Light theme", Icons.Material.Outlined.LightMode),
        (Look.Dark, "Dark theme", Icons.Material.Outlined.DarkMode),
        (Look.System, "Theme of the system", Icons.Material.Outlined.Computer),
    ];

    [CascadingParameter]
    public required Look Look { get; set; }

    /// <summary>Tells the layout, once the page is live.</summary>
    [Parameter]
    public EventCallback<string> OnChosen { get; set; }
}
