using PromptStudio.Core.Statistics;
using PromptStudio.Core.Statistics.Distributions;

namespace PromptStudio.Core.Experiments.Analysis;

/// <summary>How p-values over several variants are adjusted.</summary>
public enum VariantCorrection
{
    /// <summary>Holm's: holds for every method.</summary>
    Holm,

    /// <summary>Dunnett's: knows that all variants share one control, so it is a little sharper. For the fixed horizon; elsewhere Holm's is used.</summary>
    Dunnett,
}

/// <summary>A metric of an experiment, every variant against control.</summary>
internal sealed class MetricComparison(ExperimentSettings settings, VariantCorrection correction)
{
    /// <summary>Users a group from which on always-valid answers are given: the theory is one of large samples.</summary>
    public const int FirstLook = 100;

    private readonly double _alpha = settings.SignificanceThreshold;
    // The mixture is tightest at the planned sample of two groups; it must not depend on data.
    private readonly double _rho = Sequential.Rho(settings.SignificanceThreshold, 2.0 * settings.MinimumSampleSize);

    public MetricAnalysis Of(Metric metric, string role, GuardrailMetric? guardrail, ExperimentSums sums, MetricAnalysis? previous)
    {
        var control = sums.Groups[0];
        var arms = sums.Groups.Select(group => MetricArms.Of(metric, group)).ToArray();
        var pairs = Enumerable.Range(1, sums.Groups.Count - 1)
            .Select(index => new Pair(metric, control, sums.Groups[index], arms[0], arms[index],
                previous?.Comparisons.FirstOrDefault(one => one.Group == sums.Groups[index].Group)?.Strongest))
            .ToArray();
        var plain = Adjusted([.. pairs.Select(pair => pair.Plain(_alpha).Then(test => test.P))], pairs);
        var valid = Adjusted([.. pairs.Select(pair => pair.AlwaysValid(_rho, Smallest))], null);
        return new(metric.Name, role,
            [.. sums.Groups.Select((group, index) => Figure(metric, group, arms[index]))],
            [.. pairs.Select((pair, index) => Compare(pair, plain[index], valid[index], guardrail))]);
    }

    private int Smallest => Math.Clamp(settings.MinimumSampleSize, 30, FirstLook);

    private static GroupFigure Figure(Metric metric, GroupSums group, Computed<MeanArm> arm) => arm.IsDefined
        ? new(group.Group, arm.Value.Count, arm.Value.Mean, Math.Sqrt(arm.Value.MeanVariance), null)
        : new(group.Group, group.Metrics.TryGetValue(metric.Name, out var sums) ? sums.Count : 0, null, null, arm.Reason?.Word());

    private Comparison Compare(Pair pair, Test plain, Test valid, GuardrailMetric? guardrail)
    {
        if (!pair.Arms.IsDefined)
            return new() { Group = pair.Variant.Group, Reason = pair.Arms.Reason?.Word(), Level = _alpha };
        var now = pair.Arms.Value;
        var fixedHorizon = plain.P is { } p && pair.Plain(plain.Level) is { IsDefined: true } at
            ? new FixedHorizon(p, plain.Adjusted ?? p, at.Value.Interval, settings.MinimumSampleSize)
            : null;
        var comparison = new Comparison
        {
            Group = pair.Variant.Group,
            Effect = now.Effect,
            StandardError = now.StandardError,
            Lift = now.Control.Mean == 0 ? null : now.Effect / Math.Abs(now.Control.Mean),
            FixedHorizon = fixedHorizon,
            Guardrail = guardrail is null ? null : Harm(pair, guardrail),
            Strongest = pair.Strongest(_rho, Smallest),
        };
        comparison = settings.DecisionMethod switch
        {
            DecisionMethod.FixedHorizon => comparison with
            {
                Reason = plain.Reason?.Word(),
                P = plain.P,
                AdjustedP = plain.Adjusted,
                Level = plain.Level,
                Interval = fixedHorizon?.Interval,
            },
            DecisionMethod.Bayesian => Believe(comparison, pair),
            _ => Watch(comparison, pair, valid),
        };
        comparison = WithLift(comparison, now);
        return comparison with { Verdict = Verdict(comparison, pair.Metric) };
    }

    /// <summary>The interval of today and that of the strongest look together: it excludes 0 exactly when the smallest p so far is below the level.</summary>
    private Comparison Watch(Comparison comparison, Pair pair, Test valid)
    {
        if (valid.P is not { } p)
            return comparison with { Reason = valid.Reason?.Word(), Level = valid.Level };
        var (now, strongest) = (Sequence(pair.Arms.Value, valid.Level), Sequence(comparison.Strongest!, valid.Level));
        var both = new Interval(Math.Max(now.Lower, strongest.Lower), Math.Min(now.Upper, strongest.Upper));
        var changed = both.Lower > both.Upper;
        return comparison with { P = p, AdjustedP = valid.Adjusted, Level = valid.Level, Interval = changed ? strongest : both, Changed = changed };
    }

    private Interval Sequence(Look look, double level)
    {
        var reach = Sequential.MultiplierBy(look.Units, level, _rho) * look.StandardError;
        return new(look.Effect - reach, look.Effect + reach);
    }

    private Comparison Believe(Comparison comparison, Pair pair)
    {
        var now = pair.Arms.Value;
        var effect = Bayesian.Effect(now.Effect, now.StandardError, null, _alpha, pair.Metric.LowerIsBetter);
        if (!effect.IsDefined)
            return comparison with { Reason = effect.Reason?.Word(), Level = _alpha };
        var belief = new Belief(effect.Value.ChanceToBeat, effect.Value.LossOfControl, effect.Value.LossOfTreatment);
        if (pair.Metric.Kind is MetricKind.Proportion && Bayesian.Rates(pair.Rates.Control, pair.Rates.Variant) is { IsDefined: true } rates)
        {
            belief = pair.Metric.LowerIsBetter
                ? new(1 - rates.Value.ChanceToBeat, rates.Value.LossOfTreatment, rates.Value.LossOfControl)
                : new(rates.Value.ChanceToBeat, rates.Value.LossOfControl, rates.Value.LossOfTreatment);
        }

        return comparison with { Belief = belief, Interval = effect.Value.Interval, Level = _alpha };
    }

    /// <summary>Fieller's interval with the multiplier that the difference's has; of the strongest look when today's does not exclude 0 but that does.</summary>
    private Comparison WithLift(Comparison comparison, Look now)
    {
        if (comparison.Interval is not { } interval)
            return comparison;
        var look = settings.DecisionMethod == DecisionMethod.AlwaysValid && !interval.Contains(0) && Sequence(now, comparison.Level).Contains(0)
            ? comparison.Strongest!
            : now;
        var multiplier = settings.DecisionMethod switch
        {
            DecisionMethod.AlwaysValid => Sequential.MultiplierBy(look.Units, comparison.Level, _rho),
            DecisionMethod.FixedHorizon => StudentT.Critical(comparison.Level, Means.Freedom(look.Control, look.Variant)),
            _ => StandardNormal.Critical(comparison.Level),
        };
        var lift = Lifts.FiellerBy(look.Control, look.Variant, multiplier);
        // A difference that is certain has a lift of the same sign: where rounding or another test's edge says otherwise, none is stated.
        return !lift.IsDefined ? comparison with { LiftReason = lift.Reason?.Word() }
            : lift.Value.Contains(0) != interval.Contains(0) ? comparison with { LiftReason = NotComputable.UnboundedInterval.Word() }
            : comparison with { LiftInterval = lift.Value };
    }

    private string Verdict(Comparison comparison, Metric metric)
    {
        var direction = comparison switch
        {
            { Belief: { } belief } => belief.ChanceToBeat >= 1 - _alpha ? 1 : belief.ChanceToBeat <= _alpha ? -1 : 0,
            { Interval: { } interval, AdjustedP: { } p } when p <= _alpha && !interval.Contains(0) => interval.Lower > 0 != metric.LowerIsBetter ? 1 : -1,
            _ => 0,
        };
        return direction switch { 1 => Comparison.Better, -1 => Comparison.Worse, _ => Comparison.Unclear };
    }

    /// <summary>Non-inferiority of gain + margin, where a relative margin moves with control's figure and its error.</summary>
    private GuardrailFinding Harm(Pair pair, GuardrailMetric guardrail)
    {
        var (control, variant) = (pair.Arms.Value.Control, pair.Arms.Value.Variant);
        var sign = pair.Metric.LowerIsBetter ? -1.0 : 1.0;
        var margin = guardrail.Relative ? guardrail.Margin * Math.Abs(control.Mean) : guardrail.Margin;
        var share = guardrail.Relative ? 1 - sign * guardrail.Margin * Math.Sign(control.Mean) : 1;
        var reserve = sign * (variant.Mean - share * control.Mean) + (guardrail.Relative ? 0 : margin);
        var error = Math.Sqrt(variant.MeanVariance + share * share * control.MeanVariance);
        // Two-sided multipliers at twice alpha are one-sided ones at alpha; a confidence sequence stays at alpha, to be on the safe side.
        var multiplier = settings.DecisionMethod == DecisionMethod.AlwaysValid
            ? Sequential.MultiplierBy(pair.Arms.Value.Units, _alpha, _rho)
            : StudentT.UpperQuantile(_alpha, Means.Freedom(control, variant));
        var early = settings.DecisionMethod == DecisionMethod.AlwaysValid && Math.Min(control.Count, variant.Count) < Smallest;
        var verdict = early ? GuardrailFinding.Open
            : reserve - multiplier * error > 0 ? GuardrailFinding.Safe
            : reserve + multiplier * error < 0 ? GuardrailFinding.Harmed
            : GuardrailFinding.Open;
        return new(margin, verdict, margin - (reserve - multiplier * error));
    }

    /// <summary>Adjusts over the variants that have a p; those that have none count as not significant.</summary>
    private Test[] Adjusted(Computed<double>[] p, Pair[]? forDunnett)
    {
        var family = p.Select(value => value.IsDefined ? value.Value : 1).ToArray();
        var dunnett = correction is VariantCorrection.Dunnett && forDunnett is not null && forDunnett.All(pair => pair.Arms.IsDefined);
        IReadOnlyList<double> adjusted, levels;
        if (dunnett)
        {
            double[] loadings = [.. forDunnett!.Select(pair => Math.Sqrt(
                pair.Arms.Value.Control.MeanVariance / (pair.Arms.Value.Control.MeanVariance + pair.Arms.Value.Variant.MeanVariance)))];
            adjusted = Dunnett.Adjust([.. family.Select(value => StandardNormal.UpperQuantile(value / 2))], loadings, double.PositiveInfinity);
            levels = [.. family.Select(_ => StandardNormal.TwoSided(Dunnett.Critical(loadings, _alpha)))];
        }
        else
        {
            adjusted = Multiplicity.Adjust(family, Adjustment.Holm);
            levels = Multiplicity.HolmLevels(family, _alpha);
        }

        return [.. p.Select((value, index) => value.IsDefined
            ? new Test(value.Value, adjusted[index], levels[index], null)
            : new Test(null, null, levels[index], value.Reason))];
    }

    private readonly record struct Test(double? P, double? Adjusted, double Level, NotComputable? Reason);

    /// <summary>A variant and control.</summary>
    private sealed class Pair(Metric metric, GroupSums control, GroupSums variant, Computed<MeanArm> controlArm, Computed<MeanArm> variantArm, Look? earlier)
    {
        public Metric Metric => metric;

        public GroupSums Variant => variant;

        /// <summary>Both as means, when there is something to compare.</summary>
        public Computed<Look> Arms { get; } = controlArm.Then(c => variantArm.Then<Look>(v =>
            Means.Problem(c, v) is { } problem ? problem : new Look(c, v)));

        public (ProportionArm Control, ProportionArm Variant) Rates =>
            (MetricArms.Proportion(control.Metrics[metric.Name]), MetricArms.Proportion(variant.Metrics[metric.Name]));

        /// <summary>The plain test: the score test for rates, else Welch's over users.</summary>
        public Computed<Estimate> Plain(double level) => Arms.Then<Estimate>(look => metric.Kind is MetricKind.Proportion
            ? Proportions.Score(Rates.Control, Rates.Variant, level)
            : Means.Welch(look.Control, look.Variant, level));

        /// <summary>The smallest always-valid p so far.</summary>
        public Computed<double> AlwaysValid(double rho, int smallest) => Arms.Then<double>(_ =>
            Strongest(rho, smallest) is { } look ? Math.Min(1, Math.Exp(-Evidence(look, rho))) : NotComputable.InsufficientN);

        public Look? Strongest(double rho, int smallest)
        {
            var now = Arms.IsDefined && Math.Min(Arms.Value.Control.Count, Arms.Value.Variant.Count) >= smallest ? Arms.Value : null;
            return now is null ? earlier : earlier is null || Evidence(now, rho) > Evidence(earlier, rho) ? now : earlier;
        }

        private static double Evidence(Look look, double rho) => Sequential.Evidence(look.Effect, look.StandardError, look.Units, rho);
    }
}
