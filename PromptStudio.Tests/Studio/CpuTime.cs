namespace PromptStudio.Tests.Studio;

/// <summary>
/// The processor's time that work takes: a machine that is busy with something else makes it no longer. It is the whole process's, so that what
/// the runtime does for the work counts too: for tests that run <see cref="AloneOnTheMachine"/>.
/// </summary>
internal static class CpuTime
{
    private const int Turns = 5;

    public static TimeSpan Of(Action work)
    {
        var started = Environment.CpuUsage.TotalTime;
        work();
        return Environment.CpuUsage.TotalTime - started;
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
}
