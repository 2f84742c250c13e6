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
        Say($"{Environment.ProcessorCount} processors");
        Require(typical.Check(prompt).Count == 0, "the typical rules find something in the prompt");
        var cost = Best(() => typical.Check(prompt));
        Say($"ten typical rules, {prompt.Length:N0} characters of prompt");
        isMet &= Target("  µs a check", cost.Microseconds, 25);
        isMet &= Target("  bytes a check", cost.Bytes, 0);
        var accented = prompt.Replace("resume", "résumé", StringComparison.Ordinal);
        Require(accented.Contains('é', StringComparison.Ordinal), "the prompt has no accent");
        cost = Best(() => typical.Check(accented));
        Say($"{"  the same with accents: µs, and bytes",-54}{cost.Microseconds,10:N1}{cost.Bytes,14:N0}");

        var full = Set(SampleRules.Full);
        foreach (var (name, text) in SampleRules.LongTexts(10_000))
        {
            var (times, processor) = Times(() => full.Check(text), 400);
            Say($"full local rule set, {text.Length:N0} characters, {name}");
            Say($"{"  p50 in ms, and of processor time",-54}{times[times.Count / 2],10:N3}{processor[processor.Count / 2],14:N3}");
            isMet &= Target("  p95 in ms", times[(int)(times.Count * 0.95)], 5);
            Say($"{"  p95 of processor time in ms",-54}{processor[(int)(processor.Count * 0.95)],10:N2}");
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
            var elapsed = BestOfThree(() => set.Check(text));
            pairs++;
            if (elapsed > worst)
                (worst, worstPair) = (elapsed, $"{pattern} on {text.Length:N0} characters");
        }
        Say($"{pairs} hostile pairs of a regex and a text");
        isMet &= Target("  worst ms", worst, 250);
        Say($"  {worstPair}");
        var all = Set(SampleRules.Hostile().Select(pair => pair.Pattern).Distinct().Select(pattern => SampleRules.Rule(RuleType.Regex, new { patterns = new[] { pattern } })));
        foreach (var text in SampleRules.Hostile().Select(pair => pair.Text).Distinct())
            worst = Math.Max(worst, BestOfThree(() => all.Check(text)));
        isMet &= Target("  all of them together on each text: worst ms", worst, 250);

        var words = Set([SampleRules.Rule(RuleType.Keyword, new { words = SampleRules.Words(1_000) })]);
        foreach (var (name, text) in SampleRules.LongTexts(100_000))
            Say($"{$"1,000 words, {text.Length:N0} characters, {name}: p50 in ms",-54}{Times(() => words.Check(text), 60).Wall[30],10:N2}");
        return isMet ? 0 : 1;
    }

    private static RuleSet Set(IEnumerable<Guardrail> guardrails, bool mustBuild = false)
    {
        var compiled = guardrails.Select(CompiledGuardrail.Build).ToList();
        if (mustBuild && compiled.Find(one => one.Broken is not null) is { } broken)
            throw new FormatException(broken.Broken);
        return new RuleSet(compiled.Where(one => one.Broken is null));
    }

    /// <summary>The best of three rounds: on a busy machine the compiler may still be at work in the first one.</summary>
    private static Stopwatched Best(Action action) => Stopwatched.Of(action).Or(Stopwatched.Of(action)).Or(Stopwatched.Of(action));

    /// <summary>The times of single calls in ms, each list sorted, after some to warm up. The processor's time is also right where other programs keep the machine busy.</summary>
    private static (List<double> Wall, List<double> Processor) Times(Action action, int turns)
    {
        for (var turn = 0; turn < 40; turn++)
            action();
        var (wall, processor) = (new List<double>(), new List<double>());
        for (var turn = 0; turn < turns; turn++)
        {
            var (started, used) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
            action();
            wall.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            processor.Add((Environment.CpuUsage.TotalTime - used).TotalMilliseconds);
        }
        wall.Sort();
        processor.Sort();
        return (wall, processor);
    }

    /// <summary>In ms. A limit of time is one of the wall's clock, so a machine that is busy elsewhere looks slow: three turns tell.</summary>
    private static double BestOfThree(Action action)
    {
        var best = double.MaxValue;
        for (var turn = 0; turn < 3; turn++)
        {
            var started = Stopwatch.GetTimestamp();
            action();
            best = Math.Min(best, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
        return best;
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
