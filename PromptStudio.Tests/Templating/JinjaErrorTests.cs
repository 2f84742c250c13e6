using System.Text.Json;
using PromptStudio.Core.Templating;
using PromptStudio.Core.Templating.Jinja;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Templating;

/// <summary>Errors say what, where, and what was probably meant; limits are named.</summary>
[Trait(Tier.Name, Tier.Unit)]
public sealed class JinjaErrorTests
{
    private readonly JinjaEngine _engine = new();

    [Theory]
    [InlineData("a\nb\n{{ greeting }} {{ quary }}", "line 3, column 19: 'quary' is undefined. Did you mean 'query'?")]
    [InlineData("{{ query|uper }}", "line 1, column 10: no filter is named 'uper'. Did you mean 'upper'?")]
    [InlineData("{{ query is strng }}", "line 1, column 13: no test is named 'strng'. Did you mean 'string'?")]
    [InlineData("{{ user.nmae }}", "line 1, column 4: 'dict object' has no attribute 'nmae'. Did you mean 'name'?")]
    public void Error_OfAMistypedName_SuggestsTheRightOne(string template, string message)
    {
        var error = Fails(template, new RenderRequest { Variables = Json("""{"query": 1, "greeting": 2, "user": {"name": 3}}""") });
        Assert.Equal(message, error.ToString());
    }

    [Theory]
    [InlineData("{% for i in range(10**9) %}{% endfor %}", nameof(RenderLimits.Steps))]
    [InlineData("{{ 'a' * 10**9 }}", nameof(RenderLimits.AllocatedBytes))]
    [InlineData("{% for i in range(9) %}0123456789{% endfor %}", nameof(RenderLimits.OutputCharacters))]
    [InlineData("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", nameof(RenderLimits.CallDepth))]
    public void Limit_WhenReached_IsNamed(string template, string limit)
    {
        var limits = new RenderLimits { Steps = 10_000, OutputCharacters = 50, Deadline = TimeSpan.FromMinutes(1) };
        var error = Fails(template, new RenderRequest { Variables = Json("{}"), Limits = limits });
        Assert.Equal(TemplateErrorKind.Limit, error.Kind);
        Assert.Equal(limit, error.Limit);
    }

    [Fact]
    public void Render_WhenCancelled_StopsWithItsPlace()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        var request = new RenderRequest { Variables = Json("{}"), CancellationToken = source.Token };
        var template = _engine.Parse("{% for i in range(9999) %}{% endfor %}", TemplateOptions.Studio);
        var e = Assert.Throws<RenderCanceledException>(() => template.Render(request));
        Assert.Equal(TemplateErrorKind.Cancelled, e.Error.Kind);
    }

    [Fact]
    public void Check_OfSeveralFaults_FindsThemAll()
    {
        var found = _engine.Check("{{ a|uper }}{{ b|lowr }}{% if c %}{{ c|titel }}{% endif %}", TemplateOptions.Studio);
        Assert.Equal(["upper", "lower", "title"], found.Select(error => error.Suggestion));
    }

    [Fact]
    public void Include_OfItself_NamesTheChain()
    {
        var texts = new Dictionary<string, string> { ["a"] = "{% include 'b' %}", ["b"] = "{% include 'a' %}" };
        var error = Fails("{% include 'a' %}", Request(texts));
        Assert.Equal(nameof(RenderLimits.TemplateDepth), error.Limit);
        Assert.Contains("a → b → a", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Error_InAnIncludedTemplate_HasItsNameAndTheWay()
    {
        var texts = new Dictionary<string, string> { ["part"] = "x\n{{ nope }}" };
        var error = Fails("\n{% include 'part' %}", Request(texts));
        Assert.Equal(("part", 2, 4), (error.TemplateName, error.Line, error.Column));
        Assert.Equal(2, Assert.Single(error.Frames).Line);
    }

    [Fact]
    public void FreeVariables_AreThoseOfJinja2_InOrderOfUse()
    {
        const string Text = "{{ b }}{% set c = a %}{{ c }}{% for x in xs %}{{ x }}{{ loop.index }}{{ y }}{% endfor %}"
            + "{% macro m(p) %}{{ p }}{{ q }}{% endmacro %}{% if t %}{% set z = 1 %}{% endif %}{{ z }}{{ range(3) }}";
        Assert.Equal(["b", "a", "xs", "y", "q", "t", "z"], _engine.Parse(Text, TemplateOptions.Studio).FreeVariables);
    }

    [Fact]
    public void References_AreTheNamedTemplates()
    {
        var template = _engine.Parse("{% include 'a' %}{% import 'b' as c %}{% include [x, 'd'] ignore missing %}", TemplateOptions.Studio);
        Assert.Equal(["a", "b", null, "d"], template.References.Select(reference => reference.Name));
    }

    [Fact]
    public void Cache_GivesOneTemplateForATextAndItsOptions()
    {
        var cache = new TemplateCache(2);
        var first = cache.Get(_engine, "{{ a }}", TemplateOptions.Studio);
        Assert.Same(first, cache.Get(_engine, "{{ a }}", new TemplateOptions()));
        Assert.NotSame(first, cache.Get(_engine, "{{ a }}", TemplateOptions.Jinja));
        cache.Get(_engine, "{{ b }}", TemplateOptions.Studio);
        Assert.Equal(2, cache.Count);
        Assert.NotSame(first, cache.Get(_engine, "{{ a }}", TemplateOptions.Studio));
    }

    [Fact]
    public void Cache_HoldsTextsOfABoundedLength_AndTheLastWhateverItsLength()
    {
        var cache = new TemplateCache(100, 25);
        foreach (var text in new[] { "a123456789", "b123456789", "c123456789" })
            cache.Get(_engine, text, TemplateOptions.Studio);
        Assert.Equal(2, cache.Count);

        cache.Get(_engine, new string('x', 30), TemplateOptions.Studio);

        Assert.Equal(1, cache.Count);
    }

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;

    private RenderRequest Request(Dictionary<string, string> texts) =>
        new() { Variables = Json("{}"), Loader = new TextTemplateLoader(new TemplateCache(), _engine, texts) };

    private TemplateError Fails(string template, RenderRequest request) =>
        Assert.Throws<TemplateException>(() => _engine.Parse(template, TemplateOptions.Studio).Render(request)).Error;
}
