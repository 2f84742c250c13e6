using System.Diagnostics;
using System.Globalization;
using PromptStudio.Bench.Templating;
using PromptStudio.Core.Guardrails;

namespace PromptStudio.Bench.Guardrails;

/// <summary><c>./studio bench guardrails</c>: what guardrails cost a render, usual and hostile ones, in one table.</summary>
internal static class GuardrailTable
{
    /// <summary>Prints the table; 1 when a target is missed.</summary>
    public static int Run()
    {
        var isMet = true;
        var typical = Set(SampleRules.Typical);
        var prompt = SampleRules.Prompt(2_048);
        Require(typical.Check(prompt).Count == 0, "the typical rules find something in the prompt");
        var cost = Stopwatched.Of(() => typical.Check(prompt));
        Say($"ten typical rules, {prompt.Length:N0} characters of prompt");
        isMet &= Target("  µs a check", cost.Microseconds, 25);
        isMet &= Target("  bytes a check", cost.Bytes, 0);
        var accented = prompt.Replace("resume", "résumé", StringComparison.Ordinal);
        cost = Stopwatched.Of(() => typical.Check(accented));
        Say($"{"  the same with accents: µs, and bytes",-54}{cost.Microseconds,10:N1}{cost.Bytes,14:N0}");

        var full = Set(SampleRules.Full);
        foreach (var (name, text) in SampleRules.LongTexts(10_000))
        {
            var times = Times(() => full.Check(text), 400);
            Say($"full local rule set, {text.Length:N0} characters, {name}");
            Say($"{"  p50 in ms",-54}{times[times.Count / 2],10:N3}");
            isMet &= Target("  p95 in ms", times[(int)(times.Count * 0.95)], 5);
        }

        var (worst, worstPair, pairs) = (0.0, "", 0);
        foreach (var (pattern, text) in SampleRules.Hostile())
        {
            RuleSet set;
            try
            {
                set = Set([SampleRules.Rule(RuleType.Regex, new { patterns = new[] { pattern } })], mustBuild: true);
            }
            catch (FormatException)
            {
                continue;
            }
            var elapsed = Times(() => set.Check(text), 1)[0];
            pairs++;
            if (elapsed > worst)
                (worst, worstPair) = (elapsed, $"{pattern} on {text.Length:N0} characters");
        }
        Say($"{pairs} hostile pairs of a regex and a text");
        isMet &= Target("  worst ms", worst, 250);
        Say($"  {worstPair}");
        var all = Set(SampleRules.Hostile().Select(pair => pair.Pattern).Distinct().Select(pattern => SampleRules.Rule(RuleType.Regex, new { patterns = new[] { pattern } })));
        foreach (var text in SampleRules.Hostile().Select(pair => pair.Text).Distinct())
            worst = Math.Max(worst, Times(() => all.Check(text), 1)[0]);
        isMet &= Target("  all of them together on each text: worst ms", worst, 250);

        var words = Set([SampleRules.Rule(RuleType.Keyword, new { words = SampleRules.Words(1_000) })]);
        foreach (var (name, text) in SampleRules.LongTexts(100_000))
            Say($"{$"1,000 words, {text.Length:N0} characters, {name}: p50 in ms",-54}{Times(() => words.Check(text), 60)[30],10:N2}");
        return isMet ? 0 : 1;
    }

    private static RuleSet Set(IEnumerable<Guardrail> guardrails, bool mustBuild = false)
    {
        var compiled = guardrails.Select(CompiledGuardrail.Build).ToList();
        if (mustBuild && compiled.Find(one => one.Broken is not null) is { } broken)
            throw new FormatException(broken.Broken);
        return new RuleSet(compiled.Where(one => one.Broken is null));
    }

    /// <summary>The times of single calls in ms, sorted; warm when there are several.</summary>
    private static List<double> Times(Action action, int turns)
    {
        for (var turn = 0; turns > 1 && turn < 20; turn++)
            action();
        var times = new List<double>();
        for (var turn = 0; turn < turns; turn++)
        {
            var started = Stopwatch.GetTimestamp();
            action();
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
        times.Sort();
        return times;
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
            throw new InvalidOperationException(otherwise);
    }

    private static bool Target(string what, double reached, double most)
    {
        var isMet = reached <= most;
        Say($"{what,-54}{reached,10:N2}   at most {most,6:N0}   {(isMet ? "met" : "MISSED")}");
        return isMet;
    }

    private static void Say(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
