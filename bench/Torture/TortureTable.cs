using System.Diagnostics;
using System.Globalization;
using System.Text;
using PromptStudio.Bench.Load;

namespace PromptStudio.Bench.Torture;

/// <summary>
/// <c>torture [--only NAME] [--write FILE]</c>: a steady load, changes all the while, and one fault after the other. Afterwards what callers have noted is held against the
/// database. Bounded, and on this machine only.
/// </summary>
internal static class TortureTable
{
    private const string Begin = "<!-- torture: begin -->";

    private const string End = "<!-- torture: end -->";

    private static readonly TimeSpan Before = TimeSpan.FromSeconds(6);

    private static readonly TimeSpan After = TimeSpan.FromSeconds(12);

    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(500);

    public static async Task<int> RunAsync(string[] arguments)
    {
        var only = arguments.Option("--only");
        var write = arguments.Option("--write");
        var faults = Fault.All.Where(fault => only is null || only.Split(',').Contains(fault.Name)).ToList();
        if (faults.Count == 0)
        {
            await Console.Error.WriteLineAsync($"torture: there is no fault '{only}'; there are {string.Join(", ", Fault.All.Select(fault => fault.Name))}.");
            return 2;
        }
        LoadBench.Print($"{Callers.Rate} renders a second by 16 callers, every third with an outcome; about ten changes a second all the while");
        LoadBench.Print("");
        LoadBench.Print(Head);
        LoadBench.Print(Line);
        var rows = new List<string>();
        var isGood = true;
        foreach (var fault in faults)
        {
            var (row, held) = fault.Missing is { } missing ? ($"| {fault.Title} | *not tried: {missing}* | | | | | | |", true) : await RunAsync(fault);
            LoadBench.Print(row);
            rows.Add(row);
            isGood &= held;
        }
        LoadBench.Print("");
        LoadBench.Print(isGood ? "Every promise was kept." : "A promise was BROKEN.");
        if (write is not null)
            await WriteAsync(write, rows);
        return isGood ? 0 : 3;
    }

    private const string Head = "| fault | acknowledged | lost | doubled | wrong version | outcomes lost | longest gap | normal after |";

    private const string Line = "| --- | --- | --- | --- | --- | --- | --- | --- |";

    private static async Task<(string Row, bool IsGood)> RunAsync(Fault fault)
    {
        TortureStage? stage = null;
        try
        {
            stage = await fault.StartAsync();
            var journal = new Journal();
            journal.Activated(TortureStage.Changed, 1, 0, 0, isAcknowledged: true);
            long began, over;
            await using (var callers = new Callers(journal, () => stage.Addresses, TortureStage.Key))
            await using (var changes = new Changes(journal, stage.Client, () => stage.Addresses[0], stage.Made))
            {
                callers.Start();
                changes.Start();
                await Task.Delay(Before);
                began = Stopwatch.GetTimestamp();
                await fault.HappenAsync(stage);
                over = Stopwatch.GetTimestamp();
                await Task.Delay(After);
                await callers.StopAsync();
            }
            return await WeighAsync(fault, stage, journal, began, over);
        }
        finally
        {
            if (stage is not null)
                await stage.DisposeAsync();
            fault.CleanUp();
            stage?.Remove();
        }
    }

    private static async Task<(string Row, bool IsGood)> WeighAsync(Fault fault, TortureStage stage, Journal journal, long began, long over)
    {
        Acknowledged[] answers = [.. journal.Answers];
        var lost = await CountAsync(
            stage, "SELECT count(*) FROM unnest($1) AS noted (id) WHERE NOT EXISTS (SELECT FROM prompt_executions e WHERE e.id = noted.id AND e.status = 'success')", [.. answers.Select(answer => answer.Execution)]);
        var doubled = answers.Length - answers.Select(answer => answer.Request).Distinct().Count()
            + await CountAsync(stage, "SELECT count(*) FROM (SELECT FROM prompt_executions WHERE request_id = ANY($1) GROUP BY request_id HAVING count(*) > 1) AS doubled", [.. answers.Select(answer => answer.Request)]);
        var wrong = answers.Count(answer => !journal.IsOfItsTime(answer, fault.Lag));
        var outcomes = await CountAsync(
            stage, "SELECT count(*) FROM unnest($1) AS noted (id) WHERE NOT EXISTS (SELECT FROM prompt_executions e WHERE e.id = noted.id AND e.success)",
            [.. answers.Where(answer => answer.HasOutcome).Select(answer => answer.Execution)]);
        var attempts = journal.Attempts.OrderBy(attempt => attempt.Ended).ToArray();
        var gap = Gap(attempts, began);
        var normal = Normal(attempts, began, over);
        var isGood = lost == 0 && doubled == 0 && wrong == 0 && outcomes == 0 && normal is { TotalSeconds: <= 10 };
        return (string.Create(CultureInfo.InvariantCulture,
            $"| {fault.Title} | {answers.Length:N0} | {lost} | {doubled} | {wrong} | {outcomes} | {gap.TotalSeconds:0.00} s | {(normal is { } after ? $"{after.TotalSeconds:0.0} s" : "*not within 12 s*")} |"), isGood);
    }

    /// <summary>The longest time without an answer, from a moment before the fault on.</summary>
    private static TimeSpan Gap((long Sent, long Ended, bool IsGood)[] attempts, long began)
    {
        var ends = attempts.Where(attempt => attempt.IsGood && Stopwatch.GetElapsedTime(attempt.Ended, began) < TimeSpan.FromSeconds(1)).Select(attempt => attempt.Ended).ToArray();
        return ends.Zip(ends.Skip(1), Stopwatch.GetElapsedTime).DefaultIfEmpty(TimeSpan.MaxValue).Max();
    }

    /// <summary>How long after the end of the fault answers are as quick as before: two half seconds in a row without a failure, and whose 95th percentile is at most twice that of before, and 10 ms.</summary>
    private static TimeSpan? Normal((long Sent, long Ended, bool IsGood)[] attempts, long began, long over)
    {
        // The first seconds of a fresh app are slow by themselves.
        var usual = P95(attempts.Where(attempt => attempt.Ended < began && Stopwatch.GetElapsedTime(attempt.Ended, began) < Before / 2));
        var inARow = 0;
        for (var window = 0; Window * window < After; window++)
        {
            var (from, until) = (over + Ticks(Window * window), over + Ticks(Window * (window + 1)));
            var inside = attempts.Where(attempt => attempt.Ended >= from && attempt.Ended < until).ToArray();
            inARow = inside.Length > 0 && inside.All(attempt => attempt.IsGood) && P95(inside) <= (2 * usual) + TimeSpan.FromMilliseconds(10) ? inARow + 1 : 0;
            if (inARow == 2)
                return Window * (window - 1);
        }
        return null;
    }

    private static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);

    private static TimeSpan P95(IEnumerable<(long Sent, long Ended, bool IsGood)> attempts)
    {
        var times = attempts.Where(attempt => attempt.IsGood).Select(attempt => Stopwatch.GetElapsedTime(attempt.Sent, attempt.Ended)).Order().ToArray();
        return times.Length == 0 ? TimeSpan.MaxValue / 4 : times[(int)(times.Length * 0.95)];
    }

    private static async Task<long> CountAsync(TortureStage stage, string sql, Guid[] ids)
    {
#pragma warning disable CA2100 // Constants of this class.
        await using var command = stage.Database.CreateCommand(sql);
#pragma warning restore CA2100
        command.Parameters.Add(new() { Value = ids });
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Puts the table where a document has its place for it.</summary>
    private static async Task WriteAsync(string file, List<string> rows)
    {
        var text = await File.ReadAllTextAsync(file);
        var (from, until) = (text.IndexOf(Begin, StringComparison.Ordinal), text.IndexOf(End, StringComparison.Ordinal));
        if (from < 0 || until < from)
            throw new InvalidOperationException($"{file} has no place for the table: {Begin} … {End}");
        var table = new StringBuilder().AppendLine(Head).AppendLine(Line).AppendJoin('\n', rows).Append('\n');
        await File.WriteAllTextAsync(file, string.Concat(text.AsSpan(0, from + Begin.Length), "\n", table.ToString(), text.AsSpan(until)));
    }
}
