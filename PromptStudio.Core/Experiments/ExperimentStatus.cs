namespace PromptStudio.Core.Experiments;

/// <summary>Where an experiment stands, as the column <c>status</c> spells it.</summary>
public static class ExperimentStatus
{
    /// <summary>Nobody has got it yet; all of it can be changed.</summary>
    public const string Draft = "draft";

    /// <summary>It decides which version callers get.</summary>
    public const string Running = "running";

    /// <summary>Callers get the active version meanwhile.</summary>
    public const string Paused = "paused";

    /// <summary>It has ended without a decision so far.</summary>
    public const string Completed = "completed";

    /// <summary>It has ended with a decision.</summary>
    public const string WinnerDeclared = "winner_declared";

    /// <summary>Every status, in the order of an experiment's life.</summary>
    public static IReadOnlyList<string> All { get; } = [Draft, Running, Paused, Completed, WinnerDeclared];
}
