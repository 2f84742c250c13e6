using System.Globalization;
using System.Text.Json;
using PromptStudio.Bench.Templating;

namespace PromptStudio.Bench.Load;

/// <summary><c>bench load [ROUNDS] [--data DIR] [--quick]</c>: renders a second, beside a bare Kestrel in the same run; and whether the targets are met.</summary>
internal sealed class LoadBench(Stage stage, int barePort, double seconds)
{
    private static readonly int[] Connections = [1, 16, 64];

    private readonly List<(string Kind, int Connections, LoadResult Result)> _results = [];

    public static async Task<int> RunAsync(string[] arguments)
    {
        var isQuick = arguments.Contains("--quick");
        var data = arguments.Option("--data");
        var rounds = arguments.Select(argument => int.TryParse(argument, CultureInfo.InvariantCulture, out var number) ? number : 0).FirstOrDefault(number => number > 0);
        await using var stage = await Stage.StartAsync(data);
        var answer = stage.FileOf("answer.json");
        await File.WriteAllTextAsync(answer, await stage.RenderAsync());
        var barePort = Machine.FreePort();
        using var bare = Machine.Start([typeof(LoadBench).Assembly.Location, "bare", barePort.ToString(CultureInfo.InvariantCulture), answer], null);
        try
        {
            var bench = new LoadBench(stage, barePort, isQuick ? 1.5 : 4);
            return await bench.RunAsync(rounds > 0 ? rounds : isQuick ? 1 : 3, bare.Id);
        }
        finally
        {
            bare.Kill();
        }
    }

    private async Task<int> RunAsync(int rounds, int bare)
    {
        Print($"{rounds} rounds of {seconds} s; {Environment.ProcessorCount} processors for load generator, app and PostgreSQL together");
        foreach (var kind in (string[])["bare", "dry run", "durable"])
            await LoadAsync(kind, 16, Math.Max(3, seconds), 0);
        var commit = await stage.CommitAsync(500);
        var memory = 0.0;
        foreach (var connections in Connections)
        {
            for (var round = 0; round < rounds; round++)
            {
                foreach (var kind in (string[])["bare", "dry run", "durable"])
                {
                    _results.Add((kind, connections, await LoadAsync(kind, connections, seconds, 0)));
                    memory = Math.Max(memory, Machine.Memory(stage.App.Id));
                }
            }
        }
        Print("");
        Print("                     renders/s      p50 ms    p99 ms  p99.9 ms  errors");
        foreach (var connections in Connections)
        {
            foreach (var kind in (string[])["bare", "dry run", "durable"])
                Print($"{kind,-8} {connections,4} conn. {Rate(kind, connections),10:N0} {Median(kind, connections, result => result.P50),11:0.000} {Median(kind, connections, result => result.P99),9:0.00} {Median(kind, connections, result => result.P999),9:0.00} {Sum(kind, connections),7}");
        }

        var (before, app, postgres) = (await AllocatedAsync(), Machine.CpuOfTree(stage.App.Id), PostgresCpu());
        var full = await LoadAsync("durable", 64, Math.Max(2, seconds), 0);
        var (allocated, appCpu, postgresCpu) = (await AllocatedAsync() - before, Machine.CpuOfTree(stage.App.Id) - app, PostgresCpu() - postgres);
        Print("");
        Print($"durable, 64 connections: {full.Rate:N0}/s; processor µs a render: app {appCpu * 1e6 / full.Requests:0.0}, PostgreSQL {postgresCpu * 1e6 / full.Requests:0.0}, generator {full.CpuSeconds * 1e6 / full.Requests:0.0}");
        var (dryBefore, dryCpu) = (await AllocatedAsync(), Machine.CpuOfTree(stage.App.Id));
        var dry = await LoadAsync("dry run", 64, Math.Max(2, seconds), 0);
        Print($"dry run, 64 connections: {dry.Rate:N0}/s; app {(Machine.CpuOfTree(stage.App.Id) - dryCpu) * 1e6 / dry.Requests:0.0} µs, generator {dry.CpuSeconds * 1e6 / dry.Requests:0.0} µs, {(await AllocatedAsync() - dryBefore) / (double)dry.Requests:N0} bytes a render");
        var bareCpu = Machine.Cpu(bare);
        var alone = await LoadAsync("bare", 64, Math.Max(2, seconds), 0);
        Print($"bare,    64 connections: {alone.Rate:N0}/s; server {(Machine.Cpu(bare) - bareCpu) * 1e6 / alone.Requests:0.0} µs, generator {alone.CpuSeconds * 1e6 / alone.Requests:0.0} µs");

        var half = new List<LoadResult>();
        for (var turn = 0; turn < (seconds < 2 ? 2 : 5); turn++)
            half.Add(await LoadAsync("durable", 16, seconds, Rate("durable", 16) / 2));
        var best = half.MinBy(result => result.P99 / result.P50)!;
        await stage.StopAppAsync();
        await stage.StartAppAsync();

        Print("");
        var met = true;
        void Target(string what, double value, double bound, bool atLeast, string unit = "")
        {
            var isMet = atLeast ? value >= bound : value <= bound;
            met &= isMet;
            Print($"{what,-66} {value,8:0.00}{unit,-3} {(atLeast ? "≥" : "≤")} {bound,6:0.00}{unit,-3} {(isMet ? "met" : "MISSED")}");
        }

        Target("durable renders/s ÷ bare, 16 connections", Rate("durable", 16) / Rate("bare", 16), 0.25, atLeast: true);
        Target("durable renders/s ÷ bare, 64 connections", Rate("durable", 64) / Rate("bare", 64), 0.35, atLeast: true);
        Target($"durable p50 at 1 connection (a commit takes {commit:0.000} ms here)", Median("durable", 1, result => result.P50), (1.2 * commit) + 0.15, atLeast: false, " ms");
        Target("dry-run renders/s ÷ bare, 64 connections", Rate("dry run", 64) / Rate("bare", 64), 0.80, atLeast: true);
        Target("durable p50 ÷ bare p50, 16 connections", Median("durable", 16, result => result.P50) / Median("bare", 16, result => result.P50), 6, atLeast: false);
        Target("durable p50 ÷ bare p50, 64 connections", Median("durable", 64, result => result.P50) / Median("bare", 64, result => result.P50), 4.5, atLeast: false);
        Target($"p99 ÷ p50 at half the rate, best of {half.Count} ({best.P50:0.00} and {best.P99:0.00} ms)", best.P99 / best.P50, 6, atLeast: false);
        Target("allocated a durable render", allocated / (double)full.Requests / 1000, 12, atLeast: false, " kB");
        Target("memory of the process under full load", memory, 300, atLeast: false, " MB");
        Target("from start to ready, database up", stage.Readiness.TotalSeconds, 3, atLeast: false, " s");
        return met ? 0 : 3;
    }

    private async Task<LoadResult> LoadAsync(string kind, int connections, double duration, double rate) => await GenerateAsync(stage, new LoadPlan
    {
        Port = kind == "bare" ? barePort : stage.Port,
        Path = $"/api/render/{Stage.Prompt}",
        Key = Stage.Key,
        Variables = Variables,
        DryRun = kind == "dry run",
        Connections = connections,
        Seconds = duration,
        Rate = rate,
    });

    internal static string Variables { get; } = JsonSerializer.Serialize(JsonElement.Parse(SamplePrompt.Json));

    internal static async Task<LoadResult> GenerateAsync(Stage stage, LoadPlan plan)
    {
        var file = stage.FileOf($"plan-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow())}.json");
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(plan));
        using var generator = Machine.Start([typeof(LoadBench).Assembly.Location, "generate", file], null, ("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1"));
        var output = await generator.StandardOutput.ReadToEndAsync();
        await generator.WaitForExitAsync();
        File.Delete(file);
        return JsonSerializer.Deserialize<LoadResult>(output) ?? throw new InvalidOperationException(await generator.StandardError.ReadToEndAsync());
    }

    internal static void Print(string line) => Console.WriteLine(line);

    private async Task<long> AllocatedAsync() => (await Machine.AskAsync(stage.AskPort)).Allocated;

    private double PostgresCpu() => Machine.CpuOfTree(stage.Postmaster);

    private double Rate(string kind, int connections) => Median(kind, connections, result => result.Rate);

    private long Sum(string kind, int connections) => _results.Where(result => result.Kind == kind && result.Connections == connections).Sum(result => result.Result.Errors);

    private double Median(string kind, int connections, Func<LoadResult, double> value)
    {
        double[] values = [.. _results.Where(result => result.Kind == kind && result.Connections == connections).Select(result => value(result.Result)).Order()];
        return values[values.Length / 2];
    }
}
