using PromptStudio.Core.Experiments;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Experiments;

[Trait(Tier.Name, Tier.Unit)]
public sealed class ExperimentStateTests
{
    /// <summary>Every legal move; all others are refused.</summary>
    private static readonly HashSet<(ExperimentMove, string)> Legal =
    [
        (ExperimentMove.Start, "draft"),
        (ExperimentMove.Pause, "running"),
        (ExperimentMove.Resume, "paused"),
        (ExperimentMove.Complete, "running"), (ExperimentMove.Complete, "paused"),
        (ExperimentMove.DeclareWinner, "running"), (ExperimentMove.DeclareWinner, "paused"), (ExperimentMove.DeclareWinner, "completed"),
        (ExperimentMove.Edit, "draft"),
        (ExperimentMove.Reweigh, "draft"), (ExperimentMove.Reweigh, "running"), (ExperimentMove.Reweigh, "paused"),
        (ExperimentMove.Adjust, "draft"), (ExperimentMove.Adjust, "running"), (ExperimentMove.Adjust, "paused"),
    ];

    public static TheoryData<ExperimentMove, string> Everything =>
        [.. Enum.GetValues<ExperimentMove>().SelectMany(move => ExperimentStatus.All.Select(status => (move, status)))];

    [Theory]
    [MemberData(nameof(Everything))]
    public void Move_FromAStatus_IsLegalOrRefusedWithItsReason(ExperimentMove move, string status)
    {
        var obstacle = ExperimentState.Check("Shorter", status, move);

        Assert.Equal(Legal.Contains((move, status)), obstacle is null);
        if (obstacle is null)
            return;
        Assert.Equal(status == ExperimentStatus.WinnerDeclared ? "winner_already_declared" : "illegal_move", obstacle.Code);
        Assert.StartsWith("'Shorter' ", obstacle.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ExperimentMove.Start, "draft", "running")]
    [InlineData(ExperimentMove.Pause, "running", "paused")]
    [InlineData(ExperimentMove.Resume, "paused", "running")]
    [InlineData(ExperimentMove.Complete, "paused", "completed")]
    [InlineData(ExperimentMove.DeclareWinner, "completed", "winner_declared")]
    [InlineData(ExperimentMove.Reweigh, "running", "running")]
    public void Move_LeadsToItsStatus(ExperimentMove move, string before, string after) => Assert.Equal(after, ExperimentState.After(before, move));
}
