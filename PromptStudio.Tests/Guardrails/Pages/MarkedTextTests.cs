using PromptStudio.Guardrails.Pages;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Guardrails.Pages;

[Trait(Tier.Name, Tier.Unit)]
public sealed class MarkedTextTests
{
    [Fact]
    public void Split_WithMarksThatOverlap_CutsAtEachBorder()
    {
        var parts = MarkedText.Split("abcdef", [Place(1, 4, "one"), Place(3, 5, "two")]);

        Assert.Equal(["a:", "bc:one", "d:one+two", "e:two", "f:"], parts.Select(Written));
    }

    [Fact]
    public void Split_CountsCodePoints_NotUnits()
    {
        var parts = MarkedText.Split("😀x😀", [Place(1, 2, "x")]);

        Assert.Equal(["😀:", "x:x", "😀:"], parts.Select(Written));
    }

    [Fact]
    public void Split_OfPlacesOutside_LeavesThemOut() =>
        Assert.Equal(["ab:"], MarkedText.Split("ab", [Place(2, 9, "after"), Place(1, 1, "empty")]).Select(Written));

    [Fact]
    public void Excerpt_OfALongText_KeepsTheMarkInItsPlace()
    {
        var text = new string('.', 500) + "😀hit" + new string('.', 500);

        var (shown, marks) = MarkedText.Excerpt(text, [Place(501, 504, "hit")], 20);

        Assert.True(shown.Length < 100);
        Assert.Equal("hit", Assert.Single(MarkedText.Split(shown, marks), part => part.Marks.Count > 0).Text);
        Assert.StartsWith("…", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void Excerpt_OfAShortText_IsTheText() => Assert.Equal("short", MarkedText.Excerpt("short", [Place(0, 2, "s")], 60).Text);

    private static Mark Place(int start, int end, string title) => new(start, end, title, "");

    private static string Written(MarkedPart part) => $"{part.Text}:{string.Join('+', part.Marks.Select(mark => mark.Title))}";
}
