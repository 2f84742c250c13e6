using Bunit;
using PromptStudio.Shell;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Shell;

[Trait(Tier.Name, Tier.Component)]
public sealed class ThemeSwitchTests : BunitContext
{
    public ThemeSwitchTests() => Services.AddStudioComponents();

    [Theory]
    [InlineData(Look.Light)]
    [InlineData(Look.Dark)]
    [InlineData(Look.System)]
    public void Render_WithATheme_HasItChosen(string theme)
    {
        var rendered = Render<ThemeSwitch>(parameters => parameters.AddCascadingValue(new Look(theme, false)));

        Assert.Equal(theme, rendered.Find("input:checked").GetAttribute("value"));
        Assert.Equal(["Light theme", "Dark theme", "Theme of the system"], rendered.FindAll("label").Select(label => label.TextContent.Trim()));
    }

    [Fact]
    public void Choose_Dark_TellsTheLayout()
    {
        string? chosen = null;
        var rendered = Render<ThemeSwitch>(parameters => parameters
            .AddCascadingValue(Look.Default).Add(component => component.OnChosen, theme => chosen = theme));

        rendered.Find("input[value=dark]").Change("dark");

        Assert.Equal(Look.Dark, chosen);
    }
}
