using PromptStudio.Core.Prompts;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Prompts;

[Trait(Tier.Name, Tier.Unit)]
public sealed class TemplateCheckTests
{
    [Theory]
    [InlineData("Hello {{ name }}", """{"required": ["name"]}""")]
    [InlineData("Hello {{ name }}", null)]
    [InlineData("{% for item in items %}{{ loop.index }} {{ item }}{% endfor %}", """{"required": {"items": "array"}}""")]
    [InlineData("{% include 'tone' %}", """{"required": ["tone_of_voice"]}""")]
    [InlineData("{% set x = 1 %}{{ x }}", """{"required": []}""")]
    public void Run_OfAVersionThatKeepsItsContract_FindsNothing(string text, string? variables) =>
        Assert.Empty(TemplateCheck.Run("jinja2", text, variables));

    [Fact]
    public void Run_OfADifference_NamesBothSides()
    {
        var findings = TemplateCheck.Run("jinja2", "{{ quary }}", """{"required": ["query"]}""");

        Assert.Equal([TemplateFindingKind.Undeclared, TemplateFindingKind.Unused], findings.Select(finding => finding.Kind));
        Assert.Contains("'quary'", findings[0].Message, StringComparison.Ordinal);
        Assert.Contains("'query'", findings[1].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("jinja2", "a\n  {{ x | uper }}", null, "uper", 2)]
    [InlineData("jinja2", "{% if x %}", null, "end", 1)]
    [InlineData("jinja2", "x", """{"required": 3}""", "template_variables.required", null)]
    [InlineData("mustache", "x", null, "mustache", null)]
    public void Run_OfWhatCannotBeRendered_IsAnError(string format, string text, string? variables, string expected, int? line)
    {
        var finding = Assert.Single(TemplateCheck.Run(format, text, variables));

        Assert.Equal((TemplateFindingKind.Error, line), (finding.Kind, finding.Line));
        Assert.Contains(expected, finding.Message, StringComparison.Ordinal);
    }
}
