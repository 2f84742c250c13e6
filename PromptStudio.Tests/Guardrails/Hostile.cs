using System.Diagnostics;
using PromptStudio.Core.Guardrails;

namespace PromptStudio.Tests.Guardrails;

/// <summary>Texts that are made to cost much.</summary>
internal static class Hostile
{
    private const int Length = 50_000;

    /// <summary>Twice the text must not cost four times as much; what is too quick to be measured passes.</summary>
    public static void AssertLinear(Rule rule, string part)
    {
        var (once, twice) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
        // The best of several: other work on the machine only ever adds.
        for (var round = 0; round < 6; round++)
        {
            once = Least(once, Time(rule, part, Length));
            twice = Least(twice, Time(rule, part, 2 * Length));
            if (twice < 4 * once || twice < TimeSpan.FromMilliseconds(10))
                return;
        }
        Assert.Fail($"{Length} characters took {once.TotalMilliseconds:N1} ms, twice as many {twice.TotalMilliseconds:N1} ms.");
    }

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

    private static TimeSpan Time(Rule rule, string part, int length)
    {
        var input = new RuleInput(string.Concat(Enumerable.Repeat(part, (length / part.Length) + 1))[..length]);
        var started = Stopwatch.GetTimestamp();
        try
        {
            rule.Find(input, []);
        }
        catch (RuleException)
        {
            // Giving up is bounded too.
        }
        return Stopwatch.GetElapsedTime(started);
    }

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
