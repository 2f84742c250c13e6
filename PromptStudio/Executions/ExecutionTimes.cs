using PromptStudio.Shell;

namespace PromptStudio.Executions;

/// <summary>How times of executions are written.</summary>
public static class ExecutionTimes
{
    /// <summary>A render: <c>84 µs</c>, <c>1.2 ms</c>.</summary>
    public static string Render(int microseconds) => microseconds < 1_000
        ? Figures.Count(microseconds) + "\u00a0µs"
        : (microseconds / 1_000.0).ToString("0.0", Languages.Current.Format) + "\u00a0ms";

    /// <summary>A call of a model: <c>612 ms</c>, <c>30.0 s</c>.</summary>
    public static string Call(int milliseconds) => milliseconds < 10_000
        ? Figures.Count(milliseconds) + "\u00a0ms"
        : (milliseconds / 1_000.0).ToString("0.0", Languages.Current.Format) + "\u00a0s";
}
