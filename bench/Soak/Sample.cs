using System.Diagnostics;
using PromptStudio.Bench.Load;
using PromptStudio.Bench.Torture;

namespace PromptStudio.Bench.Soak;

/// <summary>What a studio holds at one moment.</summary>
/// <param name="At">Since when the load began.</param>
/// <param name="Memory">Megabytes that are resident.</param>
/// <param name="Heap">Megabytes of it that are .NET's objects.</param>
/// <param name="Handles">Files and sockets.</param>
/// <param name="Threads">Of the process.</param>
/// <param name="Connections">To PostgreSQL.</param>
/// <param name="Circuits">Of pages that are open, or whose browser may still come back.</param>
internal sealed record Sample(TimeSpan At, double Memory, double Heap, double Handles, double Threads, double Connections, double Circuits)
{
    /// <summary>Looks now.</summary>
    /// <param name="stage">The studio.</param>
    /// <param name="began">When the load began.</param>
    /// <param name="isCollected">After a full collection, so that memory is what is in use.</param>
    public static async Task<Sample> TakeAsync(TortureStage stage, long began, bool isCollected)
    {
        var said = await Machine.AskAsync(stage.AskPort, isCollected);
        var memory = Machine.Memory(stage.App);
        await using var count = stage.Database.CreateCommand("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()");
        var connections = (long)(await count.ExecuteScalarAsync())!;
        return new Sample(Stopwatch.GetElapsedTime(began), memory, said.Heap, Machine.Handles(stage.App), Machine.Threads(stage.App), connections, said.Circuits);
    }

    /// <summary>The middle of each figure.</summary>
    public static Sample Median(IReadOnlyList<Sample> samples)
    {
        return new Sample(samples[^1].At, Middle(sample => sample.Memory), Middle(sample => sample.Heap), Middle(sample => sample.Handles), Middle(sample => sample.Threads), Middle(sample => sample.Connections), Middle(sample => sample.Circuits));

        double Middle(Func<Sample, double> figure)
        {
            double[] figures = [.. samples.Select(figure).Order()];
            return figures[figures.Length / 2];
        }
    }
}
