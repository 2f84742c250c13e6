using System.Diagnostics;
using System.Globalization;
using PromptStudio.Tests.Experiments;

namespace PromptStudio.Bench.Experiments;

/// <summary><c>./studio bench recompute</c>: what a recomputation costs on top of so many stored executions.</summary>
internal static class RecomputeTable
{
    private const int News = 10_000;

    /// <summary>Stores the executions, then measures from scratch, and after 10,000 new ones.</summary>
    /// <param name="executions">Stored executions, eight a user.</param>
    public static async Task<int> RunAsync(long executions)
    {
        await using var database = await BenchDatabase.StartAsync();
        var simulated = new NullExperiments(database.Source, seed: 1);
        await simulated.AddAsync(1, deviation: 0, CancellationToken.None);
        var id = simulated.Ids[0];
        var clock = Stopwatch.StartNew();
        await StoreAsync(database, id, executions);
        Report("stored", clock.Elapsed, $"{executions:N0} executions with outcomes");
        Settle();
        var memory = GC.GetTotalMemory(forceFullCollection: true);

        clock.Restart();
        await database.Recompute.FromScratchAsync(id, CancellationToken.None);
        Report("from scratch", clock.Elapsed, $"{await database.AskAsync<long>("SELECT count(*) FROM experiment_units"):N0} users");

        for (var turn = 1; turn <= 3; turn++)
        {
            await database.AskAsync<long>(
                """
                WITH stored AS (
                    INSERT INTO prompt_executions (id, created_at, prompt_template_id, variables, rendered_prompt, status, experiment_id, experiment_phase, ab_test_group, user_id, success, execution_time_ms, outcome_at)
                    SELECT gen_random_uuid(), now(), $1, '{}', '', 'success', $1, 1, CASE (n * $3) % ($4 / 8) % 2 WHEN 0 THEN 'control' ELSE 'variant_a' END, 'u' || (n * $3) % ($4 / 8), n % 3 = 0, 100 + n % 700, now()
                    FROM generate_series(1, $2) n RETURNING 1)
                SELECT count(*) FROM stored
                """, id, (long)News, 977L + turn, executions);
            clock.Restart();
            var done = await database.Recompute.RunAsync(id, wait: true, CancellationToken.None);
            Report($"{News:N0} new ones", clock.Elapsed, $"{done.Events:N0} lines of the queue");
        }
        Settle();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"memory of the process: {(GC.GetTotalMemory(forceFullCollection: true) - memory) / 1e6:+0.0;-0.0} MB, {Process.GetCurrentProcess().PeakWorkingSet64 / 1e6:N0} MB at most"));
        return 0;
    }

    /// <summary>Around the queue: as executions that were counted long ago.</summary>
    private static async Task StoreAsync(BenchDatabase database, Guid id, long executions)
    {
        const int chunk = 500_000;
        await using var connection = await database.Source.OpenConnectionAsync();
        await using (var off = new Npgsql.NpgsqlCommand("SET session_replication_role = replica", connection))
            await off.ExecuteNonQueryAsync();
        for (var from = 0L; from < executions; from += chunk)
        {
            await using var store = new Npgsql.NpgsqlCommand(
                """
                INSERT INTO prompt_executions (id, created_at, prompt_template_id, variables, rendered_prompt, status, experiment_id, experiment_phase, ab_test_group, user_id, success, execution_time_ms, outcome_at)
                SELECT gen_random_uuid(), now(), $1, '{}', '', 'success', $1, 1, CASE n % ($4 / 8) % 2 WHEN 0 THEN 'control' ELSE 'variant_a' END, 'u' || n % ($4 / 8), n % 3 = 0, 100 + n % 700, now()
                FROM generate_series($2, $3 - 1) n
                """, connection);
            store.Parameters.AddRange(new object[] { id, from, Math.Min(from + chunk, executions), executions }.Select(value => new Npgsql.NpgsqlParameter { Value = value }).ToArray());
            await store.ExecuteNonQueryAsync();
        }
        await using (var reset = new Npgsql.NpgsqlCommand("RESET session_replication_role", connection))
            await reset.ExecuteNonQueryAsync();
        await using (var vacuum = new Npgsql.NpgsqlCommand("VACUUM ANALYZE prompt_executions", connection))
            await vacuum.ExecuteNonQueryAsync();
    }

    private static void Settle()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    private static void Report(string what, TimeSpan elapsed, FormattableString detail) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-16} {elapsed.TotalSeconds,8:0.000} s   ") + FormattableString.Invariant(detail));
}
