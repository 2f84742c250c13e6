using System.Globalization;
using System.Text.Json;
using PromptStudio.Core.Templating;
using PromptStudio.Core.Templating.Scriban;
using PromptStudio.Tests.Studio;
using static PromptStudio.Tests.Templating.ScribanTemplates;

namespace PromptStudio.Tests.Templating;

/// <summary>What a Scriban template prints, what it may leave undefined, and how its errors read.</summary>
[Trait(Tier.Name, Tier.Unit)]
public sealed class ScribanEngineTests
{
    [Theory]
    [InlineData("Hello {{ name | string.upcase }}!", "Hello ADA!")]
    [InlineData("{{ n + 1 }} {{ f }} {{ yes }} {{ nothing }}.", "6 1.5 true .")]
    [InlineData("{{ list }} {{ user }}", """[1, "a", null, true] {title: "Dr", tags: ["x", "y"]}""")]
    [InlineData("{{ for x in list }}{{ for.index }}{{ x }},{{ end }}", "01,1a,2,3true,")]
    [InlineData("{{ for x in user }}{{ x.key }};{{ end }}", "title;tags;")]
    [InlineData("{{ if n > 3 && name == 'Ada' }}a{{ else }}b{{ end }}", "a")]
    [InlineData("{{ capture x }}<{{ name }}>{{ end }}{{ x }}{{ x | string.size }}", "<Ada>5")]
    [InlineData("{{ func twice(x); ret x * 2; end }}{{ twice n }}", "10")]
    [InlineData("{{ with user }}{{ title }}{{ end }}", "Dr")]
    [InlineData("{{ import user }}{{ title }}", "Dr")]
    [InlineData("{{ this.name }}{{ this['n'] }}", "Ada5")]
    [InlineData("{{ ['a','b'] | array.cycle }}{{ ['a','b'] | array.cycle }}", "ab")]
    [InlineData("{{ user.tags | array.join ', ' }}|{{ [] | array.join '-' }}|{{ ['a'] | array.join '-' }}|{{ list | array.join '-' }}", "x, y||a|1-a--true")]
    public void Render_NativeSyntax(string text, string expected) => Assert.Equal(expected, Render(text));

    [Fact]
    public void Render_IntegersOfAnySize_StayExact() =>
        Assert.Equal("123456789012345678901234567891", Render("{{ big + 1 }}"));

    [Fact]
    public void Render_NumbersAndLines_IgnoreTheMachinesCulture()
    {
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");
        try
        {
            Assert.Equal("1.5\n2,345.50", Render("{{ f }}\n{{ 2345.5 | math.format 'N2' }}"));
            Assert.Equal("[1.5]", Render("{{ [f] }}"));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Theory]
    [InlineData("{{ nme }}", "'nme' is undefined. Did you mean 'name'?", 4)]
    [InlineData("{{ user.titel }}", "the value has no member 'titel'. Did you mean 'title'?", 9)]
    [InlineData("{{ 'a' + nope }}", "'nope' is undefined", 10)]
    [InlineData("{{ if nope }}{{ end }}", "'nope' is undefined", 7)]
    [InlineData("{{ name | nope }}", "'nope' is undefined", 11)]
    public void Strict_WhatIsMissing_FailsWithASuggestion(string text, string message, int column)
    {
        var error = Error(text);

        Assert.Equal((TemplateErrorKind.Undefined, message, 1, column), (error.Kind, error.Message, error.Line, error.Column));
    }

    [Theory]
    [InlineData("{{ list[99] }}")]
    [InlineData("{{ user['nope'] }}")]
    [InlineData("{{ user.nope }}")]
    public void Strict_MissingItems_AreUndefined(string text) => Assert.Equal(TemplateErrorKind.Undefined, Error(text).Kind);

    [Theory]
    [InlineData("{{ nope ?? 'x' }}{{ user.nope ?? 'y' }}")]
    [InlineData("{{ nope | object.default 'x' }}{{ user.nope | object.default 'y' }}")]
    public void Strict_AValueWithADefault_MayBeMissing(string text) => Assert.Equal("xy", Render(text));

    [Theory]
    [InlineData(UndefinedMode.Lenient)]
    [InlineData(UndefinedMode.Chainable)]
    [InlineData(UndefinedMode.Debug)]
    public void Lenient_WhatIsMissing_PrintsNothing(UndefinedMode undefined) =>
        Assert.Equal("||", Render("{{ nope }}|{{ user.nope }}|{{ list[99] }}", undefined));

    [Fact]
    public void Chainable_MembersOfWhatIsMissing_PrintNothing()
    {
        Assert.Equal("", Render("{{ nope.a.b }}", UndefinedMode.Chainable));
        Assert.Throws<TemplateException>(() => Render("{{ nope.a.b }}", UndefinedMode.Lenient));
    }

    [Theory]
    [InlineData("a\n{{ if }}", 2, 7)]
    [InlineData("🎉🎉{{ if }}", 1, 9)]
    [InlineData("{{ for x in list }}", 1, 18)]
    [InlineData("{{ 'open", 1, 8)]
    public void Parse_ATextThatIsNoTemplate_SaysWhere(string text, int line, int column)
    {
        var error = Assert.Throws<TemplateException>(() => Parse(text)).Error;

        Assert.Equal((TemplateErrorKind.Syntax, line, column), (error.Kind, error.Line, error.Column));
    }

    [Fact]
    public void Render_Dates_ComeFromTheRequestsClock()
    {
        var request = Request() with { Time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(new DateTimeOffset(2025, 7, 26, 23, 34, 56, TimeSpan.FromHours(-2))) };

        Assert.Equal("2025-07-27T01:34:56Z 2025-07-27", Parse("{{ date.now }} {{ date.today }}").Render(request));
    }

    [Fact]
    public void Render_Cancelled_SaysSo()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        var exception = Assert.Throws<RenderCanceledException>(() => Parse("{{ name }}").Render(Request() with { CancellationToken = cancelled.Token }));

        Assert.Equal(TemplateErrorKind.Cancelled, exception.Error.Kind);
    }

    [Fact]
    public void Render_CancelledWhileLooping_Stops()
    {
        using var source = new CancellationTokenSource();
        var limits = RenderLimits.Default with { Deadline = TimeSpan.FromMinutes(1), Steps = int.MaxValue };
        var request = Request(limits) with { CancellationToken = source.Token, Loader = new Cancelling(source) };

        Assert.Throws<RenderCanceledException>(() => Parse("{{ include 'stop'; while true; end }}").Render(request));
    }

    [Fact]
    public void Engine_IsFoundByItsFormat() => Assert.IsType<ScribanEngine>(TemplateEngines.Find("scriban"));

    [Fact]
    public void Render_NoVariables_IsAnEmptyObject()
    {
        Assert.Equal("x", Parse("x").Render(new RenderRequest { Variables = default }));
        Assert.Equal("x", Parse("x").Render(new RenderRequest { Variables = JsonElement.Parse("null") }));
    }

    /// <summary>Cancels the render that loads from it.</summary>
    private sealed class Cancelling(CancellationTokenSource source) : ITemplateLoader
    {
        public ITemplate Load(string name, TemplateOptions options)
        {
            source.Cancel();
            return Parse("loaded");
        }
    }
}
