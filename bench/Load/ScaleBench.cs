namespace PromptStudio.Bench.Load;

/// <summary><c>bench scale [--data DIR] [--quick]</c>: the rate of durable renders with no, a million and ten million stored executions, each beside a bare Kestrel.</summary>
internal static class ScaleBench
{
    private const int Connections = 64;

    private const double AtLeast = 0.95;

    public static async Task<int> RunAsync(string[] arguments)
    {
        var isQuick = arguments.Contains("--quick");
        var data = arguments.Option("--data");
        await using var stage = await Stage.StartAsync(data);
        var barePort = Machine.FreePort();
        await File.WriteAllTextAsync(stage.FileOf("answer.json"), await stage.RenderAsync());
        using var bare = Machine.Start([typeof(ScaleBench).Assembly.Location, "bare", barePort.ToString(System.Globalization.CultureInfo.InvariantCulture), stage.FileOf("answer.json")], null);
        try
        {
            await RatioAsync(stage, barePort, 3, 1);
            var shares = new List<double>();
            foreach (var rows in isQuick ? (long[])[0, 100_000, 1_000_000] : [0, 1_000_000, 10_000_000])
            {
                await FillAsync(stage, rows);
                var (durable, kestrel) = await RatioAsync(stage, barePort, isQuick ? 1.5 : 4, isQuick ? 1 : 5);
                shares.Add(durable / kestrel);
                LoadBench.Print($"{rows,12:N0} stored executions: {durable,8:N0} durable renders/s, bare {kestrel,8:N0}/s, ÷ {durable / kestrel:0.000}");
            }
            var kept = shares[^1] / shares[0];
            LoadBench.Print($"of the rate with none, the most keep {kept:0.00} ≥ {AtLeast:0.00} {(kept >= AtLeast ? "met" : "MISSED")}");
            return kept >= AtLeast ? 0 : 3;
        }
        finally
        {
            bare.Kill();
        }
    }

    /// <summary>Medians of rounds in turns.</summary>
    private static async Task<(double Durable, double Bare)> RatioAsync(Stage stage, int barePort, double seconds, int rounds)
    {
        var (durable, bare) = (new List<double>(), new List<double>());
        for (var round = 0; round < rounds; round++)
        {
            foreach (var (port, rates) in new[] { (barePort, bare), (stage.Port, durable) })
            {
                rates.Add((await LoadBench.GenerateAsync(stage, new LoadPlan
                {
                    Port = port,
                    Path = $"/api/render/{Stage.Prompt}",
                    Key = Stage.Key,
                    Variables = LoadBench.Variables,
                    DryRun = false,
                    Connections = Connections,
                    Seconds = seconds,
                })).Rate);
            }
        }
        return (durable.Order().ElementAt(rounds / 2), bare.Order().ElementAt(rounds / 2));
    }

    /// <summary>Stores executions of this month until there are so many.</summary>
    private static async Task FillAsync(Stage stage, long rows)
    {
        await using var fill = stage.Database.CreateCommand(
            """
            INSERT INTO prompt_executions (id, created_at, prompt_template_id, variables, rendered_prompt, render_time_us, status, user_id)
            SELECT (lpad(to_hex(ms), 12, '0') || '7' || substr(hash, 1, 3) || '8' || substr(hash, 4, 15))::uuid, to_timestamp(ms / 1000.0), template.id,
                '{"query": "Why is the sky blue?", "grade_level": 7}', 'You are an expert. Why is the sky blue?', 80, 'success', 'user-' || number % 5000
            FROM (SELECT id FROM prompt_templates WHERE name = 'bench_support' AND is_active) template,
                 generate_series(1, greatest(0, $1 - (SELECT count(*) FROM prompt_executions))) number,
                 LATERAL (SELECT md5(number::text) AS hash, (extract(epoch FROM now() - interval '1 hour') * 1000)::bigint + number / 1000 AS ms) made
            """);
        fill.Parameters.Add(new() { Value = rows });
        fill.CommandTimeout = 0;
        await fill.ExecuteNonQueryAsync();
        await using var analyze = stage.Database.CreateCommand("ANALYZE prompt_executions");
        analyze.CommandTimeout = 0;
        await analyze.ExecuteNonQueryAsync();
        await using var checkpoint = stage.Database.CreateCommand("CHECKPOINT");
        checkpoint.CommandTimeout = 0;
        await checkpoint.ExecuteNonQueryAsync();
    }
}
