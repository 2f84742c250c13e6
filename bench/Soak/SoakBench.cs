using System.Diagnostics;
using System.Globalization;
using PromptStudio.Bench.Load;
using PromptStudio.Bench.Screens;
using PromptStudio.Bench.Torture;
using Journal = PromptStudio.Bench.Torture.Journal;

namespace PromptStudio.Bench.Soak;

/// <summary>
/// <c>bench soak [MINUTES]</c>: mixed load on a studio with its embedded PostgreSQL, and every ten seconds a look at what it holds: memory, handles, threads, connections,
/// circuits. What it holds after the first three minutes is all that it may hold at the end.
/// </summary>
internal static class SoakBench
{
    /// <summary>Until code is compiled, caches are filled, and the first pages that went away without a word are given up.</summary>
    private const int WarmUp = 3;

    private const int Shortest = 3;

    private const double MostGrowth = 0.05;

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    /// <summary>A circuit whose browser went away is kept for three minutes, a connection that is not needed for five.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromMinutes(6);

    public static async Task<int> RunAsync(string[] arguments)
    {
        if (!int.TryParse(arguments.FirstOrDefault() ?? "20", CultureInfo.InvariantCulture, out var minutes) || minutes < Shortest)
        {
            await Console.Error.WriteLineAsync($"soak: name the minutes, at least {Shortest}: bench soak 20");
            return 2;
        }
        var stage = await TortureStage.StartAsync(settings: [$"--Bootstrap:AdminEmail={StudioBrowser.Email}", $"--Bootstrap:AdminPassword={StudioBrowser.Password}"]);
        try
        {
            return await RunAsync(stage, minutes);
        }
        finally
        {
            await stage.DisposeAsync();
            stage.Remove();
        }
    }

    private static async Task<int> RunAsync(TortureStage stage, int minutes)
    {
        // A trial of some minutes has a shorter warm-up, and says little.
        var warm = Math.Min(WarmUp, (minutes - 1) / 2);
        LoadBench.Print($"{minutes} minutes: {Callers.Rate} renders a second and an outcome for every third, {Readers.DryRuns} dry runs, {Readers.Reads} reads of the admin API, some eight changes, and two people who open and close pages");
        LoadBench.Print($"Memory in the minutes {warm + 1} and {minutes} is taken after full collections, so that only what is in use counts.");
        LoadBench.Print("");
        LoadBench.Print("| minute | requests | errors | pages | memory MB | heap MB | handles | threads | connections | circuits |");
        LoadBench.Print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        var journal = new Journal();
        journal.Activated(TortureStage.Changed, 1, 0, 0, isAcknowledged: true);
        var rows = new List<Sample>();
        var callers = new Callers(journal, () => stage.Addresses, TortureStage.Key);
        var readers = new Readers(stage.Client, stage.Made);
        var changes = new Changes(journal, stage.Client, () => stage.Addresses[0], stage.Made);
        var browser = await StudioBrowser.StartAsync();
        var visitors = new Visitors(await browser.SignInAsync(stage.Addresses[0]), stage.Made);
        // At the end who still waits for an answer gets it, and it counts.
        await using (browser)
        await using (visitors)
        await using (changes)
        await using (readers)
        await using (callers)
        {
            callers.Start();
            readers.Start();
            changes.Start();
            visitors.Start();
            var began = Stopwatch.GetTimestamp();
            var before = (Requests: 0L, Errors: 0L, Pages: 0);
            for (var minute = 1; minute <= minutes; minute++)
            {
                rows.Add(Sample.Median(await SampleAsync(stage, began, minute, minute == warm + 1 || minute == minutes)));
                var now = (Requests: Sent(), Errors: Failed(), Pages: visitors.Opened);
                Print(string.Create(CultureInfo.InvariantCulture, $"{minute} | {now.Requests - before.Requests:N0} | {now.Errors - before.Errors} | {now.Pages - before.Pages}"), rows[^1]);
                before = now;
            }
        }
        var complaints = string.Join("; ", new[] { readers.Complaint, changes.Complaint, visitors.Complaint }.OfType<string>());
        var wrong = journal.Answers.Count(answer => !journal.IsOfItsTime(answer, TimeSpan.Zero));
        var rest = await RestAsync(stage, rows[warm]);
        Print("at rest | | |", rest);
        LoadBench.Print("");
        return Weigh(rows[warm], rows[^1], rest, warm + 1, Sent(), Failed(), wrong, complaints) ? 0 : 3;

        long Sent() => callers.Sent + readers.Sent + changes.Done + changes.Failed;
        long Failed() => callers.Failed + readers.Failed + changes.Failed + visitors.Failed;
    }

    private static async Task<List<Sample>> SampleAsync(TortureStage stage, long began, int minute, bool isCollected)
    {
        var samples = new List<Sample>();
        for (var at = TimeSpan.FromMinutes(minute - 1) + Every; at <= TimeSpan.FromMinutes(minute); at += Every)
        {
            var left = at - Stopwatch.GetElapsedTime(began);
            if (left > TimeSpan.Zero)
                await Task.Delay(left);
            samples.Add(await Sample.TakeAsync(stage, began, isCollected));
        }
        return samples;
    }

    /// <summary>Until the studio has let go what the load needed, or for six minutes.</summary>
    private static async Task<Sample> RestAsync(TortureStage stage, Sample early)
    {
        var ended = Stopwatch.GetTimestamp();
        while (true)
        {
            await Task.Delay(Every);
            var sample = await Sample.TakeAsync(stage, ended, isCollected: true);
            if ((sample.Circuits == 0 && sample.Handles <= early.Handles && sample.Connections <= early.Connections) || sample.At > Rest)
                return sample;
        }
    }

    private static bool Weigh(Sample early, Sample late, Sample rest, int minute, long requests, long errors, int wrong, string complaints)
    {
        var growth = (late.Memory / early.Memory) - 1;
        return Say(errors == 0, $"{requests:N0} requests, {errors} errors = 0{(errors > 0 ? $" ({complaints})" : "")}")
            & Say(wrong == 0, $"{wrong} answers of a version that was not active = 0")
            & Say(growth <= MostGrowth, $"memory in use from {early.Memory:0.0} MB in minute {minute} to {late.Memory:0.0} MB in the last: {growth:+0.0%;-0.0%;0.0%} ≤ {MostGrowth:0%} (of it objects: {early.Heap:0.0} MB to {late.Heap:0.0} MB)")
            & Say(rest.Handles <= early.Handles, $"handles at rest {rest.Handles:0} ≤ {early.Handles:0} in minute {minute} ({late.Handles:0} in the last)")
            & Say(rest.Connections <= early.Connections, $"connections at rest {rest.Connections:0} ≤ {early.Connections:0} in minute {minute} ({late.Connections:0} in the last)")
            & Say(rest.Circuits == 0, $"circuits at rest {rest.Circuits:0} = 0, after {rest.At.TotalSeconds:0} s ({early.Circuits:0} in minute {minute}, {late.Circuits:0} in the last)");
    }

    private static bool Say(bool isMet, FormattableString promise)
    {
        LoadBench.Print($"{promise.ToString(CultureInfo.InvariantCulture)} {(isMet ? "met" : "MISSED")}");
        return isMet;
    }

    private static void Print(string begin, Sample sample) => LoadBench.Print(string.Create(
        CultureInfo.InvariantCulture, $"| {begin} | {sample.Memory:0.0} | {sample.Heap:0.0} | {sample.Handles:0} | {sample.Threads:0} | {sample.Connections:0} | {sample.Circuits:0} |"));
}
