using System.Diagnostics;
using System.Globalization;
using PromptStudio.Tests.Experiments;

namespace PromptStudio.Bench.Experiments;

/// <summary><c>./studio bench aa</c>: how often experiments without an effect are significant, and how often intervals hold the true effect, through the product's own pipeline.</summary>
internal static class NullExperimentTable
{
    private const int Looks = 20;
    private const int UsersPerLook = 15;

    /// <summary>Runs both simulations, and prints what came out.</summary>
    /// <param name="count">Experiments of each.</param>
    /// <returns>0 when all of it is within the bounds.</returns>
    public static async Task<int> RunAsync(int count)
    {
        await using var database = await BenchDatabase.StartAsync();
        var clock = Stopwatch.StartNew();
        // 99.9 % of what chance does to a true 5 %: 69 to 133 of 2,000.
        var spread = 3.29 * Math.Sqrt(0.05 * 0.95 / count);
        var isRight = true;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count:N0} experiments without an effect, {Looks} looks of {UsersPerLook} users each, several executions a user"));
        var none = new NullExperiments(database.Source, seed: 2026);
        await none.AddAsync(count, deviation: 0, CancellationToken.None);
        for (var look = 1; look <= Looks; look++)
        {
            await none.StoreAsync(UsersPerLook, CancellationToken.None);
            await RecomputeAsync(database, none);
            await Console.Error.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"\rlook {look} of {Looks}, {clock.Elapsed.TotalSeconds:N0} s "));
        }
        await Console.Error.WriteLineAsync();
        Console.WriteLine("metric               rejected once, at the end        always-valid, looked at all the time");
        foreach (var metric in NullExperiments.Metrics)
        {
            var figures = await none.ReadAsync(metric, CancellationToken.None);
            var once = figures.Count(one => one.Figure.FixedP <= 0.05);
            var always = figures.Count(one => one.Figure.AlwaysValidP <= 0.05);
            var holds = Math.Abs(once / (double)count - 0.05) <= spread && always <= 0.05 * count;
            isRight &= holds;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{metric,-20} {once,5} ({once * 100.0 / count:0.0} %)                   {always,5} ({always * 100.0 / count:0.0} %)   {(holds ? "ok" : "OUT OF BOUNDS")}"));
        }
        var some = new NullExperiments(database.Source, seed: 2027);
        await some.AddAsync(count, deviation: 1, CancellationToken.None);
        await some.StoreAsync(200, CancellationToken.None);
        await RecomputeAsync(database, some);
        var effects = await some.ReadAsync("conversion", CancellationToken.None);
        var covered = effects.Count(one => one.Figure.Lower <= one.Effect && one.Effect <= one.Figure.Upper) * 100.0 / count;
        var covers = Math.Abs(covered - 95) <= Math.Max(1.5, 329 * Math.Sqrt(0.05 * 0.95 / count));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"95 % intervals over {count:N0} simulated effects: {covered:0.0} % hold the true one   {(covers ? "ok" : "OUT OF BOUNDS")}"));
        var executions = await database.AskAsync<long>("SELECT count(*) FROM prompt_executions");
        var snapshots = await database.AskAsync<long>("SELECT count(*) FROM experiment_snapshots");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{executions:N0} executions, {snapshots:N0} snapshots, {clock.Elapsed.TotalSeconds:N0} s"));
        return isRight && covers ? 0 : 1;
    }

    private static async Task RecomputeAsync(BenchDatabase database, NullExperiments experiments) =>
        await Parallel.ForEachAsync(experiments.Ids, new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (id, cancellationToken) => await database.Recompute.RunAsync(id, wait: true, cancellationToken));
}
