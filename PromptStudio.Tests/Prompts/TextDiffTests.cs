using CsCheck;
using PromptStudio.Core.Prompts;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Prompts;

[Trait(Tier.Name, Tier.Unit)]
public sealed class TextDiffTests
{
    [Fact]
    public void Of_AChangedWord_KeepsTheRestOfItsLine()
    {
        var diff = TextDiff.Of("one\nHello {{ name }}, bye\nend", "one\nHello {{ user }}, bye\nend");

        Assert.Equal(["same 1 1", "removed 2 ", "added  2", "same 3 3"], diff.Lines.Select(line => $"{line.Kind} {line.OldLine} {line.NewLine}"));
        Assert.Equal([("same", "Hello {{ "), ("removed", "name"), ("same", " }}, bye")], diff.Lines[1].Parts.Select(part => (part.Kind, part.Text)));
        Assert.Equal([("same", "Hello {{ "), ("added", "user"), ("same", " }}, bye")], diff.Lines[2].Parts.Select(part => (part.Kind, part.Text)));
        Assert.True(diff.Exact);
        Assert.False(diff.IsEmpty);
    }

    [Fact]
    public void Of_TheSameText_IsEmpty() => Assert.True(TextDiff.Of("a\r\nb", "a\nb").IsEmpty);

    [Fact]
    public void Of_AnyTwoTexts_GivesBothBack() => Gen.Select(Texts, Texts).Sample((before, after) =>
    {
        var diff = TextDiff.Of(before, after);
        return Side(diff, DiffKind.Added) == before && Side(diff, DiffKind.Removed) == after
            && Numbers(diff.Lines.Select(line => line.OldLine)) && Numbers(diff.Lines.Select(line => line.NewLine));
    }, iter: 2_000);

    [Fact]
    public void Of_LongTextsWithNothingInCommon_IsBounded()
    {
        var before = string.Concat(Enumerable.Range(0, 40_000).Select(n => $"a{n}\n"));
        var after = string.Concat(Enumerable.Range(0, 40_000).Select(n => $"b{n}\n"));

        var diff = TextDiff.Of(before, after);

        Assert.False(diff.Exact);
        Assert.Equal(before, Side(diff, DiffKind.Added));
        Assert.Equal(after, Side(diff, DiffKind.Removed));
    }

    private static readonly string[] Lines = ["a", "b b", "c d e", "", "{{ x }}", "🎉 f"];

    private static Gen<string> Texts => Gen.Int[0, 5].Select(n => Lines[n]).Array[0, 12].Select(lines => string.Join('\n', lines));

    private static string Side(TextDiff diff, string without) =>
        string.Join('\n', diff.Lines.Where(line => line.Kind != without).Select(line => string.Concat(line.Parts.Select(part => part.Text))));

    private static bool Numbers(IEnumerable<int?> numbers) => numbers.OfType<int>().Select((number, index) => number == index + 1).All(right => right);
}
