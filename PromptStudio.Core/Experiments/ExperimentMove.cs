using PromptStudio.Core.Prompts;

namespace PromptStudio.Core.Experiments;

/// <summary>What can be done with an experiment.</summary>
public enum ExperimentMove
{
    /// <summary>From draft to running.</summary>
    Start,

    /// <summary>From running to paused.</summary>
    Pause,

    /// <summary>From paused to running.</summary>
    Resume,

    /// <summary>From running or paused to completed.</summary>
    Complete,

    /// <summary>From anything that has run to winner_declared.</summary>
    DeclareWinner,

    /// <summary>Changes versions, metrics or the method.</summary>
    Edit,

    /// <summary>Changes the split, which begins a new phase once it has run.</summary>
    Reweigh,

    /// <summary>Changes coverage or the planned end.</summary>
    Adjust,
}

/// <summary>Which moves of experiments are legal, and why not.</summary>
public static class ExperimentState
{
    /// <summary>Where each move may begin.</summary>
    private static readonly HashSet<(ExperimentMove, string)> Legal =
    [
        (ExperimentMove.Start, ExperimentStatus.Draft),
        (ExperimentMove.Pause, ExperimentStatus.Running),
        (ExperimentMove.Resume, ExperimentStatus.Paused),
        (ExperimentMove.Complete, ExperimentStatus.Running),
        (ExperimentMove.Complete, ExperimentStatus.Paused),
        (ExperimentMove.DeclareWinner, ExperimentStatus.Running),
        (ExperimentMove.DeclareWinner, ExperimentStatus.Paused),
        (ExperimentMove.DeclareWinner, ExperimentStatus.Completed),
        (ExperimentMove.Edit, ExperimentStatus.Draft),
        (ExperimentMove.Reweigh, ExperimentStatus.Draft),
        (ExperimentMove.Reweigh, ExperimentStatus.Running),
        (ExperimentMove.Reweigh, ExperimentStatus.Paused),
        (ExperimentMove.Adjust, ExperimentStatus.Draft),
        (ExperimentMove.Adjust, ExperimentStatus.Running),
        (ExperimentMove.Adjust, ExperimentStatus.Paused),
    ];

    /// <summary>Null when nothing stands in the way.</summary>
    /// <param name="name">The experiment, for people.</param>
    /// <param name="status">One of <see cref="ExperimentStatus"/>.</param>
    /// <param name="move">What is to be done.</param>
    public static Obstacle? Check(string name, string status, ExperimentMove move) =>
        status == ExperimentStatus.WinnerDeclared ? new Obstacle(ObstacleKind.Conflict, "winner_already_declared", $"'{name}' has its winner, and is over. Make a new experiment.")
        : Legal.Contains((move, status)) ? null
        : new Obstacle(ObstacleKind.Conflict, "illegal_move", $"'{name}' {Reason(status, move)}");

    /// <summary>Where a move leads; the same status when it leads nowhere else.</summary>
    public static string After(string status, ExperimentMove move) => move switch
    {
        ExperimentMove.Start or ExperimentMove.Resume => ExperimentStatus.Running,
        ExperimentMove.Pause => ExperimentStatus.Paused,
        ExperimentMove.Complete => ExperimentStatus.Completed,
        ExperimentMove.DeclareWinner => ExperimentStatus.WinnerDeclared,
        _ => status,
    };

    private static string Reason(string status, ExperimentMove move) => (status, move) switch
    {
        (ExperimentStatus.Draft, ExperimentMove.Resume) => "was never started. Start it.",
        (ExperimentStatus.Draft, _) => $"was never started, so there is nothing to {Verb(move)}.",
        (ExperimentStatus.Completed, ExperimentMove.Complete) => "is completed already. Declare its winner.",
        (ExperimentStatus.Completed, _) => $"is completed: it cannot be {Participle(move)} any more. Declare its winner, or make a new experiment.",
        (_, ExperimentMove.Edit) => "has started: versions, metrics and the method of decision are frozen, as a change would make its figures worthless. Complete it, and make a new experiment.",
        (ExperimentStatus.Paused, ExperimentMove.Start) => "is paused, not new. Resume it.",
        (ExperimentStatus.Paused, _) => "is paused already.",
        _ => "is running already.",
    };

    private static string Verb(ExperimentMove move) => move switch
    {
        ExperimentMove.Pause => "pause",
        ExperimentMove.Complete => "complete",
        _ => "decide",
    };

    private static string Participle(ExperimentMove move) => move switch
    {
        ExperimentMove.Start => "started",
        ExperimentMove.Pause => "paused",
        ExperimentMove.Resume => "resumed",
        _ => "changed",
    };
}
