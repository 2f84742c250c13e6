using PromptStudio.Core.Templating;
using PromptStudio.Tests.Studio;
using static PromptStudio.Tests.Templating.ScribanTemplates;

namespace PromptStudio.Tests.Templating;

[Trait(Tier.Name, Tier.Unit)]
public sealed class ScribanIncludeTests
{
    [Fact]
    public void Include_AStoredPrompt_SeesVariablesAndArguments() => Assert.Equal(
        "[Ada 1 2] [Ada 3 4]", Render("{{ include 'a' 1 k: 2 }} {{ 'a' | include 3 k: 4 }}", ("a", "[{{ name }} {{ $1 }} {{ $k }}]")));

    [Fact]
    public void Include_Twice_KeepsItsFunctionsPlaces()
    {
        var error = Error("\n{{ include 'a' }}{{ broken 1 }}", ("a", "\n\n{{ func broken(x); ret x.y; end }}"));

        Assert.Equal(("a", 3), (error.TemplateName, error.Line));
    }

    [Theory]
    [InlineData("nope")]
    [InlineData("/etc/passwd")]
    [InlineData("../../../etc/passwd")]
    [InlineData("file:///etc/passwd")]
    public void Include_WhatIsNotStored_IsNotFound(string name) =>
        Assert.Equal(TemplateErrorKind.NotFound, Error($"{{{{ include '{name}' }}}}", ("a", "")).Kind);

    [Fact]
    public void Include_WithoutALoader_IsNotFound() =>
        Assert.Equal(TemplateErrorKind.NotFound, Assert.Throws<TemplateException>(() => Parse("{{ include 'a' }}").Render(Request() with { Loader = null })).Error.Kind);

    [Fact]
    public void Include_InACircle_NamesTheChain()
    {
        var error = Error("{{ include 'a' }}", ("a", "{{ include 'b' }}"), ("b", "\n{{ include 'a' }}"));

        Assert.Equal((TemplateErrorKind.Limit, nameof(RenderLimits.TemplateDepth)), (error.Kind, error.Limit));
        Assert.Contains("this template → a → b → a", error.Message, StringComparison.Ordinal);
        Assert.Equal(("b", 2), (error.TemplateName, error.Line));
        Assert.Equal([("include 'a'", null, 1), ("include 'b'", "a", 1)], error.Frames.Select(frame => (frame.What, frame.TemplateName, frame.Line)));
    }

    [Fact]
    public void Include_TooDeep_NamesTheChain()
    {
        var others = Enumerable.Range(0, 9).Select(i => ($"t{i}", $"{{{{ include 't{i + 1}' }}}}")).Append(("t9", "end")).ToArray();

        Assert.Equal("end", Render("{{ include 't0' }}", others));
        var error = Error("{{ include 't0' }}", RenderLimits.Default with { TemplateDepth = 4 }, others);
        Assert.Equal(nameof(RenderLimits.TemplateDepth), error.Limit);
        Assert.Contains("this template → t0 → t1 → t2 → t3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Include_ATextThatIsNoTemplate_SaysWhichAndWhere()
    {
        var error = Error("{{ include 'bad' }}", ("bad", "x\n{{ if }}"));

        Assert.Equal((TemplateErrorKind.Syntax, "bad", 2), (error.Kind, error.TemplateName, error.Line));
    }

    [Fact]
    public void Include_OfAFailingPrompt_SaysWhichAndWhere()
    {
        var error = Error("\n{{ include 'a' }}", ("a", "x\ny {{ nme }}"));

        Assert.Equal((TemplateErrorKind.Undefined, "a", 2, 6), (error.Kind, error.TemplateName, error.Line, error.Column));
        Assert.Equal("include 'a'", Assert.Single(error.Frames).What);
    }

    [Fact]
    public void Include_CountsAgainstTheOutputOnce()
    {
        var limits = RenderLimits.Default with { OutputCharacters = 100 };

        Assert.Equal(100, Parse("{{ include 'a' }}").Render(Request(limits, ("a", new string('x', 100)))).Length);
        Assert.Equal(nameof(RenderLimits.OutputCharacters), Error("{{ include 'a' }}", limits, ("a", new string('x', 101))).Limit);
    }
}
