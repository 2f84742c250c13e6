using System.Text.Json;
using PromptStudio.Core.Experiments;
using PromptStudio.Core.Experiments.Analysis;
using PromptStudio.Core.Statistics;
using PromptStudio.Experiments;

namespace PromptStudio.Tests.Experiments.Pages;

/// <summary>What pages show, without a database.</summary>
internal static class ExperimentViews
{
    private static readonly DateTimeOffset Now = new(2026, 12, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>A draft of two versions.</summary>
    public static ExperimentView Draft() => Draft(Guid.Parse("01a2008d-7400-7000-8000-000000000001"), Guid.Parse("01a2008d-7400-7000-8000-000000000002"));

    /// <summary>A draft of these versions, split equally.</summary>
    public static ExperimentView Draft(params Guid[] versions)
    {
        var shares = Allocation.Equal(versions.Length).Percentages;
        return new ExperimentView
        {
            Id = Guid.Parse("01a2008d-7400-7000-8000-0000000000e1"),
            Name = "Shorter question",
            PromptName = "p",
            Status = ExperimentStatus.Draft,
            Groups = [.. versions.Select((id, index) => new ExperimentGroupView(Allocation.Group(index), id, index + 1, shares[Allocation.Group(index)]))],
            ControlTemplateId = versions[0],
            VariantTemplateIds = versions[1..],
            TrafficAllocation = shares,
            Coverage = 100,
            PrimaryMetric = "success_rate",
            SecondaryMetrics = [],
            GuardrailMetrics = [],
            DecisionMethod = DecisionMethod.AlwaysValid,
            MinimumSampleSize = 200,
            SignificanceThreshold = 0.05,
            Phase = 0,
            Revision = 1,
            Etag = "\"1\"",
            CreatedAt = Now,
            UpdatedAt = Now,
        };
    }

    /// <summary>What is known of groups of so many users, of whom so many succeeded in their one execution.</summary>
    public static ExperimentSums Sums(params (int Users, int Successes)[] groups) => new(
        1,
        [
            .. groups.Select((group, index) =>
            {
                var sums = default(Moments);
                for (var user = 0; user < group.Users; user++)
                    sums = sums.Add(user < group.Successes ? 1 : 0, 1);
                return new GroupSums(Allocation.Group(index), 10_000 / groups.Length, group.Users, group.Users, group.Users, new Dictionary<string, Moments> { ["success_rate"] = sums });
            }),
        ],
        0, 0);

    public static ExperimentSettings Settings(string method = DecisionMethod.AlwaysValid) =>
        new() { PrimaryMetric = "success_rate", DecisionMethod = method, MinimumSampleSize = 200 };

    /// <summary>A snapshot of these sums.</summary>
    public static ExperimentSnapshotView Snapshot(ExperimentSettings settings, ExperimentSums sums) => new(
        Guid.Parse("01a2047b-3a97-7139-b2de-be3cb065d8a6"), Now, 1, ExperimentAnalysis.Engine,
        JsonSerializer.SerializeToElement(settings, Snapshots.Json), JsonSerializer.SerializeToElement(sums, Snapshots.Json),
        JsonSerializer.SerializeToElement(ExperimentAnalysis.Of(settings, sums), Snapshots.Json), "");
}
