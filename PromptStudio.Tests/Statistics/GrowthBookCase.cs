using System.Globalization;
using System.Text.Json;
using PromptStudio.Core.Statistics;
using PromptStudio.Core.Statistics.Distributions;

namespace PromptStudio.Tests.Statistics;

/// <summary>A figure of GrowthBook's own tests, from a file that is read where it is and never copied.</summary>
/// <remarks>Where that peer answers p = 1 and an interval of 0 to 0 for what cannot be computed, the studio's answer is the reason.</remarks>
public sealed partial class GrowthBookCase(JsonElement json)
{
    private JsonElement Input => json.GetProperty("input");

    private JsonElement Expected => json.GetProperty("expected");

    public string Id => json.GetProperty("id").GetString()!;

    public string Method => json.GetProperty("method").GetString()!;

    /// <summary>Whether the figure is the peer's defect 6: the inflated error taken for the sampling error.</summary>
    public bool IsDefect => Method == "power_weeks_sequential" || (Method is "power_relative_mean" or "mde_relative_mean" && Number(Input, "sequential_tuning_parameter") > 0);

    /// <summary>Null: as expected. A method that the studio does not have is named.</summary>
    public string? Run() => Method switch
    {
        "two_sided_t_relative" or "two_sided_t_relative_ratio" => Test(Both((c, t) => Lifts.Delta(c, t, Alpha, studentT: true))),
        "two_sided_t_absolute" => Test(Both((c, t) => Means.Welch(c, t, Alpha))),
        "one_sided_greater_relative" => Test(Both((c, t) => Lifts.Delta(c, t, Alpha, true, Alternative.Greater))),
        "one_sided_greater_absolute" => Test(Both((c, t) => Means.Welch(c, t, Alpha, Alternative.Greater))),
        "one_sided_less_relative" => Test(Both((c, t) => Lifts.Delta(c, t, Alpha, true, Alternative.Less))),
        "one_sided_less_absolute" => Test(Both((c, t) => Means.Welch(c, t, Alpha, Alternative.Less))),
        "two_sided_t_relative_cuped_ratio" => Test(CupedRatio(studentT: true)),
        "sequential_two_sided" => Sequence(Effect()),
        "sequential_two_sided_cuped" => Sequence(Cuped(studentT: false)),
        "sequential_two_sided_cuped_ratio" => Sequence(CupedRatio(studentT: false)),
        "sequential_two_sided_ordering" => Ordering(),
        "sequential_one_sided_greater" => OneSided(Alternative.Greater),
        "sequential_one_sided_less" => OneSided(Alternative.Less),
        "bayesian_effect" or "bayesian_count" or "bayesian_ratio" => Belief(),
        "bayesian_quantile_effect" => QuantileBelief(),
        "bayesian_risk" => Losses(),
        "bayesian_prior_scale" => PriorScale(),
        "truncated_normal_mean" => double.IsFinite(Bayesian.Losses(Number(Input, "mu"), Number(Input, "sigma")).OfTreatment) ? null : "not finite",
        "difference" => Close("effect", Difference()),
        "sample_mean" => SampleMean(),
        "proportion" => Proportion(),
        "ratio_covariance" => Close("covariance", Zip("numerator", "denominator").Ratio.Covariance),
        "ratio_variance" => Refused(new RatioArm(4, 1, 0, 1, 0, 0).AsMean.Reason == NotComputable.ZeroDenominator),
        "cuped_theta" => Theta(),
        "cuped_relative" or "cuped_relative_proportion" => CupedMeans(),
        "cuped_relative_ratio" => CupedRatioMeans(),
        "cuped_ratio_effect" => CupedRatioEffect(),
        "cuped_negative_variance" => CupedOfImpossible(),
        "cuped_three_arms" => CupedArms(),
        "post_stratification_count" or "post_stratification_ratio" or "post_stratification_count_reg" or "post_stratification_ratio_reg" => Strata(),
        "mid_experiment_power" => MoreUsers(),
        "bandit_weight_floor" => Floor(),
        "merge_sufficient_statistics" or "merge_dimensions" => Merged(),
        "quantile_zero_variance" => ZeroQuantile(),
        "relative_effect_negative_baseline" => NegativeBaseline(),
        "holm" => AdjustedP(Adjustment.Holm),
        "benjamini_hochberg" => AdjustedP(Adjustment.BenjaminiHochberg),
        "adjusted_ci" => AdjustedInterval(),
        "chance_to_win_flat_prior" => Chance(),
        "delta_variance" => DeltaVariance(),
        "power_relative_mean" => Close("power", Power.OfLift(Number(Input, "mean"), Number(Input, "variance"), Number(Input, "relative_effect"), PerVariation, Alpha).Value),
        "mde_relative_mean" => Close("mde", Power.MinimumLift(Number(Input, "mean"), Number(Input, "variance"), PerVariation, Alpha, Number(Input, "power")).Value),
        "power_weeks_frequentist" or "power_weeks_bayesian" => Weeks(),
        "srm_sequential" => SampleRatioP(),
        "srm_chi_square" => Rows.Count == 2 && SampleRatio.ChiSquare([.. Rows[0].Zip(Rows[1], (a, b) => a + b)], Numbers("weights")).Value.P is var p
            && Math.Abs(p - 0.0025688315270227116) < 1e-12 ? null : "another p",
        _ => "no such method",
    };

    /// <summary>The right power where the peer's is not, when the file has it.</summary>
    public string? RunRight()
    {
        if (!json.TryGetProperty("gbstats_full_precision", out var full) || !full.TryGetProperty("power_from_halfwidth_over_true_se", out var right))
            return null;
        var units = Method == "power_weeks_sequential" ? Number(Input, "n_per_variation") : PerVariation;
        var (mean, variance, lift) = (Number(Input, "mean"), Number(Input, "variance"), Number(Input, "relative_effect"));
        var error = Math.Sqrt(variance * (1 + (1 + lift) * (1 + lift)) / (units * mean * mean));
        var power = Power.Sequential(lift, error, 2 * units, Alpha, Number(Input, "sequential_tuning_parameter")).Value;
        return Math.Abs(power - right.GetDouble()) < 1e-6 ? null : $"power {power:R}, not {right.GetDouble():R}";
    }

    private double Alpha => Input.TryGetProperty("alpha", out var alpha) ? alpha.GetDouble() : 0.05;

    private double PerVariation => Number(Input, "n_total") / Number(Input, "n_variations");

    private List<long[]> Rows => [.. Input.GetProperty("rows").EnumerateArray().Select(row => row.EnumerateArray().Select(one => one.GetInt64()).ToArray())];

    private bool LowerIsBetter => Input.TryGetProperty("lower_is_better", out var lower) && lower.GetBoolean();

    /// <summary>Whether the peer gave up: what the studio answers with a reason.</summary>
    private bool GaveUp => Is("effect", 0) && (Is("p", 1) || Is("chance_to_win", 0.5));

    private Computed<T> Both<T>(Func<MeanArm, MeanArm, Computed<T>> method) =>
        Arm("control").Then(control => Arm("treatment").Then(treatment => method(control, treatment)));

    private Computed<MeanArm> Arm(string name)
    {
        var arm = Input.GetProperty(name);
        if (!arm.TryGetProperty("type", out var type) && arm.TryGetProperty("denominator_sum", out _))
        {
            return RatioArm.OfSums(
                (long)Number(arm, "users"), Number(arm, "main_sum"), Number(arm, "main_sum_squares"), Number(arm, "denominator_sum"),
                Number(arm, "denominator_sum_squares"), Number(arm, "main_denominator_sum_product")).AsMean;
        }

        var n = (long)Number(arm, arm.TryGetProperty("n", out _) ? "n" : "users");
        var sum = Number(arm, arm.TryGetProperty("sum", out _) ? "sum" : "main_sum");
        if (n == 0)
            return NotComputable.EmptyArm;
        if (type.ValueKind == JsonValueKind.String && type.GetString() == "ProportionStatistic")
            return new MeanArm(n, sum / n, sum / n * (1 - sum / n));
        var squares = Number(arm, arm.TryGetProperty("sum_squares", out _) ? "sum_squares" : "main_sum_squares");
        return n < 2 ? NotComputable.InsufficientN : new MeanArm(n, sum / n, (squares - sum * sum / n) / (n - 1));
    }

    private string? Test(Computed<Estimate> test)
    {
        if (GaveUp)
            return Refused(!test.IsDefined);
        return test.IsDefined
            ? Close("effect", test.Value.Effect) ?? Close("se", test.Value.StandardError) ?? Close("p", test.Value.P) ?? Ends(test.Value.Interval)
            : $"refused: {test}";
    }

    private Computed<Estimate> Effect() =>
        Input.TryGetProperty("difference_type", out var type) && type.GetString() == "absolute" ? Both((c, t) => Means.Normal(c, t, Alpha)) : Both((c, t) => Lifts.Delta(c, t, Alpha));

    private double Units => new[] { "control", "treatment" }.Select(name => Input.GetProperty(name)).Sum(arm => Number(arm, arm.TryGetProperty("n", out _) ? "n" : "users"));

    private string? Sequence(Computed<Estimate> estimate) => estimate.Then(effect => Sequential.Asymptotic(
        effect.Effect, effect.StandardError, Units, Alpha, Number(Input, "sequential_tuning_parameter")).Then(valid => (effect, valid))) is { IsDefined: true, Value: var (e, v) }
        ? Close("effect", e.Effect) ?? Close("se", e.StandardError) ?? Close("p", v.P) ?? Ends(v.Interval)
        : "refused";

    private string? Ordering()
    {
        double[] widths = [.. Numbers("tuning").Select(tuning => Sequential.Multiplier(Units, 0.05, tuning))];
        return widths[0] > widths[2] && widths[2] > widths[1] ? null : string.Join(" ", widths);
    }

    private string? OneSided(Alternative alternative)
    {
        var effect = Effect().Value;
        var (bound, p) = Sequential.OneSided(effect.Effect, effect.StandardError, Units, Alpha, Number(Input, "sequential_tuning_parameter"), alternative).Value;
        var interval = alternative is Alternative.Greater ? new Interval(bound, double.PositiveInfinity) : new Interval(double.NegativeInfinity, bound);
        var rho = Sequential.Rho(2 * Alpha, Number(Input, "sequential_tuning_parameter"));
        double Bound(double level) => (alternative is Alternative.Greater ? 1 : -1) * effect.Effect - Sequential.OneSidedMultiplierBy(Units, level, rho) * effect.StandardError;
        // The peer's p is where its search stops, at most 0.4999; the studio's is where the bound is 0.
        return Close("effect", effect.Effect) ?? Close("se", effect.StandardError) ?? Close("p", Searched(Bound)) ?? Ends(interval)
            ?? (p < 0.5 ? Math.Abs(Bound(p)) < 1e-12 : Bound(p) <= 0) switch { true => null, _ => $"bound {Bound(p):R} at p {p:R}" };
    }

    private EffectPrior? Prior => Input.TryGetProperty("prior", out var prior) && prior.ValueKind == JsonValueKind.Object
        && (!prior.TryGetProperty("proper", out var proper) || proper.GetBoolean())
        ? new EffectPrior(Number(prior, "mean"), Number(prior, "variance"))
        : null;

    private string? Belief()
    {
        var effect = Effect();
        if (GaveUp)
            return Refused(!effect.IsDefined);
        var belief = Bayesian.Effect(effect.Value.Effect, effect.Value.StandardError, Prior, Alpha, LowerIsBetter).Value;
        return Check(belief);
    }

    private string? Check(EffectBelief belief) =>
        Close("effect", belief.Mean) ?? Close("se", belief.Deviation) ?? Close("chance_to_win", belief.ChanceToBeat) ?? Close("risk_treatment", belief.LossOfTreatment)
        ?? Close("risk", belief.LossOfControl, 0) ?? Close("risk", belief.LossOfTreatment, 1) ?? Ends(belief.Interval);

    private string? QuantileBelief()
    {
        MeanArm Quantile(string name)
        {
            var arm = Input.GetProperty(name);
            var deviation = (Number(arm, "quantile_upper") - Number(arm, "quantile_lower")) / (2 * StandardNormal.Critical(0.05));
            // The peer's variance has n − 1 where the studio's has n.
            return new MeanArm((long)Number(arm, "n"), Number(arm, "quantile_hat"), deviation * deviation * Number(arm, "n_star") / Number(arm, "n") * (Number(arm, "n") - 1));
        }

        var (control, treatment) = (Quantile("control"), Quantile("treatment"));
        var relative = Input.GetProperty("difference_type").GetString() == "relative";
        var effect = (relative ? Lifts.Delta(control, treatment, Alpha) : Means.Normal(control, treatment, Alpha)).Value;
        var prior = Prior is { } known && !relative ? new EffectPrior(known.Mean * control.Mean, known.Variance * control.Mean * control.Mean) : Prior;
        return Check(Bayesian.Effect(effect.Effect, effect.StandardError, prior, Alpha).Value);
    }

    private string? Losses()
    {
        var (control, treatment) = Bayesian.Losses(Number(Input, "mu"), Number(Input, "sigma"));
        return Close("risk_control", control) ?? Close("risk_treatment", treatment);
    }

    private string? PriorScale()
    {
        var (control, treatment) = (Arm("control").Value, Arm("treatment").Value);
        var (difference, lift) = (Means.Normal(control, treatment).Value, Lifts.Delta(control, treatment).Value);
        var scaled = new EffectPrior(Prior!.Value.Mean * control.Mean, Prior.Value.Variance * control.Mean * control.Mean);
        var (absolute, relative) = (Bayesian.Effect(difference.Effect, difference.StandardError, scaled).Value, Bayesian.Effect(lift.Effect, lift.StandardError, Prior).Value);
        return Math.Abs(absolute.ChanceToBeat - relative.ChanceToBeat) < 0.005 ? null : $"{absolute.ChanceToBeat} and {relative.ChanceToBeat}";
    }

    private double Difference()
    {
        var (control, treatment) = (Number(Input, "mean_control"), Number(Input, "mean_treatment"));
        if (!Input.GetProperty("relative").GetBoolean())
            return Means.Welch(new(10, control, 1), new(10, treatment, 1)).Value.Effect;
        var unadjusted = Input.GetProperty("mean_control_unadjusted") is { ValueKind: JsonValueKind.Number } known ? known.GetDouble() : control;
        return Means.Welch(new(10, control, 1), new(10, treatment, 1)).Value.Effect / Math.Abs(unadjusted);
    }

    private string? SampleMean()
    {
        if (Input.TryGetProperty("n", out _))
            return Refused(MeanArm.Of([22]) is { Count: 1, Variance: 0 });
        var arm = MeanArm.Of(Numbers("values"));
        return Close("mean", arm.Mean) ?? Close("variance", arm.Variance);
    }

    private string? Proportion()
    {
        var arm = new ProportionArm((long)Number(Input, "sum"), (long)Number(Input, "n"));
        return Close("mean", arm.Rate) ?? Close("variance", arm.Variance);
    }

    private string? Theta() => Input.TryGetProperty("pre", out _)
        ? Close("theta", Covariates.Theta(Zip("post", "pre"), Zip("post", "pre")).Value)
        : Refused(Covariates.Theta(new Moments(4, 1, 0, 1, 0, 0), new Moments(4, 1, 0, 1, 0, 0)).Reason == NotComputable.ZeroCovariateVariance);

    private string? Merged()
    {
        if (Method == "merge_dimensions")
        {
            var rows = Input.GetProperty("rows").EnumerateArray().ToLookup(row => row.GetProperty("variation").GetString());
            double Sum(string variation) => rows[variation].Take(2).Select(row => Moments(row, "main_sum", "main_sum_squares", "users")).Aggregate((a, b) => a.Merge(b)) is var all
                ? all.MeanA * all.Count
                : 0;
            return Expected.GetProperty("other") is var other && Math.Abs(Sum("one") - Number(other, "treatment_sum")) < 1e-9 ? null : $"{Sum("one")}";
        }

        foreach (var name in (string[])["control", "treatment"])
        {
            var all = Input.GetProperty("cells").EnumerateArray().Select(cell => Moments(cell.GetProperty(name), "sum", "sum_squares", "n")).Aggregate((a, b) => a.Merge(b));
            var expected = Expected.GetProperty(name);
            var squares = all.SquaresA + all.Count * all.MeanA * all.MeanA;
            if (all.Count != Number(expected, "n") || Math.Abs(all.MeanA * all.Count - Number(expected, "sum")) > 1e-9 || Math.Abs(squares - Number(expected, "sum_squares")) > 1e-9)
                return $"{name} is {all}";
        }

        return null;
    }

    private static Moments Moments(JsonElement cell, string sum, string squares, string n)
    {
        var (count, total) = (Number(cell, n), Number(cell, sum));
        return new((long)count, total / count, 0, Number(cell, squares) - total * total / count, 0, 0);
    }

    private string? ZeroQuantile()
    {
        var same = Number(Input, "quantile_lower") == Number(Input, "quantile_upper");
        double[] sorted = same ? [.. Enumerable.Repeat(Number(Input, "quantile_hat"), 999)] : [.. Enumerable.Range(0, 999).Select(k => 4.9 + k * 1e-4)];
        return Refused(Quantiles.Arm(sorted, Number(Input, "nu")).IsDefined != Expected.GetProperty("has_zero_variance").GetBoolean());
    }

    private string? NegativeBaseline()
    {
        MeanArm Around(string name) => new((long)Number(Input, "n"), Number(Input, name), 4 * Number(Input, "n") / (Number(Input, "n") - 1));
        var lift = Lifts.Delta(Around("mean_control"), Around("mean_treatment")).Value;
        var full = json.GetProperty("gbstats_full_precision");
        return Math.Abs(lift.Effect - Number(full, "relative")) < 1e-9 && Math.Abs(lift.StandardError - Number(full, "relative_se")) < 1e-9 ? null : $"{lift}";
    }

    private string? AdjustedP(Adjustment adjustment)
    {
        var adjusted = Multiplicity.Adjust(Numbers("p_values"), adjustment);
        var (name, actual) = Expected.TryGetProperty("adjusted", out _) ? ("adjusted", adjusted)
            : Expected.TryGetProperty("adjusted_sorted", out _) ? ("adjusted_sorted", [.. adjusted.Order()])
            : ("adjusted_sorted_desc", (IReadOnlyList<double>)[.. adjusted.OrderDescending()]);
        var expected = Expected.GetProperty(name).EnumerateArray().Select(one => one.GetDouble()).ToArray();
        return expected.Zip(actual).All(pair => Math.Abs(pair.First - pair.Second) < 1e-8) ? null : string.Join(" ", actual);
    }

    /// <summary>The interval that a p and an effect imply: the studio has it from the test itself, at the level of the adjustment.</summary>
    private string? AdjustedInterval()
    {
        var (effect, p) = (Number(Input, "lift"), Number(Input, "adjusted_p"));
        return Ends(Estimate.Of(effect, effect / StandardNormal.Critical(p), Number(Input, "threshold")).Value.Interval);
    }

    private string? Chance()
    {
        if (Number(Input, "effect") == 1)
            return Refused(!Bayesian.Effect(1, 0).IsDefined);
        var deviation = Input.TryGetProperty("sd", out var sd) ? sd.GetDouble() : 1 / StandardNormal.Critical(0.05);
        return Close("chance_to_win", Bayesian.Effect(Number(Input, "effect"), deviation, null, Alpha, LowerIsBetter).Value.ChanceToBeat);
    }

    private string? DeltaVariance()
    {
        var control = new MeanArm((long)Number(Input, "n_control"), Number(Input, "mean_control"), Number(Input, "var_control"));
        var treatment = new MeanArm((long)Number(Input, "n_treatment"), Number(Input, "mean_treatment"), Number(Input, "var_treatment"));
        return Close("variance", Input.GetProperty("relative").GetBoolean() ? Lifts.Variance(control, treatment) : control.MeanVariance + treatment.MeanVariance);
    }

    private string? Weeks()
    {
        var (mean, variance, units) = (Number(Input, "mean"), Number(Input, "variance"), Number(Input, "n_per_variation"));
        var least = Power.MinimumLift(mean, variance, units, Alpha, Number(Input, "target_power"), Prior);
        return Close("power", Power.OfLift(mean, variance, Number(Input, "relative_effect"), units, Alpha, Prior).Value)
            ?? (Expected.GetProperty("mde").ValueKind != JsonValueKind.Number ? null
                : !least.IsDefined ? $"refused: {least}"
                // The smallest of five decimals that has the power, as the peer's search over them finds it.
                : Math.Abs(Math.Ceiling(least.Value * 1e5) / 1e5 - Number(Expected, "mde")) < 1e-9 ? null
                : Close("mde", least.Value));
    }

    private string? SampleRatioP()
    {
        var p = SampleRatio.Sequential(Rows, Numbers("weights"), Number(Input, "dirichlet_concentration")).Value[^1].P;
        return Refused(Expected.GetProperty("p").GetString() switch { ">0.05" => p > 0.05, "<0.05" => p < 0.05, _ => p == 1 });
    }

    private Moments Zip(string first, string second) =>
        Numbers(first).Zip(Numbers(second)).Aggregate(Core.Statistics.Moments.Empty, (sum, unit) => sum.Add(unit.First, unit.Second));

    private double[] Numbers(string name) => [.. Input.GetProperty(name).EnumerateArray().Select(value => value.GetDouble())];

    private static double Number(JsonElement element, string name) => element.GetProperty(name).GetDouble();

    private bool Is(string name, double value) => Expected.TryGetProperty(name, out var expected) && expected.ValueKind == JsonValueKind.Number && expected.GetDouble() == value;

    private static string? Refused(bool right) => right ? null : "answered otherwise";

    private string? Ends(Interval interval) => Close("ci", interval.Lower, 0) ?? Close("ci", interval.Upper, 1);

    /// <summary>Whether a figure is the expected one to the decimals that the peer's test has; one that is not expected passes.</summary>
    private string? Close(string name, double actual, int? index = null)
    {
        if (!Expected.TryGetProperty(name, out var expected))
            return null;
        if (index is { } at)
        {
            if (expected.GetArrayLength() <= at)
                return null;
            expected = expected[at];
        }

        if (expected.ValueKind == JsonValueKind.String)
            return actual.ToString(CultureInfo.InvariantCulture) == expected.GetString() ? null : $"{name} is {actual}";
        var rounding = json.GetProperty("expected_rounding").GetString()!;
        var digits = char.IsAsciiDigit(rounding[0]) && (rounding.Contains("decimals", StringComparison.Ordinal) || rounding.Contains("places", StringComparison.Ordinal))
            ? int.Parse(rounding[..rounding.IndexOf(' ', StringComparison.Ordinal)], CultureInfo.InvariantCulture)
            : 12;
        return Math.Abs(actual - expected.GetDouble()) <= 0.501 * Math.Pow(10, -digits) + 1e-12 ? null : $"{name} is {actual:R}, not {expected.GetDouble():R}";
    }
}
