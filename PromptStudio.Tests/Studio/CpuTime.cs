using System.Runtime.InteropServices;

namespace PromptStudio.Tests.Studio;

/// <summary>
/// The processor's time that work takes on its own thread, as Linux counts it: neither a machine that is busy with something else nor what the runtime compiles
/// or collects meanwhile makes it longer.
/// </summary>
internal static partial class CpuTime
{
    private const int Turns = 5;

    public static TimeSpan Of(Action work)
    {
        var started = OfThisThread();
        work();
        return OfThisThread() - started;
    }

    /// <summary>Fails when none of several turns takes less: caches that others have emptied only ever add.</summary>
    public static void AssertLess(TimeSpan allowed, Action work)
    {
        var least = TimeSpan.MaxValue;
        for (var turn = 0; turn < Turns && least >= allowed; turn++)
            least = Of(work) is var taken && taken < least ? taken : least;
        Assert.True(least < allowed, $"took {least.TotalMilliseconds:N0} ms of the processor's time");
    }

    /// <summary>Fails when one work takes so many times as long as another, in the best turns of both.</summary>
    public static void AssertLess(int times, Action little, Action much)
    {
        var (least, most) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
        for (var turn = 0; turn < 12; turn++)
        {
            least = Of(little) is var one && one < least ? one : least;
            most = Of(much) is var other && other < most ? other : most;
            if (most < times * least)
                return;
        }
        Assert.Fail($"took {most.TotalMilliseconds:N1} ms of the processor's time, {most / least:N1} times as long as {least.TotalMilliseconds:N1} ms");
    }

    private static TimeSpan OfThisThread()
    {
        const int ThreadCpuTime = 3;
        Assert.Equal(0, GetTime(ThreadCpuTime, out var time));
        return new TimeSpan(time.Seconds * TimeSpan.TicksPerSecond + time.Nanoseconds / TimeSpan.NanosecondsPerTick);
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int GetTime(int clock, out Time time);

    private struct Time
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
