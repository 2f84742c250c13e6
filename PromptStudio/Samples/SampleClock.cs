namespace PromptStudio.Samples;

/// <summary>The clock of a studio that is filled with a past: whoever writes says when it is.</summary>
public sealed class SampleClock(DateTimeOffset now) : TimeProvider
{
    /// <summary>The instant that everything is written at.</summary>
    public DateTimeOffset Now { get; set; } = now;

    public override DateTimeOffset GetUtcNow() => Now;
}
