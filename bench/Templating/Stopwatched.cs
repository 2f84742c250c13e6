using System.Diagnostics;

namespace PromptStudio.Bench.Templating;

/// <summary>What one call costs: the best of several series, and what a series allocates a call.</summary>
/// <param name="Microseconds">Of one call.</param>
/// <param name="Bytes">Allocated by one call.</param>
internal readonly record struct Stopwatched(double Microseconds, long Bytes)
{
    private static readonly TimeSpan Series = TimeSpan.FromMilliseconds(150);

    /// <summary>Measures as Python's side does: the best of seven series.</summary>
    public static Stopwatched Of(Action action)
    {
        var turns = 1;
        for (var warm = Stopwatch.StartNew(); warm.Elapsed < 4 * Series; turns++)
        {
            action();
        }

        turns = Math.Max(1, turns / 4);
        var best = TimeSpan.MaxValue;
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 7; i++)
        {
            var watch = Stopwatch.StartNew();
            for (var turn = 0; turn < turns; turn++)
            {
                action();
            }

            best = watch.Elapsed < best ? watch.Elapsed : best;
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        return new Stopwatched(best.TotalMicroseconds / turns, allocated / (7 * turns));
    }

    public Stopwatched Or(Stopwatched other) => Microseconds <= other.Microseconds ? this : other;
}
