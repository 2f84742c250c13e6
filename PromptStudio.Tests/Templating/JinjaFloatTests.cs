using System.Text.Json;
using PromptStudio.Core.Templating;
using PromptStudio.Core.Templating.Jinja;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Templating;

/// <summary>Floats with more digits asked for than a float has. The answers are Python's.</summary>
[Trait(Tier.Name, Tier.Unit)]
public sealed class JinjaFloatTests
{
    [Theory]
    [InlineData("{{ '%.1100f' % 0.5 }}", "0.5", 1102)]
    [InlineData("{{ '%.1100f' % 1.5e300 }}", "1", 301 + 1101)]
    [InlineData("{{ '%.1200e' % 1.5 }}", "1.5", 1206)]
    [InlineData("{{ '{:.90000f}'.format(1.5) }}", "1.5", 90002)]
    [InlineData("{{ '{:.90000e}'.format(-1.5) }}", "-1.5", 90007)]
    [InlineData("{{ '%#.1200g' % 1.5 }}", "1.5", 1201)]
    [InlineData("{{ '{:.1000000g}'.format(1.5) }}", "1.5", 3)]
    public void Format_WithMoreDigitsThanThereAre_EndsInZeros(string template, string start, int length)
    {
        var text = new JinjaEngine().Parse(template, TemplateOptions.Jinja).Render(new RenderRequest { Variables = JsonElement.Parse("{}") });

        Assert.StartsWith(start, text, StringComparison.Ordinal);
        Assert.Equal(length, text.Length);
    }

    [Theory]
    [InlineData("{{ '{:.1000000f}'.format(1.5) }}")]
    [InlineData("{{ '%.1000000f' % 1.5 }}")]
    [InlineData("{{ '%.1000000e' % 1.5e300 }}")]
    public void Format_OfAMillionDigits_IsALimit(string template)
    {
        var parsed = new JinjaEngine().Parse(template, TemplateOptions.Jinja);

        var error = Assert.Throws<TemplateException>(() => parsed.Render(new RenderRequest { Variables = JsonElement.Parse("{}") }));

        Assert.Equal(TemplateErrorKind.Limit, error.Error.Kind);
    }
}
