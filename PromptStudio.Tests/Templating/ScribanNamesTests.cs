using PromptStudio.Core.Templating;
using PromptStudio.Tests.Studio;
using static PromptStudio.Tests.Templating.ScribanTemplates;

namespace PromptStudio.Tests.Templating;

/// <summary>What can be said about a Scriban template without rendering it.</summary>
[Trait(Tier.Name, Tier.Unit)]
public sealed class ScribanNamesTests
{
    [Theory]
    [InlineData("{{ b }}{{ a.c }}{{ b }}", "b a")]
    [InlineData("{{ a[i] }}{{ $x }}{{ $0 }}", "a i")]
    [InlineData("{{ x = y; x }}", "y")]
    [InlineData("{{ x; x = 1 }}", "x")]
    [InlineData("{{ x += 1 }}", "x")]
    [InlineData("{{ x.y = z }}", "x z")]
    [InlineData("{{ x++ }}{{ x }}", "x")]
    [InlineData("{{ capture x; y; end; x }}", "y")]
    [InlineData("{{ for x in xs; x; for.index; z; else; x; end }}", "xs z x")]
    [InlineData("{{ for x in xs limit: n; end; x }}", "xs n x")]
    [InlineData("{{ while a; while.index; b = 1; end; b }}", "a b")]
    [InlineData("{{ if a; x = 1; end; x }}", "a x")]
    [InlineData("{{ if a; x = 1; else; x = 2; end; x }}", "a")]
    [InlineData("{{ if a; x = 1; else if b; x = 2; end; x }}", "a b x")]
    [InlineData("{{ case a; when 1, b; x = 1; else; x = 2; end; x }}", "a b")]
    [InlineData("{{ func f(p); ret p + q + f; end; f 1 }}", "q")]
    [InlineData("{{ func f; late; end; late = 1; f }}", "")]
    [InlineData("{{ [a, {b: c}] | array.each @(do; ret $0 + d; end) }}", "a c d")]
    [InlineData("{{ with a; b; c = d; end; c }}", "a c")]
    [InlineData("{{ a; import b; c }}", "a b")]
    [InlineData("{{ a ?? b }}{{ c ? d : e }}{{ $\"x{f}\" }}", "a b c d e f")]
    [InlineData("{{ name | string.upcase | string.append suffix }}", "name suffix")]
    [InlineData("{{ date }}{{ string.nope }}{{ object.default 1 2 }}{{ math.abs 1 }}{{ empty }}", "date string")]
    [InlineData("{{ this.x }}{{ this }}", "")]
    [InlineData("{{ include 'a' x: y }}", "y")]
    public void FreeVariables_AreTheNamesThatARenderLooksUp(string text, string expected) =>
        Assert.Equal(expected, string.Join(' ', Parse(text).FreeVariables));

    [Fact]
    public void References_AreTheIncludedNames()
    {
        var references = Parse("{{ include 'a' }}\n{{ 'b' | include }}{{ include c }}\n{{ if x; include 'd' 1 | string.upcase; end }}").References;

        Assert.Equal(["a:1", "b:2", ":2", "d:3"], references.Select(reference => $"{reference.Name}:{reference.Line}"));
        Assert.All(references, reference => Assert.Equal((TemplateReferenceKind.Include, false), (reference.Kind, reference.MayBeMissing)));
    }
}
