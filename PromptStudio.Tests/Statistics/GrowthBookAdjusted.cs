using System.Text.Json;
using PromptStudio.Core.Statistics;

namespace PromptStudio.Tests.Statistics;

/// <summary>The peer's figures of what is adjusted: for figures from before, for strata, for what has been seen so far, and for a floor.</summary>
public sealed partial class GrowthBookCase
{
    private bool IsRelative => !Input.TryGetProperty("difference_type", out var type) || type.GetString() == "relative";

    private Computed<Estimate> Cuped(bool studentT)
    {
        var (control, treatment) = (Before(Input.GetProperty("control")), Before(Input.GetProperty("treatment")));
        return IsRelative
            ? Covariates.Lift(control, treatment, Alpha, studentT: studentT)
            : Covariates.Adjust(control, treatment, Alpha).Then(adjusted => adjusted.Adjusted);
    }

    private Computed<Estimate> CupedRatio(bool studentT)
    {
        var (control, treatment) = (Joint(Input.GetProperty("control")), Joint(Input.GetProperty("treatment")));
        return IsRelative ? RatioCovariates.Lift(control, treatment, Alpha, studentT: studentT) : RatioCovariates.Difference(control, treatment, Alpha, studentT: studentT);
    }

    /// <summary>With a θ that is given, and once more with the metric negated, which negates the lift and leaves its error.</summary>
    private string? CupedRatioEffect()
    {
        JointMoments Arm(string name, int sign)
        {
            double[][] figures = [.. new[] { "m_post", "d_post", "m_pre", "d_pre" }.Select(figure => Numbers($"{figure}_{name}"))];
            return Enumerable.Range(0, figures[0].Length).Aggregate(
                JointMoments.Empty(4), (all, at) => all.Add(sign * figures[0][at], figures[1][at], sign * figures[2][at], figures[3][at]));
        }

        var lift = RatioCovariates.Lift(Arm("a", 1), Arm("b", 1), theta: Number(Input, "theta")).Value;
        var negated = RatioCovariates.Lift(Arm("a", -1), Arm("b", -1), theta: Number(Input, "theta")).Value;
        return Close("effect", lift.Effect) ?? Close("se", lift.StandardError)
            ?? Close("negated_metric_effect", negated.Effect) ?? Close("negated_metric_se", negated.StandardError);
    }

    /// <summary>−7 of 4 users succeeded: the peer computes a variance of −1.1 before it refuses.</summary>
    private string? CupedOfImpossible()
    {
        var (control, treatment) = (Before(Input.GetProperty("control")), Before(Input.GetProperty("treatment")));
        return Refused(Covariates.Adjust(control, treatment).Reason == NotComputable.InvalidInput && Covariates.Lift(control, treatment).Reason == NotComputable.InvalidInput);
    }

    private string? CupedMeans()
    {
        var (control, treatment) = (Before(Input.GetProperty("control")), Before(Input.GetProperty("treatment")));
        var theta = Covariates.Theta(control, treatment).Value;
        // The peer divides a proportion's variance by n, and that of a mean by n − 1; θ is of the sums themselves.
        Moments ByCount(Moments arm) => arm with { SquaresA = arm.SquaresA * (arm.Count - 1) / arm.Count, SquaresB = arm.SquaresB * (arm.Count - 1) / arm.Count, Products = arm.Products * (arm.Count - 1) / arm.Count };
        var lift = Method == "cuped_relative_proportion"
            ? Covariates.Lift(ByCount(control), ByCount(treatment), Alpha, theta, studentT: true)
            : Covariates.Lift(control, treatment, Alpha, studentT: true);
        return Close("control_mean", control.MeanA) ?? Close("treatment_mean", treatment.MeanA) ?? Test(lift);
    }

    private string? CupedRatioMeans()
    {
        double Mean(string arm) => Joint(Input.GetProperty(arm)).Means is var means ? means[0] / means[1] : 0;
        return Close("control_mean", Mean("control")) ?? Close("treatment_mean", Mean("treatment")) ?? Test(CupedRatio(studentT: true));
    }

    /// <summary>Each variant has its own θ with control; control's deviation is that of the last pair.</summary>
    private string? CupedArms()
    {
        Moments[] arms = [.. Input.GetProperty("arms").EnumerateArray().Select(Before)];
        for (var arm = 0; arm < arms.Length; arm++)
        {
            var residual = Covariates.Residual(arms[arm], Covariates.Theta(arms[0], arms[arm == 0 ? ^1 : arm]).Value);
            if ((Close("stddev", Math.Sqrt(residual.Variance), arm) ?? Close("mean", arms[arm].MeanA, arm) ?? Close("users", residual.Count, arm)) is { } difference)
                return difference;
        }

        return null;
    }

    private string? Strata()
    {
        Stratum[] strata = [.. Input.GetProperty("strata").EnumerateArray().Select(one => new Stratum(Joint(one.GetProperty("control")), Joint(one.GetProperty("treatment"))))];
        var regression = Method.EndsWith("_reg", StringComparison.Ordinal);
        var ratio = Method.StartsWith("post_stratification_ratio", StringComparison.Ordinal);
        var estimate = (ratio, IsRelative) switch
        {
            (false, true) => PostStratification.Lift(strata, regression),
            (false, false) => PostStratification.Difference(strata, regression),
            (true, true) => PostStratification.RatioLift(strata, regression),
            _ => PostStratification.RatioDifference(strata, regression),
        };
        return Close("pairwise_n", strata.Sum(one => one.Control.Count + one.Treatment.Count)) ?? Test(estimate);
    }

    /// <summary>The peer halves until power is 0.00001 beside the wanted one; the studio's own factor has the wanted power.</summary>
    private string? MoreUsers()
    {
        var (control, treatment) = (Arm("control").Value, Arm("treatment").Value);
        var (lift, wanted, error) = (Number(Input, "target_mde_relative"), Number(Input, "target_power"), Math.Sqrt(Lifts.Variance(control, treatment)));
        var rule = new DecisionRule(Alpha, Prior, Input.GetProperty("sequential_tuning_parameter") is { ValueKind: JsonValueKind.Number } tuning ? tuning.GetDouble() : null);
        double After(double factor) => MidExperiment.PowerAfter(factor, lift, error, Units, rule).Value;
        var (low, high) = (0.0, 1.0);
        while (After(high) < wanted)
            high *= 2;
        var factor = high;
        while (Math.Abs(After(factor) - wanted) >= 1e-5)
        {
            (low, high) = After(factor) > wanted ? (low, factor) : (factor, high);
            factor = (low + high) / 2;
        }

        var own = MidExperiment.MoreUsers(lift, error, Units, rule, wanted).Value;
        return Close("scaling_factor", factor) ?? Close("power_at_scaling_factor", After(factor))
            ?? (Math.Abs(After(own) - wanted) < 1e-9 ? null : $"power {After(own):R} at {own:R}");
    }

    private string? Floor()
    {
        double[][] beliefs = [[0.25, 0.25, 0.25, 0.25], [0.9, 0.1, 0, 0], [0.55, 0.3, 0.1, 0.05]];
        var floor = Number(Input, "floor");
        foreach (var weights in beliefs)
        {
            var floored = Bandit.Floored(weights, floor).Value;
            var expected = Expected.TryGetProperty("weights", out var given) ? [.. given.EnumerateArray().Select(one => one.GetDouble())]
                : Expected.TryGetProperty("equals_floor", out var other) ? Bandit.Floored(weights, other.GetDouble()).Value
                : (IReadOnlyList<double>)[.. weights.Select(weight => floor + (1 - weights.Length * floor) * weight)];
            if (Math.Abs(floored.Sum() - 1) > 1e-9 || floored.Any(weight => weight < Math.Min(floor, 0.25) - 1e-9)
                || floored.Zip(expected).Any(pair => Math.Abs(pair.First - pair.Second) > 1e-9))
                return string.Join(" ", floored);
        }

        return null;
    }

    /// <summary>
    /// The peer's one-sided p: α is halved between 0.00001 and 0.4999 until the bound is 0.000001 beside 0, and then the next middle is answered instead of the
    /// one that was tried. Where the bound is flat that is 0.0001 beside the α at which it is 0.
    /// </summary>
    private static double Searched(Func<double, double> bound)
    {
        var (low, high) = (1e-5, 0.4999);
        if (bound(low) > 0 || bound(high) < 0)
            return bound(low) > 0 ? low : high;
        while (true)
        {
            var middle = (low + high) / 2;
            var distance = bound(middle);
            (low, high) = distance < 0 ? (middle, high) : (low, middle);
            if (Math.Abs(distance) < 1e-6)
                return (low + high) / 2;
        }
    }

    /// <summary>Metric and figure from before.</summary>
    private static Moments Before(JsonElement arm)
    {
        if (!arm.TryGetProperty("post_statistic", out var post))
        {
            // A proportion's squares are its sum.
            double Squares(string name) => arm.TryGetProperty($"{name}_sum_squares", out var squares) ? squares.GetDouble() : Number(arm, $"{name}_sum");
            return Core.Statistics.Moments.OfSums(
                (long)Number(arm, "users"), Number(arm, "main_sum"), Squares("main"), Number(arm, "covariate_sum"), Squares("covariate"), Number(arm, "main_covariate_sum_product"));
        }

        var pre = arm.GetProperty("pre_statistic");
        return Core.Statistics.Moments.OfSums(
            (long)Number(arm, "n"), Number(post, "sum"), SquaresOf(post), Number(pre, "sum"), SquaresOf(pre), Number(arm, "post_pre_sum_of_products"));
    }

    private static double SquaresOf(JsonElement statistic) => Number(statistic, statistic.TryGetProperty("sum_squares", out _) ? "sum_squares" : "sum");

    /// <summary>One, two or four figures a unit, by the kind of statistic.</summary>
    private static JointMoments Joint(JsonElement arm)
    {
        var kind = arm.TryGetProperty("type", out var type) ? type.GetString() : null;
        if (kind is null)
        {
            return Four(arm, (long)Number(arm, "users"), ["main", "denominator", "covariate", "denominator_pre"], (name, figure) => Number(arm, $"{name}_{figure}"),
                "main_denominator_sum_product", "main_covariate_sum_product", "main_post_denominator_pre_sum_product",
                "main_pre_denominator_post_sum_product", "denominator_post_denominator_pre_sum_product", "main_pre_denominator_pre_sum_product");
        }

        var n = (long)Number(arm, "n");
        JointMoments Two(string first, string second, string product)
        {
            var (a, b, both) = (arm.GetProperty(first), arm.GetProperty(second), Number(arm, product));
            return JointMoments.OfSums(n, [Number(a, "sum"), Number(b, "sum")], new[,] { { SquaresOf(a), both }, { both, SquaresOf(b) } });
        }

        return kind switch
        {
            "RatioStatistic" => Two("m_statistic", "d_statistic", "m_d_sum_of_products"),
            "RegressionAdjustedStatistic" => Two("post_statistic", "pre_statistic", "post_pre_sum_of_products"),
            "RegressionAdjustedRatioStatistic" => Four(arm, n, ["m_statistic_post", "d_statistic_post", "m_statistic_pre", "d_statistic_pre"],
                (name, figure) => Number(arm.GetProperty(name), figure), "m_post_d_post_sum_of_products", "m_post_m_pre_sum_of_products",
                "m_post_d_pre_sum_of_products", "m_pre_d_post_sum_of_products", "d_post_d_pre_sum_of_products", "m_pre_d_pre_sum_of_products"),
            _ => JointMoments.OfSums(n, [Number(arm, "sum")], new[,] { { SquaresOf(arm) } }),
        };
    }

    /// <summary>Numerator, denominator, and both from before; products in the order of the upper triangle.</summary>
    private static JointMoments Four(JsonElement arm, long n, string[] figures, Func<string, string, double> read, params string[] products)
    {
        var matrix = new double[4, 4];
        var next = 0;
        for (var row = 0; row < 4; row++)
        {
            matrix[row, row] = read(figures[row], "sum_squares");
            for (var column = row + 1; column < 4; column++)
                matrix[row, column] = matrix[column, row] = Number(arm, products[next++]);
        }

        return JointMoments.OfSums(n, [.. figures.Select(figure => read(figure, "sum"))], matrix);
    }
}
