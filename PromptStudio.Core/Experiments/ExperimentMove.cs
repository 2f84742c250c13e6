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
    /// <summary>Null when nothing stands in the way.</summary>
    /// <param name="name">The experiment, for people.</param>
    /// <param name="status">One of <see cref="ExperimentStatus"/>.</param>
    /// <param name="move">What is to be done.</param>
    public static Obstacle? Check(string name, string status, ExperimentMove move) => (move, status) switch
    {
        (_, ExperimentStatus.WinnerDeclared) => new Obstacle(ObstacleKind.Conflict, "winner_already_declared", $"'{name}' has its winner, and is over. Make a new experiment."),
        (ExperimentMove.Start, ExperimentStatus.Draft) or
        (ExperimentMove.Pause, ExperimentStatus.Running) or
        (ExperimentMove.Resume, ExperimentStatus.Paused) or
        (ExperimentMove.Complete or ExperimentMove.DeclareWinner, ExperimentStatus.Running or ExperimentStatus.Paused) or
        (ExperimentMove.DeclareWinner, ExperimentStatus.Completed) or
        (ExperimentMove.Edit, ExperimentStatus.Draft) or
        (ExperimentMove.Reweigh or ExperimentMove.Adjust, ExperimentStatus.Draft or ExperimentStatus.Running or ExperimentStatus.Paused) => null,
        (ExperimentMove.Start, ExperimentStatus.Paused) => Illegal($"'{name}' is paused, not new. Resume it."),
        (ExperimentMove.Start or ExperimentMove.Resume, ExperimentStatus.Running) => Illegal($"'{name}' is running already."),
        (ExperimentMove.Pause, ExperimentStatus.Paused) => Illegal($"'{name}' is paused already."),
        (ExperimentMove.Complete, ExperimentStatus.Completed) => Illegal($"'{name}' is completed already. Declare its winner."),
        (ExperimentMove.Edit, ExperimentStatus.Running or ExperimentStatus.Paused) =>
            Illegal($"'{name}' has started: versions, metrics and the method of decision are frozen, as a change would make its figures worthless. Complete it, and make a new experiment."),
        (ExperimentMove.Resume, ExperimentStatus.Draft) => Illegal($"'{name}' was never started. Start it."),
        (_, ExperimentStatus.Draft) => Illegal($"'{name}' was never started, so there is nothing to {Verb(move)}."),
        _ => Illegal($"'{name}' is completed: it cannot be {Participle(move)} any more. Declare its winner, or make a new experiment."),
    };

    /// <summary>Where a move leads; the same status when it leads nowhere else.</summary>
    public static string After(string status, ExperimentMove move) => move switch
    {
        ExperimentMove.Start or ExperimentMove.Resume => ExperimentStatus.Running,
        ExperimentMove.Pause => ExperimentStatus.Paused,
        ExperimentMove.Complete => ExperimentStatus.Completed,
        ExperimentMove.DeclareWinner => ExperimentStatus.WinnerDeclared,
        _ => status,
    };

    private static Obstacle Illegal(string detail) => new(ObstacleKind.Conflict, "illegal_move", detail);

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
