namespace PromptStudio.Core.Experiments.Analysis;

/// <summary>What to do.</summary>
/// <param name="Code"><c>declare</c>, <c>keep_control</c>, <c>wait</c>, <c>check_assignment</c> or <c>blocked</c>.</param>
/// <param name="Group">The group it is about; null when it is about none.</param>
/// <param name="Text">In plain words.</param>
public sealed record Decision(string Code, string? Group, string Text)
{
    public const string Declare = "declare";
    public const string KeepControl = "keep_control";
    public const string Wait = "wait";
    public const string CheckAssignment = "check_assignment";
    public const string Blocked = "blocked";

    internal static Decision Of(
        ExperimentSettings settings, ExperimentSums sums, IReadOnlyList<MetricAnalysis> metrics, IReadOnlyList<GroupGates> gates, SampleRatioAnalysis ratio)
    {
        if (ratio.Alarm)
            return new(CheckAssignment, null, "The groups do not have the sizes they should have. Find out why before you believe any figure.");
        if (metrics.FirstOrDefault(one => one.Role == MetricAnalysis.Primary) is not { } primary || Metric.Find(primary.Metric) is not { } metric)
            return new(Wait, null, $"There is no metric {settings.PrimaryMetric}.");
        var sign = metric.LowerIsBetter ? -1 : 1;
        var best = primary.Comparisons.OrderByDescending(one => sign * one.Effect ?? double.NegativeInfinity).FirstOrDefault();
        if (best?.Interval is not { } interval)
            return new(Wait, null, best?.Reason is { } reason ? Wording.Reason(reason) : "There is nothing to compare yet.");

        var leader = primary.Comparisons.Where(one => one.Verdict == Comparison.Better).OrderByDescending(one => sign * one.Effect).FirstOrDefault();
        if (leader is not null)
        {
            var own = gates.Single(one => one.Group == leader.Group);
            var claim = $"{Wording.Name(leader.Group)} {Claim(metric, leader)}";
            var shut = own.Gates.FirstOrDefault(gate => !gate.Holds);
            return shut is null
                ? new(Declare, leader.Group, $"{claim}; safe to declare.")
                : new(shut.Name == GroupGates.Sample ? Wait : Blocked, leader.Group, $"{claim}; not yet safe to declare. {shut.Reason}");
        }

        if (primary.Comparisons.All(one => one.Verdict == Comparison.Worse))
        {
            var enough = gates[0].Gates.Single(gate => gate.Name == GroupGates.Sample);
            return new(enough.Holds ? KeepControl : Wait, Allocation.Control,
                $"{Wording.Name(best.Group)} {Claim(metric, best)}; {(enough.Holds ? "keep control." : $"not yet certain. {enough.Reason}")}");
        }

        var waiting = settings.DecisionMethod == DecisionMethod.FixedHorizon && sums.Groups.Min(group => group.Users) < settings.MinimumSampleSize
            ? FormattableString.Invariant($" Do not act before each group has {settings.MinimumSampleSize:N0} users.")
            : "";
        return new(Wait, null, $"No difference is certain yet: {Wording.Name(best.Group)} {Wording.Open(metric, interval)}.{waiting}");
    }

    private static string Claim(Metric metric, Comparison comparison) => comparison switch
    {
        { Interval: { } interval } when !interval.Contains(0) => Wording.Certain(metric, interval),
        { Interval: { } interval, Belief: { } belief } => FormattableString.Invariant(
            $"{Wording.Open(metric, interval)} (chance to beat control {belief.ChanceToBeat * 100:0.0} %)"),
        _ => "differs",
    };
}
