using System.Diagnostics;
using System.Globalization;

namespace PromptStudio.Bench.Load;

/// <summary>
/// <c>bench kill [ROUNDS] [--data DIR]</c>: kill -9 of the app and of PostgreSQL under full load, in turns. The client notes each execution that was acknowledged before it sends
/// the next request; afterwards each of them must be in the table.
/// </summary>
internal static class KillBench
{
    private const int Connections = 16;

    public static async Task<int> RunAsync(string[] arguments)
    {
        var data = arguments.Option("--data");
        var rounds = arguments.Select(argument => int.TryParse(argument, CultureInfo.InvariantCulture, out var number) ? number : 0).FirstOrDefault(number => number > 0);
        await using var stage = await Stage.StartAsync(data);
        var lost = 0L;
        for (var round = 1; round <= (rounds > 0 ? rounds : 10); round++)
        {
            foreach (var victim in (string[])["app", "PostgreSQL"])
                lost += await RoundAsync(stage, round, victim);
        }
        LoadBench.Print(lost == 0 ? "No acknowledged execution was lost." : $"{lost} acknowledged executions were LOST.");
        return lost == 0 ? 0 : 3;
    }

    private static async Task<long> RoundAsync(Stage stage, int round, string victim)
    {
        var journal = stage.FileOf($"journal-{victim}-{round}");
        File.Delete(journal);
        var before = await CountAsync(stage);
        var loading = LoadBench.GenerateAsync(stage, new LoadPlan
        {
            Port = stage.Port,
            Path = $"/api/render/{Stage.Prompt}",
            Key = Stage.Key,
            Variables = LoadBench.Variables,
            DryRun = false,
            Connections = Connections,
            Seconds = 4,
            Journal = journal,
        });
        await Task.Delay(1_500 + Random.Shared.Next(500));
        if (victim == "app")
        {
            stage.App.Kill();
            await stage.App.WaitForExitAsync();
        }
        else
        {
            var postmaster = stage.Postmaster;
            foreach (var process in Machine.Children(postmaster).Prepend(postmaster))
                End(process);
        }
        var load = await loading;
        if (victim == "app")
            await stage.StartAppAsync(isKillable: true);
        else
            await UpAsync(stage);
        var acknowledged = (await File.ReadAllLinesAsync(journal)).Where(line => line.Length == 36).Select(Guid.Parse).ToArray();
        await using var find = stage.Database.CreateCommand("SELECT count(*) FROM unnest($1) AS noted (id) WHERE NOT EXISTS (SELECT FROM prompt_executions execution WHERE execution.id = noted.id)");
        find.Parameters.Add(new() { Value = acknowledged });
        find.CommandTimeout = 120;
        var lost = (long)(await find.ExecuteScalarAsync())!;
        var unheard = await CountAsync(stage) - before - acknowledged.Distinct().LongCount();
        LoadBench.Print($"round {round,2}, kill -9 of {victim,-10}: {acknowledged.Length,7:N0} acknowledged ({load.Rate:N0}/s), {lost} lost, {acknowledged.Length - acknowledged.Distinct().Count()} twice; {unheard} more stored whose answer was cut off");
        return lost;
    }

    private static void End(int process)
    {
        try
        {
            Process.GetProcessById(process).Kill();
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            // It went by itself.
        }
    }

    /// <summary>Until PostgreSQL, which its watch starts again, answers.</summary>
    private static async Task UpAsync(Stage stage)
    {
        while (true)
        {
            try
            {
                await CountAsync(stage);
                return;
            }
            catch (Npgsql.NpgsqlException)
            {
                await Task.Delay(100);
            }
        }
    }

    private static async Task<long> CountAsync(Stage stage)
    {
        await using var count = stage.Database.CreateCommand("SELECT count(*) FROM prompt_executions");
        count.CommandTimeout = 120;
        return (long)(await count.ExecuteScalarAsync())!;
    }
}
