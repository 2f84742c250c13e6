using System.Text.RegularExpressions;
using MudBlazor;
using PromptStudio.Shell;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Shell;

/// <summary>The style sheet and MudBlazor's theme are two writings of one palette.</summary>
[Trait(Tier.Name, Tier.Unit)]
public sealed partial class ShellThemeTests
{
    private static readonly string Css = File.ReadAllText(Path.Combine(StudioOutput.Repository, "wwwroot", "studio.css"));

    [Fact]
    public void Light_InBothWritings_IsTheSame() => Same(ShellTheme.Theme.PaletteLight, Colours(":root {"));

    [Fact]
    public void Dark_InBothWritings_IsTheSame() => Same(ShellTheme.Theme.PaletteDark, Colours("html[data-theme='dark'] {"));

    [Fact]
    public void Dark_ChosenOrOfTheSystem_IsTheSame() => Assert.Equal(Colours("html[data-theme='dark'] {"), Colours("html[data-theme='system'] {"));

    private static void Same(Palette palette, Dictionary<string, string> css)
    {
        var pairs = new (string Name, MudBlazor.Utilities.MudColor Colour)[]
        {
            ("page", palette.Background), ("surface", palette.Surface), ("raised", palette.BackgroundGray), ("line", palette.Divider),
            ("line-strong", palette.LinesInputs), ("text", palette.TextPrimary), ("muted", palette.TextSecondary), ("disabled", palette.TextDisabled),
            ("accent-fill", palette.Primary), ("on-accent", palette.PrimaryContrastText), ("green", palette.Success), ("blue", palette.Info),
            ("amber", palette.Warning), ("red", palette.Error),
        };
        Assert.All(pairs, pair => Assert.Equal(css[pair.Name], pair.Colour.ToString(MudBlazor.Utilities.MudColorOutputFormats.Hex)));
    }

    private static Dictionary<string, string> Colours(string rule)
    {
        var start = Css.IndexOf(rule, StringComparison.Ordinal);
        return Colour().Matches(Css[start..Css.IndexOf('}', start)]).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);
    }

    [GeneratedRegex(@"--([a-z-]+): (#[0-9a-f]{6});")]
    private static partial Regex Colour();
}
