using PromptStudio.Core.Templating;
using PromptStudio.Tests.Studio;
using static PromptStudio.Tests.Templating.ScribanTemplates;

namespace PromptStudio.Tests.Templating;

/// <summary>Templates that attack the host: each ends soon, with an error that names the limit, and nothing of .NET can be reached.</summary>
[Trait(Tier.Name, Tier.Unit)]
[Collection(nameof(AloneOnTheMachine))]
public sealed class ScribanHostileTests
{
    [Theory]
    [InlineData("{{ 'a' * 2000000 }}", nameof(RenderLimits.OutputCharacters))]
    [InlineData("{{ a = 'x'; while true; a = a + a; end }}", nameof(RenderLimits.OutputCharacters))]
    [InlineData("{{ a = 'x' * 500000; for i in 1..50; a = $\"{a}{a}\"; end }}", nameof(RenderLimits.AllocatedBytes))]
    [InlineData("{{ a = [1]; for i in 1..99; a = a + a; end }}", nameof(RenderLimits.Steps))]
    [InlineData("{{ x = 'x' * 900000; a = []; for i in 1..9999; a = a | array.add (x + i); end }}", nameof(RenderLimits.AllocatedBytes))]
    [InlineData("{{ capture x; for i in 1..9; for j in 1..9999; 'aaaaaaaaaaaaaaaaaaaa'; end; end; end; for i in 1..99; capture x; x; x; end; end }}", nameof(RenderLimits.OutputCharacters))]
    [InlineData("{{ while true; end }}", nameof(RenderLimits.Steps))]
    [InlineData("{{ for i in 1..900; for j in 1..900; end; end }}", nameof(RenderLimits.Steps))]
    [InlineData("{{ 1..2000000000 | array.size }}", nameof(RenderLimits.Steps))]
    [InlineData("{{ for i in 1..90000 }}aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa{{ end }}", nameof(RenderLimits.OutputCharacters))]
    [InlineData("{{ func f; f; end; f }}", nameof(RenderLimits.CallDepth))]
    [InlineData("{{ f = do; ret f; end; f }}", nameof(RenderLimits.CallDepth))]
    [InlineData("{{ 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!' | regex.match '(a+)+$' }}", nameof(RenderLimits.Deadline))]
    [InlineData("{{ ('<script>' * 100000) | html.strip }}", nameof(RenderLimits.Deadline))]
    [InlineData("{{ x = 'a' * 900000; for i in 1..99; x | regex.matches 'a'; end }}", null)]
    [InlineData("{{ ('(' * 400000) | regex.match ('(' * 400000) }}", nameof(RenderLimits.Steps))]
    [InlineData("{{ x = 'a' * 900000; x | string.index_of ('a' * 450000 + 'b') }}", nameof(RenderLimits.Steps))]
    [InlineData("{{ x = 'a' * 900000; x | string.replace 'a' x }}", nameof(RenderLimits.OutputCharacters))]
    [InlineData("{{ 'a' | string.pad_left 1000000000 }}", nameof(RenderLimits.OutputCharacters))]
    [InlineData("{{ 1 | math.format 'D999999999' }}", nameof(RenderLimits.OutputCharacters))]
    [InlineData("{{ 1 << 1000000 }}", nameof(RenderLimits.AllocatedBytes))]
    [InlineData("{{ x = 3; for i in 1..99; x = x * x; end }}", nameof(RenderLimits.AllocatedBytes))]
    [InlineData("{{ a = {}; for i in 1..17; a = {x:a,y:a,z:a,w:a}; end; a }}", nameof(RenderLimits.AllocatedBytes))]
    [InlineData("{{ a = {}; for i in 1..17; a = {x:a,y:a,z:a,w:a}; end; a | object.to_json }}", null)]
    [InlineData("{{ a = [1]; for i in 1..17; a = [a,a,a,a]; end; b = [1]; for i in 1..17; b = [b,b,b,b]; end; a == b }}", nameof(RenderLimits.Steps))]
    [InlineData("{{ x = {}; x.a = x; x }}", nameof(RenderLimits.CallDepth))]
    [InlineData("{{ x = {}; x.a = x; x | object.to_json }}", nameof(RenderLimits.CallDepth))]
    [InlineData("{{ this }}{{ this.me = this; this }}", nameof(RenderLimits.CallDepth))]
    public void Hostile_EndsSoon_AndNamesTheLimit(string text, string? limit)
    {
        var soon = SoonError(text);

        Assert.Equal(TemplateErrorKind.Limit, soon.Kind);
        Assert.True(soon.Line > 0, "the error has no place");
        if (limit is not null && limit != soon.Limit)
        {
            // On a slow machine the deadline may come first; which limit holds without it must not depend on the machine.
            Assert.Equal(nameof(RenderLimits.Deadline), soon.Limit);
            Assert.Equal(limit, Error(text, RenderLimits.Default with { Deadline = TimeSpan.FromMinutes(1) }).Limit);
        }
    }

    [Fact]
    public void Deadline_EndsWhatOtherLimitsAllow() =>
        Assert.Equal(nameof(RenderLimits.Deadline), SoonError("{{ x = 'a' * 900000; for i in 1..100000; z = x | string.downcase; end }}").Limit);

    [Theory]
    [InlineData("(", ")")]
    [InlineData("[", "]")]
    [InlineData("!", "")]
    [InlineData("-", "")]
    [InlineData("if true;", "end;")]
    [InlineData("func f;", "end;")]
    [InlineData("{a:", "}")]
    public void DeepNesting_IsASyntaxError(string open, string close)
    {
        var text = "{{ " + string.Concat(Enumerable.Repeat(open, 20_000)) + "1" + string.Concat(Enumerable.Repeat(close, 20_000)) + " }}";

        Assert.Equal(TemplateErrorKind.Syntax, Assert.Throws<TemplateException>(() => Parse(text)).Error.Kind);
    }

    [Theory]
    [InlineData("1e999999999")]
    [InlineData("1E+999999999")]
    [InlineData("1..99999999e99999999e")]
    [InlineData("1e-999999999")]
    [InlineData("1e999_999_999")]
    [InlineData("x = 1; func f; ret 7e77777777; end")]
    public void NumbersOfABillionDigits_AreASyntaxError(string text) =>
        Assert.Equal(TemplateErrorKind.Syntax, Assert.Throws<TemplateException>(() => Parse($"{{{{ {text} }}}}")).Error.Kind);

    [Theory]
    [InlineData("0b", '1')]
    [InlineData("0x", 'f')]
    [InlineData("", '9')]
    [InlineData("1.", '9')]
    [InlineData("1e", '9')]
    public void NumbersOfManyDigits_AreASyntaxError(string start, char digit)
    {
        var error = Assert.Throws<TemplateException>(() => Parse($"a\n {{{{ {start}{new string(digit, 190_000)} }}}}")).Error;

        Assert.Equal((TemplateErrorKind.Syntax, 2, 5), (error.Kind, error.Line, error.Column));
    }

    [Theory]
    [InlineData("1e3", "1000")]
    [InlineData("1.5e3", "1500")]
    [InlineData("1e400", null)]
    [InlineData("0b101", "5")]
    [InlineData("'1e999999999'", "1e999999999")]
    public void NumbersWithinReason_AreLeftAlone(string text, string? expected) =>
        Assert.Equal(expected ?? "1" + new string('0', 400), Render($"1e999999999 {{{{ {text} }}}}")["1e999999999 ".Length..]);

    [Theory]
    [InlineData("+ 1")]
    [InlineData(".a")]
    [InlineData("| string.upcase")]
    [InlineData("?? 1")]
    public void LongChains_AreASyntaxError(string link) =>
        Assert.Equal(TemplateErrorKind.Syntax, Assert.Throws<TemplateException>(() => Parse("{{ a " + string.Concat(Enumerable.Repeat(link, 50_000)) + " }}")).Error.Kind);

    [Theory]
    [InlineData("{{ '1+1' | object.eval }}")]
    [InlineData("{{ '{{1+1}}' | object.eval_template }}")]
    [InlineData("{{ math.random 1 5 }}")]
    [InlineData("{{ math.uuid }}")]
    [InlineData("{{ timespan.from_days 1 }}")]
    [InlineData("{{ date.parse '2020-01-01' }}")]
    [InlineData("{{ include_join ['a'] ',' }}")]
    [InlineData("{{ name.length }}")]
    [InlineData("{{ name.chars }}")]
    [InlineData("{{ n.get_type }}")]
    [InlineData("{{ name.get_type.assembly.full_name }}")]
    [InlineData("{{ capture x; 'a'; end; x.builder }}")]
    [InlineData("{{ list.capacity }}")]
    [InlineData("{{ user.is_read_only }}")]
    [InlineData("{{ (1..3).count }}")]
    [InlineData("{{ [1] | array.map 'equals' | array.first | object.to_json | string.nope }}")]
    public void DotNet_CannotBeReached(string text) =>
        Assert.Contains(SoonError(text).Kind, new[] { TemplateErrorKind.Undefined, TemplateErrorKind.Type });

    [Theory]
    [InlineData("{{ @string.upcase }}{{ string }}")]
    [InlineData("{{ capture x; 1; end; x }}{{ 1..3 }}{{ empty }}")]
    [InlineData("{{ user | object.typeof }}{{ 1 | object.kind }}{{ this | object.kind }}")]
    [InlineData("{{ func f; end; @f }}{{ do; end }}")]
    [InlineData("{{ for x in user; x; x | object.to_json; end }}")]
    public void Printing_ShowsNoTypeNames(string text)
    {
        var output = Render(text);

        Assert.DoesNotContain("System.", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Scriban", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a + [1]")]
    [InlineData("a | array.concat []")]
    [InlineData("a | array.each @(do; ret $0; end)")]
    [InlineData("a | array.filter @(do; ret true; end)")]
    [InlineData("a | array.limit 5")]
    [InlineData("a | array.offset 0")]
    [InlineData("a | array.map 'x'")]
    [InlineData("a | array.reverse")]
    [InlineData("a | array.each @array.reverse")]
    public void LazyLists_NestedByALoop_DoNotOverflowTheStack(string next)
    {
        var text = $"{{{{ a = [[1]]; for i in 1..20000; a = {next}; end; a | array.size; a | object.to_json }}}}";
        try
        {
            Assert.NotEmpty(Render(text));
        }
        catch (TemplateException e)
        {
            Assert.Equal(TemplateErrorKind.Limit, e.Error.Kind);
        }
    }

    [Theory]
    [InlineData("{{ x = {}; x.a = x; x 1 }}")]
    [InlineData("{{ x = {}; x.a = x; x + 1 }}")]
    [InlineData("{{ x = {}; x.a = x; 1 < x }}")]
    [InlineData("{{ x = {}; x.a = x; -x }}")]
    [InlineData("{{ x = '{}' | object.from_json; x.a = x; x 1 }}")]
    [InlineData("{{ user.a = user; user 1 }}")]
    [InlineData("{{ x = this; x 1 }}")]
    [InlineData("{{ for x in user; x.a = x; x 1; end }}")]
    [InlineData("{{ include 'a' x: {} }}")]
    [InlineData("{{ include 'a' x: ({}) }}")]
    [InlineData("{{ {k: this}.k // this }}")]
    [InlineData("{{ {k: (this)}.k // this }}")]
    [InlineData("{{ {k: [this]}.k[0] // this }}")]
    [InlineData("{{ {k: {l: this}}.k.l // this }}")]
    [InlineData("{{ func f; ret this; end; {k: (f)}.k // this }}")]
    [InlineData("{{ {k: (include 'a' x: this)} }}")]
    [InlineData("{{ {k: (include 'b' this)} }}")]
    [InlineData("{{ x = do; ret this; end; {k: (x)}.k // this }}")]
    public void CyclicValues_InErrors_DoNotOverflowTheStack(string text) =>
        Assert.Contains(Error(text, ("a", "{{ $x.a = $x; $x 1 }}"), ("b", "{{ $[0].a = $[0]; $[0] // $[0] }}")).Kind, new[] { TemplateErrorKind.Type, TemplateErrorKind.Limit });

    [Theory]
    [InlineData("{{ string.foo = 1 }}")]
    [InlineData("{{ string.upcase = 1 }}")]
    [InlineData("{{ with string; foo = 1; end }}")]
    [InlineData("{{ with string; import user; end }}")]
    [InlineData("{{ x = date; x.now = 1 }}")]
    [InlineData("{{ string['foo'] = 1 }}")]
    public void Builtins_CannotBeChanged(string text) => Assert.Equal(TemplateErrorKind.Type, Error(text).Kind);

    [Fact]
    public void Output_IsCappedExactly_AndNeverCut()
    {
        var limits = RenderLimits.Default with { OutputCharacters = 1000 };

        Assert.Equal(1000, Parse("{{ for i in 1..100 }}0123456789{{ end }}").Render(Request(limits)).Length);
        var error = Error("{{ for i in 1..100 }}0123456789{{ end }}!", limits);
        Assert.Equal((TemplateErrorKind.Limit, nameof(RenderLimits.OutputCharacters)), (error.Kind, error.Limit));
    }

    [Fact]
    public void Variables_LongerThanTheOutput_CanBeShortened()
    {
        var request = Request(RenderLimits.Default with { OutputCharacters = 20 }) with
        {
            Variables = System.Text.Json.JsonSerializer.SerializeToElement(new { text = new string('x', 5000) }),
        };

        Assert.Equal("xxxxxxx...", Parse("{{ text | string.truncate 10 }}").Render(request));
    }

    [Fact]
    public void Limits_AreTheRequests()
    {
        Assert.Equal(nameof(RenderLimits.Steps), Error("{{ for i in 1..5000; x = i; end }}", RenderLimits.Default with { Steps = 1000 }).Limit);
        Assert.Equal(nameof(RenderLimits.CallDepth), Error("{{ func f(x); x > 0 ? (f (x - 1)) : 0; end; f 20 }}", RenderLimits.Default with { CallDepth = 10 }).Limit);
    }

    [Fact]
    public void LoopsInARow_EachHaveTheirTurns() =>
        Assert.Equal("done", Render("{{ for i in 1..90000; end; for i in 1..90000; end }}done"));
}
