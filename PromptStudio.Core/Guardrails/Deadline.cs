namespace PromptStudio.Core.Guardrails;

/// <summary>An instant by which work has to end. <c>default</c> is never over.</summary>
public readonly record struct Deadline
{
    private readonly TimeProvider? _time;
    private readonly long _end;

    private Deadline(TimeProvider time, long end) => (_time, _end) = (time, end);

    /// <summary>Whether the time is up.</summary>
    public bool IsOver => _time is not null && _time.GetTimestamp() >= _end;

    /// <summary>How long there still is; never less than nothing.</summary>
    public TimeSpan Left => _time is null ? TimeSpan.MaxValue
        : _time.GetElapsedTime(_time.GetTimestamp(), _end) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;

    /// <summary>A deadline from now on.</summary>
    /// <param name="span">How long there is.</param>
    /// <param name="time">The clock.</param>
    public static Deadline In(TimeSpan span, TimeProvider time) =>
        new(time, time.GetTimestamp() + (long)(span.TotalSeconds * time.TimestampFrequency));

    /// <summary>The earlier of this deadline and of one from now on.</summary>
    public Deadline Within(TimeSpan span, TimeProvider time) => Left <= span ? this : In(span, time);

    /// <exception cref="RuleException">The time is up.</exception>
    public void Keep()
    {
        if (IsOver)
            throw new RuleException("There was no time left to look at the whole text.");
    }
}
