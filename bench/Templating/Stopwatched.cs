namespace PromptStudio.Bench.Templating;

/// <summary>What one call costs: the best of several series, and what a series allocates a call.</summary>
/// <param name="Microseconds">Of one call.</param>
/// <param name="Bytes">Allocated by one call.</param>
internal readonly record struct Stopwatched(double Microseconds, long Bytes)
{
    private const int Times = 15;

    private static readonly TimeSpan Series = TimeSpan.FromMilliseconds(40);

    // Not the clock's: it is the same when other programs want the machine too.
    private static TimeSpan Now => Environment.CpuUsage.TotalTime;

    /// <summary>Measures as Python's side does: the processor's time of the process, the best of several series.</summary>
    public static Stopwatched Of(Action action)
    {
        var turns = 1;
        for (var start = Now; Now - start < Times * Series; turns++)
        {
            action();
        }

        turns = Math.Max(1, turns / Times);
        var best = TimeSpan.MaxValue;
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Times; i++)
        {
            var start = Now;
            for (var turn = 0; turn < turns; turn++)
            {
                action();
            }

            best = Now - start is var taken && taken < best ? taken : best;
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        return new Stopwatched(best.TotalMicroseconds / turns, allocated / (Times * turns));
    }

    public Stopwatched Or(Stopwatched other) => Microseconds <= other.Microseconds ? this : other;
}
