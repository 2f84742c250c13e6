using System.Text.Json;
using System.Text.Json.Nodes;
using PromptStudio.Core.Statistics;
using PromptStudio.Core.Statistics.Distributions;

namespace PromptStudio.Tests.Statistics;

/// <summary>The oracle's methods by name: its input to the studio's functions, their answer in the oracle's words.</summary>
public static class StatsMethods
{
    public static JsonNode Answer(string method, JsonElement input)
    {
        var i = new Input(input);
        return method switch
        {
            "two_proportion_z_unpooled" => Proportion(i, Proportions.Unpooled(i.Control, i.Treatment, i.Alpha), interval: true),
            "two_proportion_z_pooled" => Proportion(i, Proportions.Pooled(i.Control, i.Treatment, i.Alpha), interval: false),
            "proportion_diff_ci" => new JsonObject
            {
                ["newcombe"] = Ends(Proportions.Newcombe(i.Control, i.Treatment, i.Alpha)),
                ["agresti_caffo"] = Ends(Proportions.AgrestiCaffo(i.Control, i.Treatment, i.Alpha)),
                // The file has statsmodels' figures; see ProportionsTests for the likeliest rates.
                ["miettinen_nurminen"] = Ends(Proportions.MiettinenNurminen(i.Control, i.Treatment, i.Alpha, ScoreCubic.Statsmodels)),
            },
            "proportion_ci" => new JsonObject
            {
                ["wilson"] = Ends(Proportions.Wilson(i.Arm, i.Alpha)),
                ["clopper_pearson"] = Ends(Proportions.ClopperPearson(i.Arm, i.Alpha)),
                ["agresti_coull"] = Ends(Proportions.AgrestiCoull(i.Arm, i.Alpha)),
                ["jeffreys"] = Ends(Proportions.Jeffreys(i.Arm, i.Alpha)),
            },
            "relative_risk_ci" => RelativeRisk(i),
            "welch_t" => Welch(i),
            "welch_t_raw" => WelchRaw(i),
            "mean_variance" => MeanVariance(MeanArm.Of(i.Numbers("values"))),
            "fisher_exact" => Of(FisherExact.Of(i.Control, i.Treatment), f => new()
            {
                ["p_two_sided"] = f.PTwoSided,
                ["p_greater"] = f.PGreater,
                ["p_less"] = f.PLess,
                ["sample_odds_ratio"] = Figure(f.OddsRatio),
            }),
            "srm_chi_square" => Of(SampleRatio.ChiSquare(i.Counts("observed"), i.Numbers("weights")), t => new()
            {
                ["chi2"] = t.Statistic,
                ["df"] = t.DegreesOfFreedom,
                ["p"] = t.P,
                ["log10_p"] = t.Log10P,
                ["srm_at_0_001"] = t.P < SampleRatio.Alarm,
            }),
            "srm_sequential" => Of(SampleRatio.Sequential(i.Rows("rows"), i.Numbers("weights"), i.Number("dirichlet_concentration")), looks => new()
            {
                ["log_bayes_factor"] = List(looks.Select(look => look.LogBayesFactor)),
                ["p_sequence"] = List(looks.Select(look => look.P)),
                ["p"] = looks[^1].P,
            }),
            "p_adjust" => Adjusted(i),
            "dunnett" => Of(Dunnett.Of(MeanArm.Of(i.Numbers("control")), [.. i.Lists("treatments").Select(MeanArm.Of)], i.Alternative), d => new()
            {
                ["statistics"] = List(d.Statistics),
                ["df"] = d.DegreesOfFreedom,
                ["p_values"] = List(d.PValues),
            }),
            "dunnett_normal" => Of(Dunnett.Normal(i.Numbers("z"), i.Number("n_control"), i.Numbers("n_treatment"), i.Alternative),
                d => new() { ["p_values"] = List(d.PValues) }),
            "chi2_contingency" => Of(Proportions.Homogeneity([.. i.Counts("successes").Zip(i.Counts("n"), (s, n) => new ProportionArm(s, n))]),
                t => new() { ["chi2"] = t.Statistic, ["df"] = t.DegreesOfFreedom, ["p"] = t.P }),
            "mann_whitney_u" => Ranks(i),
            "quantile" => new JsonObject
            {
                ["type7_linear"] = List(i.Numbers("q").Select(q => Quantiles.Of([.. i.Numbers("values").Order()], q).Value)),
            },
            "winsorize_upper" => Of(Quantiles.Capped(i.Numbers("values"), i.Number("q")),
                c => new() { ["cap"] = c.Cap, ["mean"] = c.Arm.Mean, ["variance"] = c.Arm.Count > 1 ? c.Arm.Variance : null }),
            "quantile_ci" => Of(Quantiles.Between([.. i.Numbers("values").Order()], i.Number("q"), i.Alpha), q => new()
            {
                ["rank_low_real"] = q.RankLow,
                ["rank_high_real"] = q.RankHigh,
                ["q_hat"] = q.Value,
                ["outer_low"] = q.Outer.Lower,
                ["outer_high"] = q.Outer.Upper,
                ["se_outer"] = q.StandardError,
                ["exact_order_low"] = q.Exact.Lower,
                ["exact_order_high"] = q.Exact.Upper,
            }),
            "relative_lift_delta" => Lift(i),
            "ratio_metric_clustered" => Clustered(i),
            "ratio_metric_from_sums" => FromSums(i),
            "cuped" => Cuped(i),
            "bayes_beta_binomial" => BetaBinomial(i),
            "bayes_normal_effect" => Of(
                Bayesian.Effect(i.Number("effect"), i.Number("se"), i.Prior, i.Alpha, i.Flag("lower_is_better")), b => new()
                {
                    ["posterior_mean"] = b.Mean,
                    ["posterior_sd"] = b.Deviation,
                    ["chance_to_win"] = b.ChanceToBeat,
                    ["ci_low"] = b.Interval.Lower,
                    ["ci_high"] = b.Interval.Upper,
                    ["risk_choose_control"] = b.LossOfControl,
                    ["risk_choose_treatment"] = b.LossOfTreatment,
                }),
            "msprt_normal" => Mixture(Sequential.MixtureOfMeans((long)i.Number("n_per_arm"), i.Number("diff") - i.Number("theta0"), i.Number("sigma2"), i.Number("tau2"))),
            "msprt_bernoulli" => Bernoulli(i),
            "msprt_sequence" => new JsonObject
            {
                ["p_sequence"] = List(Sequential.Published(input.GetProperty("cumulative").EnumerateArray().Select(look =>
                {
                    var (control, treatment) = new Input(look).Even;
                    return Sequential.Mixture(control, treatment, i.Number("tau2"));
                }))),
            },
            "msprt_variance_form" => VarianceForm(i),
            "asymptotic_confidence_sequence" => Asymptotic(i),
            "normal_mixture_boundary" => Boundary(Sequential.NormalMixture(i.Number("s"), i.Number("v"), i.Number("v_opt"), i.Alpha)),
            "anytime_valid_t" => Anytime(Sequential.AnytimeT(i.Number("t_squared"), i.Number("df"), i.Number("n"), i.Number("g"))),
            "group_sequential_boundary" => Of(
                GroupSequential.Plan(i.Word("type") == "pocock" ? BoundaryShape.Pocock : BoundaryShape.OBrienFleming, (int)i.Number("looks"), i.Alpha, i.Flag("two_sided")),
                p => new()
                {
                    ["constant"] = p.Constant,
                    ["z_boundaries"] = List(p.Boundaries),
                    ["nominal_p"] = List(p.NominalP(i.Flag("two_sided"))),
                    ["cumulative_alpha"] = List(p.CumulativeAlpha),
                }),
            "alpha_spending_boundary" => Of(
                GroupSequential.Spend(
                    i.Word("spending").EndsWith("pocock", StringComparison.Ordinal) ? AlphaSpending.Pocock : AlphaSpending.OBrienFleming,
                    i.Numbers("information_fractions"), i.Alpha, i.Flag("two_sided")),
                p => new() { ["cumulative_alpha"] = List(p.CumulativeAlpha), ["z_boundaries"] = List(p.Boundaries) }),
            "peeking_false_positive_rate" => Of(GroupSequential.Peeking((int)i.Number("looks"), i.Number("nominal_alpha"), i.Flag("two_sided")),
                rate => new() { ["actual_alpha"] = rate }),
            "power_two_proportions" => Of(
                Power.OfProportions(i.Number("p_control"), i.Number("p_treatment"), i.Number("n_control"), i.Number("n_treatment"), i.Alpha), p => new()
                {
                    ["power_pooled_null"] = p.PooledNull,
                    ["power_unpooled"] = p.Unpooled,
                    ["cohen_h"] = p.CohenH,
                    ["power_cohen_h"] = p.ByCohenH,
                }),
            "sample_size_two_proportions" => Of(
                Power.SampleOfProportions(i.Number("p_control"), i.Number("p_treatment"), i.Alpha, i.Number("power")), s => new()
                {
                    ["per_arm_pooled"] = s.Pooled,
                    ["per_arm_pooled_ceil"] = Math.Ceiling(s.Pooled),
                    ["per_arm_unpooled"] = s.Unpooled,
                    ["per_arm_unpooled_ceil"] = Math.Ceiling(s.Unpooled),
                    ["per_arm_baseline_null"] = s.BaselineNull,
                    ["per_arm_cohen_h"] = s.ByCohenH,
                }),
            "mde_proportion" => Of(Power.MinimumRise(i.Number("p_control"), i.Number("n_per_arm"), i.Alpha, i.Number("power")), m => new()
            {
                ["mde_absolute"] = m.Absolute,
                ["mde_relative"] = Figure(m.Relative),
                ["mde_absolute_baseline_variance"] = m.AbsoluteByBaseline,
            }),
            "power_two_means" => Of(
                Power.OfMeans(i.Number("difference"), i.Number("sd"), i.Number("n_control"), i.Number("n_treatment"), i.Alpha),
                p => new() { ["cohen_d"] = p.CohenD, ["power_t"] = p.StudentT, ["power_z"] = p.Normal }),
            "sample_size_two_means" => Of(
                Power.SampleOfMeans(i.Number("difference"), i.Number("sd"), i.Alpha, i.Number("power"), i.Number("ratio_treatment_to_control")),
                s => new() { ["n_control_t"] = s.StudentT, ["n_control_z"] = s.Normal, ["n_control_t_ceil"] = Math.Ceiling(s.StudentT) }),
            "clustered_sample_size" => Of(
                Power.Clustered(i.Number("n_executions_iid"), i.Number("executions_per_user"), i.Number("icc")),
                s => new() { ["design_effect"] = s.DesignEffect, ["n_executions"] = s.Executions, ["n_users"] = s.Users }),
            "non_inferiority_proportion" => Of(Proportions.NonInferior(i.Control, i.Treatment, i.Number("margin"), i.Alpha), n => new()
            {
                ["z"] = n.Statistic,
                ["p_one_sided"] = n.P,
                ["ci_lower_one_sided"] = n.LowerBound,
                ["non_inferior"] = n.Holds,
            }),
            "aa_rejection_bounds" => Of(Power.AgainstItself((int)i.Number("simulations"), i.Alpha, i.Number("coverage")),
                b => new() { ["low"] = b.Low, ["high"] = b.High, ["mean"] = b.Mean }),
            "distribution_tail" => new JsonObject { ["value"] = Tail(i) },
            _ => throw new InvalidOperationException($"No method {method}."),
        };
    }

    private static JsonObject Proportion(Input i, Computed<Estimate> test, bool interval)
    {
        var answer = Of(test, e =>
        {
            var figures = new JsonObject
            {
                ["se"] = e.StandardError,
                ["z"] = e.Statistic,
                ["p_two_sided"] = e.P,
                ["p_greater"] = e.PGreater,
                ["p_less"] = e.PLess,
                ["log10_p_two_sided"] = e.Log10P,
            };
            if (interval)
                (figures["ci_low"], figures["ci_high"]) = (e.Lower, e.Upper);
            return figures;
        });
        (answer["p_control"], answer["p_treatment"]) = (i.Control.Rate, i.Treatment.Rate);
        answer["diff"] = i.Treatment.Rate - i.Control.Rate;
        return answer;
    }

    private static JsonObject RelativeRisk(Input i)
    {
        if (i.Control.Successes == 0 || i.Control.Count == 0 || i.Treatment.Count == 0)
            return Of(Proportions.Risk(i.Control, i.Treatment, i.Alpha), _ => []);
        var risk = Proportions.Risk(i.Control, i.Treatment, i.Alpha);
        return new()
        {
            ["ratio"] = i.Treatment.Rate / i.Control.Rate,
            ["lift"] = i.Treatment.Rate / i.Control.Rate - 1,
            ["se_log"] = Figure(risk.Then(r => r.LogError)),
            ["katz_log"] = Ends(risk.Then(r => r.Lift), "lift_low", "lift_high"),
            ["score"] = Ends(Proportions.ScoreLift(i.Control, i.Treatment, i.Alpha), "lift_low", "lift_high"),
        };
    }

    private static JsonObject Welch(Input i)
    {
        var answer = Of(Means.Welch(i.ControlMean, i.TreatmentMean, i.Alpha), e => new()
        {
            ["se"] = e.StandardError,
            ["t"] = e.Statistic,
            ["df"] = e.DegreesOfFreedom,
            ["p_two_sided"] = e.P,
            ["p_greater"] = e.PGreater,
            ["p_less"] = e.PLess,
            ["t_critical"] = StudentT.Critical(i.Alpha, e.DegreesOfFreedom!.Value),
            ["ci_low"] = e.Lower,
            ["ci_high"] = e.Upper,
        });
        answer["diff"] = i.TreatmentMean.Mean - i.ControlMean.Mean;
        return answer;
    }

    private static JsonObject WelchRaw(Input i)
    {
        var plain = Means.Welch(MeanArm.Of(i.Numbers("control")), MeanArm.Of(i.Numbers("treatment")), i.Alpha);
        var log = Means.Welch(MeanArm.Of(i.Numbers("control").Select(value => Math.Log(value))), MeanArm.Of(i.Numbers("treatment").Select(value => Math.Log(value))), i.Alpha);
        return new()
        {
            ["raw"] = Of(plain, e => new()
            {
                ["diff"] = e.Effect,
                ["t"] = e.Statistic,
                ["df"] = e.DegreesOfFreedom,
                ["p_two_sided"] = e.P,
                ["ci_low"] = e.Lower,
                ["ci_high"] = e.Upper,
            }),
            ["log"] = Of(log, e => new()
            {
                ["geo_mean_ratio"] = Math.Exp(e.Effect),
                ["t"] = e.Statistic,
                ["df"] = e.DegreesOfFreedom,
                ["p_two_sided"] = e.P,
                ["ratio_low"] = Math.Exp(e.Lower),
                ["ratio_high"] = Math.Exp(e.Upper),
            }),
        };
    }

    private static JsonObject MeanVariance(MeanArm arm) => new() { ["mean"] = arm.Mean, ["variance"] = arm.Count > 1 ? arm.Variance : null };

    private static JsonObject Adjusted(Input i)
    {
        (string, Adjustment)[] methods =
        [
            ("bonferroni", Adjustment.Bonferroni), ("holm", Adjustment.Holm), ("hochberg", Adjustment.Hochberg), ("sidak", Adjustment.Sidak),
            ("benjamini_hochberg", Adjustment.BenjaminiHochberg), ("benjamini_yekutieli", Adjustment.BenjaminiYekutieli),
        ];
        var (answer, rejected) = (new JsonObject(), new JsonObject());
        foreach (var (name, method) in methods)
        {
            answer[name] = List(Multiplicity.Adjust(i.Numbers("p_values"), method));
            rejected[name] = new JsonArray([.. Multiplicity.Rejects(i.Numbers("p_values"), method, i.Alpha).Select(reject => (JsonNode)reject)]);
        }

        answer["reject_at_0_05"] = rejected;
        return answer;
    }

    private static JsonObject Ranks(Input i) => Of(MannWhitney.Of(i.Numbers("control"), i.Numbers("treatment")), r =>
    {
        var answer = Of(r.Asymptotic, p => new()
        {
            ["p_asymptotic_cc"] = p,
            ["p_asymptotic_no_cc"] = Figure(r.AsymptoticPlain),
            ["p_exact_two_sided"] = Figure(r.Exact),
            ["p_exact_greater"] = Figure(r.ExactGreater),
            ["hodges_lehmann"] = r.Shift,
            ["u_control"] = r.UControl,
        });
        (answer["u_treatment"], answer["prob_superiority"]) = (r.UTreatment, r.Superiority);
        return answer;
    });

    private static JsonObject Lift(Input i)
    {
        var (control, treatment) = (i.ControlMean, i.TreatmentMean);
        return Of(Lifts.Delta(control, treatment, i.Alpha), z =>
        {
            var student = Lifts.Delta(control, treatment, i.Alpha, studentT: true).Value;
            var fieller = Ends(Lifts.Fieller(control, treatment, i.Alpha));
            fieller["g"] = Lifts.FiellerG(control, StandardNormal.Critical(i.Alpha));
            return new()
            {
                ["lift"] = z.Effect,
                ["variance"] = z.StandardError * z.StandardError,
                ["se"] = z.StandardError,
                ["z"] = z.Statistic,
                ["p_z_two_sided"] = z.P,
                ["ci_z_low"] = z.Lower,
                ["ci_z_high"] = z.Upper,
                ["welch_df"] = new JsonObject
                {
                    ["df"] = student.DegreesOfFreedom,
                    ["p_two_sided"] = student.P,
                    ["ci_low"] = student.Lower,
                    ["ci_high"] = student.Upper,
                },
                ["fieller"] = fieller,
            };
        });
    }

    private static JsonObject Clustered(Input i)
    {
        var (control, treatment) = (RatioArm.OfUnits(i.Lists("control_users")), RatioArm.OfUnits(i.Lists("treatment_users")));
        // What is wrong with executions taken as independent, kept to show the design effect.
        double Naive(string users) => MeanArm.Of(i.Lists(users).SelectMany(user => user)).MeanVariance;

        return Of(Ratios.Difference(control, treatment, i.Alpha), d =>
        {
            var naive = Naive("control_users") + Naive("treatment_users");
            var lift = Ratios.Lift(control, treatment, i.Alpha);
            return new()
            {
                ["control"] = RatioFigures(control),
                ["treatment"] = RatioFigures(treatment),
                ["diff"] = d.Effect,
                ["se_diff"] = d.StandardError,
                ["z"] = d.Statistic,
                ["p_two_sided"] = d.P,
                ["ci_low"] = d.Lower,
                ["ci_high"] = d.Upper,
                ["lift"] = Figure(lift.Then(l => l.Effect)),
                ["se_lift"] = Figure(lift.Then(l => l.StandardError)),
                ["p_lift_two_sided"] = Figure(lift.Then(l => l.P)),
                ["ci_lift_low"] = Figure(lift.Then(l => l.Lower)),
                ["ci_lift_high"] = Figure(lift.Then(l => l.Upper)),
                ["naive_se_diff_wrong"] = Math.Sqrt(naive),
                ["design_effect"] = d.StandardError * d.StandardError / naive,
            };
        });
    }

    private static JsonObject RatioFigures(RatioArm arm) => Of(arm.AsMean, mean => new()
    {
        ["users"] = arm.Units,
        ["executions"] = Math.Round(arm.DenominatorMean * arm.Units),
        ["ratio"] = mean.Mean,
        ["variance"] = mean.MeanVariance,
        ["se"] = Math.Sqrt(mean.MeanVariance),
        ["covariance"] = arm.Covariance,
    });

    private static JsonObject FromSums(Input i)
    {
        var arm = RatioArm.OfSums(
            (long)i.Number("n"), i.Number("num_sum"), i.Number("num_sum_squares"), i.Number("den_sum"), i.Number("den_sum_squares"), i.Number("num_den_sum_product"));
        return Of(arm.AsMean, mean => new()
        {
            ["ratio"] = mean.Mean,
            ["covariance"] = arm.Covariance,
            ["variance_unit"] = mean.Variance,
            ["se"] = Math.Sqrt(mean.MeanVariance),
        });
    }

    private static JsonObject Cuped(Input i)
    {
        Moments Of2(string post, string pre) => i.Numbers(post).Zip(i.Numbers(pre)).Aggregate(Moments.Empty, (sum, unit) => sum.Add(unit.First, unit.Second));
        var answer = Of(Covariates.Adjust(Of2("post_control", "pre_control"), Of2("post_treatment", "pre_treatment")), a => new()
        {
            ["theta"] = a.Theta,
            ["diff_adjusted"] = a.Adjusted.Effect,
            ["se_adjusted"] = a.Adjusted.StandardError,
            ["diff_unadjusted"] = a.Unadjusted.Effect,
            ["se_unadjusted"] = a.Unadjusted.StandardError,
            ["variance_ratio"] = a.VarianceRatio,
            ["t"] = a.Adjusted.Statistic,
            ["df"] = a.Adjusted.DegreesOfFreedom,
            ["p_two_sided"] = a.Adjusted.P,
        });
        // Without a covariate that varies nothing is adjusted.
        answer.TryAdd("theta", 0);
        return answer;
    }

    private static JsonObject BetaBinomial(Input i)
    {
        var prior = i.Part("prior");
        return Of(Bayesian.Rates(i.Proportion("a"), i.Proportion("b"), prior.Number("alpha"), prior.Number("beta"), i.Number("level")), r => new()
        {
            ["prob_b_beats_a"] = r.ChanceToBeat,
            ["expected_loss_choose_a"] = r.LossOfControl,
            ["expected_loss_choose_b"] = r.LossOfTreatment,
            ["posterior_mean_a"] = r.ControlMean,
            ["posterior_mean_b"] = r.TreatmentMean,
            ["ci_a"] = List([r.Control.Lower, r.Control.Upper]),
            ["ci_b"] = List([r.Treatment.Lower, r.Treatment.Upper]),
        });
    }

    private static JsonObject Mixture(Computed<AlwaysValid> test) => Of(test, a => new() { ["log_lambda"] = a.LogEvidence, ["p_always_valid"] = a.P });

    private static JsonObject Bernoulli(Input i)
    {
        var (control, treatment) = i.Even;
        var answer = Mixture(Sequential.Mixture(control, treatment, i.Number("tau2")));
        answer["v"] = control.Variance + treatment.Variance;
        answer.TryAdd("p_always_valid", 1.0);
        return answer;
    }

    private static JsonObject VarianceForm(Input i)
    {
        var (variance, mixing) = (i.Number("variance_of_diff"), i.Number("tau2"));
        return Of(Sequential.Mixture(i.Number("diff"), variance, mixing, i.Alpha), a => new()
        {
            ["log_lambda"] = a.LogEvidence,
            ["p_always_valid"] = a.P,
            ["ci_low"] = a.Interval.Lower,
            ["ci_high"] = a.Interval.Upper,
            // A peer's formula, for comparison: −2 ln(α/2) in place of −2 ln α.
            ["statsig_two_sided_halfwidth"] = Sequential.Mixture(0, variance, mixing, i.Alpha / 2).Value.Interval.Upper,
        });
    }

    private static JsonObject Asymptotic(Input i)
    {
        var rho = Sequential.Rho(i.Alpha, i.Number("tuning_n"));
        return Of(Sequential.Asymptotic(i.Number("effect"), i.Number("se"), i.Number("n_total"), i.Alpha, i.Number("tuning_n")), a => new()
        {
            ["rho"] = rho,
            ["howard_rho"] = 1 / (rho * rho),
            ["multiplier"] = a.Multiplier,
            ["halfwidth"] = a.Multiplier * i.Number("se"),
            ["ci_low"] = a.Interval.Lower,
            ["ci_high"] = a.Interval.Upper,
            ["p_always_valid"] = a.P,
            ["fixed_multiplier"] = StandardNormal.Critical(i.Alpha),
        });
    }

    private static JsonObject Boundary(MixtureBoundary b) => new() { ["rho"] = b.Rho, ["log_mixture"] = b.LogMixture, ["bound"] = b.Bound };

    private static JsonObject Anytime((double LogEvidence, double P) test) => new() { ["log_e"] = test.LogEvidence, ["p"] = test.P };

    private static double Tail(Input i) => i.Word("function") switch
    {
        "normal_sf" => StandardNormal.Upper(i.Number("x")),
        "normal_isf" => StandardNormal.UpperQuantile(i.Number("q")),
        "normal_cdf" => StandardNormal.Lower(i.Number("x")),
        "student_t_sf" => StudentT.Upper(i.Number("x"), i.Number("df")),
        "student_t_isf" => StudentT.UpperQuantile(i.Number("q"), i.Number("df")),
        "student_t_cdf" => StudentT.Lower(i.Number("x"), i.Number("df")),
        "chi2_sf" => ChiSquare.Upper(i.Number("x"), i.Number("df")),
        "beta_cdf" => BetaDistribution.Lower(i.Number("a"), i.Number("b"), i.Number("x")),
        "beta_sf" => BetaDistribution.Upper(i.Number("a"), i.Number("b"), i.Number("x")),
        "beta_ppf" => BetaDistribution.LowerQuantile(i.Number("a"), i.Number("b"), i.Number("q")),
        var other => throw new InvalidOperationException($"No function {other}."),
    };

    private static JsonObject Of<T>(Computed<T> computed, Func<T, JsonObject> figures) => computed.IsDefined
        ? figures(computed.Value)
        : new JsonObject { ["defined"] = false, ["reason"] = computed.Reason!.Value.Word() };

    private static JsonObject Ends(Computed<Interval> interval, string low = "ci_low", string high = "ci_high") =>
        Of(interval, ends => new() { [low] = Figure(ends.Lower), [high] = Figure(ends.Upper) });

    private static JsonNode Figure(Computed<double> figure) =>
        !figure.IsDefined ? Of(figure, _ => [])
        : double.IsFinite(figure.Value) ? JsonValue.Create(figure.Value)
        : JsonValue.Create(figure.Value > 0 ? "Infinity" : "-Infinity");

    private static JsonArray List(IEnumerable<double> values) => new([.. values.Select(value => (JsonNode)value)]);

    /// <summary>A case's input by the names that the file has.</summary>
    private readonly struct Input(JsonElement json)
    {
        public double Alpha => Number("alpha", 0.05);

        public ProportionArm Control => Proportion("control");

        public ProportionArm Treatment => Proportion("treatment");

        public ProportionArm Arm => new(json.GetProperty("successes").GetInt64(), json.GetProperty("n").GetInt64());

        public MeanArm ControlMean => Mean("control");

        public MeanArm TreatmentMean => Mean("treatment");

        public (ProportionArm Control, ProportionArm Treatment) Even =>
            (new((long)Number("successes_control"), (long)Number("n_per_arm")), new((long)Number("successes_treatment"), (long)Number("n_per_arm")));

        public Alternative Alternative => json.TryGetProperty("alternative", out var word) ? word.GetString() switch
        {
            "greater" => Alternative.Greater,
            "less" => Alternative.Less,
            _ => Alternative.TwoSided,
        } : Alternative.TwoSided;

        public EffectPrior? Prior => json.TryGetProperty("prior", out var prior) && prior.ValueKind == JsonValueKind.Object
            ? new EffectPrior(prior.GetProperty("mean").GetDouble(), prior.GetProperty("variance").GetDouble())
            : null;

        public ProportionArm Proportion(string name) => Part(name).Arm;

        public Input Part(string name) => new(json.GetProperty(name));

        public double Number(string name, double otherwise = double.NaN) =>
            json.TryGetProperty(name, out var value) ? value.GetDouble() : double.IsNaN(otherwise) ? throw new KeyNotFoundException(name) : otherwise;

        public string Word(string name) => json.GetProperty(name).GetString()!;

        public bool Flag(string name) => json.TryGetProperty(name, out var flag) ? flag.GetBoolean() : name == "two_sided";

        public double[] Numbers(string name) => [.. json.GetProperty(name).EnumerateArray().Select(value => value.GetDouble())];

        public long[] Counts(string name) => [.. json.GetProperty(name).EnumerateArray().Select(value => (long)value.GetDouble())];

        public IEnumerable<double[]> Lists(string name) =>
            json.GetProperty(name).EnumerateArray().Select(list => list.EnumerateArray().Select(value => value.GetDouble()).ToArray());

        public IEnumerable<IReadOnlyList<long>> Rows(string name) =>
            json.GetProperty(name).EnumerateArray().Select(list => (IReadOnlyList<long>)[.. list.EnumerateArray().Select(value => (long)value.GetDouble())]);

        private MeanArm Mean(string name) => new(
            (long)Part(name).Number("n"), Part(name).Number("mean"), Part(name).Number("variance"));
    }
}
