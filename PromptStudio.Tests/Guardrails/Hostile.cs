using PromptStudio.Core.Guardrails;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Guardrails;

/// <summary>Texts that are made to cost much.</summary>
internal static class Hostile
{
    private const int Length = 12_500;

    /// <summary>Eight times the text costs eight times as much where the work is in proportion, and sixty-four times where doubling quadruples it; half of that is far from both.</summary>
    private const int Times = 8;

    private const int Most = 32;

    /// <summary>The work grows with the text and no faster.</summary>
    public static void AssertLinear(Rule rule, string part) => CpuTime.AssertLess(Most, () => Find(rule, part, Length), () => Find(rule, part, Times * Length));

    /// <summary>A text with nothing to find costs no memory.</summary>
    public static void AssertFree(Rule rule, string paragraph)
    {
        var text = string.Concat(Enumerable.Repeat(paragraph, 100));
        var hits = new List<Hit>();
        var least = long.MaxValue;
        // The runtime makes code quick, and sparing, only once it has run for a while.
        for (var round = 0; round < 500 && least > 0; round++)
        {
            var input = new RuleInput(text);
            var before = GC.GetAllocatedBytesForCurrentThread();
            rule.Find(input, hits);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        Assert.Empty(hits);
        Assert.Equal(0, least);
    }

    private static void Find(Rule rule, string part, int length)
    {
        var input = new RuleInput(string.Concat(Enumerable.Repeat(part, (length / part.Length) + 1))[..length]);
        try
        {
            rule.Find(input, []);
        }
        catch (RuleException)
        {
            // Giving up is bounded too.
        }
    }
}
