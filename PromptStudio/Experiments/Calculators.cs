using Microsoft.EntityFrameworkCore;
using PromptStudio.Access;
using PromptStudio.Core.Access;
using PromptStudio.Core.Experiments;
using PromptStudio.Core.Experiments.Analysis;
using PromptStudio.Core.Statistics;
using PromptStudio.Database;
using PromptStudio.Prompts;
using PromptStudio.Web;

namespace PromptStudio.Experiments;

/// <summary>The calculators: is a difference significant, and how many users does it take to find one.</summary>
public sealed class Calculators(IDbContextFactory<StudioDbContext> contexts, Refusals refusals, TimeProvider clock)
{
    private const long MostUsers = 1_000_000_000_000;

    /// <summary>Whether arms differ from the control, looked at once.</summary>
    /// <returns>Or 422 <c>invalid_calculation</c>.</returns>
    public static Answer<SignificanceAnswer> Significance(SignificanceQuestion question)
    {
        var arms = question.Arms;
        if (arms.Count is < 2 or > Core.Experiments.Analysis.Significance.MostArms || arms.Any(arm => arm is null))
            return Invalid("arms", $"'arms' must be 2 to {Core.Experiments.Analysis.Significance.MostArms}, the control first.");
        if (question.SignificanceThreshold is not (>= 0.0001 and <= 0.5))
            return Invalid("significance_threshold", "'significance_threshold' must be 0.0001 to 0.5.");
        if (arms.Any(arm => arm.Users is < 0 or > MostUsers))
            return Invalid("arms", "'users' must be 0 to 1,000,000,000,000.");
        if (arms.All(arm => arm is { Successes: not null, Mean: null, StandardDeviation: null }))
        {
            return arms.Any(arm => arm.Successes < 0 || arm.Successes > arm.Users)
                ? Invalid("arms", "'successes' must be 0 to 'users'.")
                : Answered(arms, [.. arms.Select(arm => arm.Users == 0 ? (double?)null : arm.Successes / (double)arm.Users)],
                    Core.Experiments.Analysis.Significance.OfCounts([.. arms.Select(arm => new ProportionArm(arm.Successes!.Value, arm.Users))], question.SignificanceThreshold));
        }
        if (arms.All(arm => arm is { Successes: null, Mean: not null, StandardDeviation: not null }))
        {
            return arms.Any(arm => !(Math.Abs(arm.Mean!.Value) <= 1e15) || arm.StandardDeviation is not (>= 0 and <= 1e15))
                ? Invalid("arms", "'mean' must be a number up to 1e15, and 'standard_deviation' one from 0 to 1e15.")
                : Answered(arms, [.. arms.Select(arm => arm.Users == 0 ? null : arm.Mean)],
                    Core.Experiments.Analysis.Significance.OfMeans([.. arms.Select(arm => new MeanArm(arm.Users, arm.Mean!.Value, arm.StandardDeviation!.Value * arm.StandardDeviation.Value))], question.SignificanceThreshold));
        }
        return Invalid("arms", "Give each arm 'successes', or each arm 'mean' and 'standard_deviation'.");
    }

    /// <summary>How many users, and days, it takes to find an effect.</summary>
    /// <returns>Or 403, 404 <c>prompt_not_found</c>, 422 <c>invalid_calculation</c>.</returns>
    public async Task<Answer<SampleSizeAnswer>> SampleSizeAsync(Actor actor, SampleSizeQuestion question, CancellationToken cancellationToken)
    {
        if ((Problem(question) ?? EffectProblem(question)) is { } invalid)
            return invalid;
        var usersPerDay = question.UsersPerDay;
        if (question is { UsersPerDay: null, PromptName: { } prompt })
        {
            var traffic = await TrafficAsync(actor, prompt, cancellationToken);
            if (traffic.Problem is { } problem)
                return problem;
            usersPerDay = traffic.Value!.UsersPerDay;
        }
        var plan = new SampleSizePlan
        {
            Groups = question.Groups,
            Alpha = question.SignificanceThreshold,
            Power = question.Power,
            UsersPerDay = usersPerDay,
            Coverage = question.Coverage / 100,
        };
        return question.UsersPerGroup is { } users ? Smallest(plan, question, users, usersPerDay) : Needed(plan, question, usersPerDay);
    }

    private static SampleSizeAnswer Needed(SampleSizePlan plan, SampleSizeQuestion question, double? usersPerDay)
    {
        var effect = question.MinimumEffect!.Value;
        var size = question.BaselineRate is { } rate ? plan.ForRates(rate, rate + effect) : plan.ForMeans(effect, question.StandardDeviation!.Value);
        return size.IsDefined
            ? new SampleSizeAnswer
            {
                UsersPerGroup = size.Value.UsersPerGroup,
                UsersPerGroupAlwaysValid = size.Value.UsersPerGroupAlwaysValid,
                Users = size.Value.Users,
                UsersPerDay = usersPerDay,
                Days = size.Value.Days,
                DaysAlwaysValid = size.Value.DaysAlwaysValid,
            }
            : Unanswered(size.Reason, usersPerDay);
    }

    private static SampleSizeAnswer Smallest(SampleSizePlan plan, SampleSizeQuestion question, long users, double? usersPerDay)
    {
        var effect = question.BaselineRate is { } rate ? plan.SmallestRise(rate, users).Then(found => found.Absolute) : plan.SmallestDifference(question.StandardDeviation!.Value, users);
        return effect.IsDefined
            ? new SampleSizeAnswer
            {
                UsersPerGroup = users,
                Users = users * question.Groups,
                MinimumEffect = effect.Value,
                UsersPerDay = usersPerDay,
                Days = usersPerDay * question.Coverage is > 0 and var share ? Math.Ceiling(users * question.Groups / (share / 100)) : null,
            }
            : Unanswered(effect.Reason, usersPerDay);
    }

    private static SampleSizeAnswer Unanswered(NotComputable? reason, double? usersPerDay) => new() { Reason = reason?.Word(), Explanation = reason?.Sentence(), UsersPerDay = usersPerDay };

    private static Problem? Problem(SampleSizeQuestion question) => question switch
    {
        { Groups: < 2 or > Allocation.MostGroups } => Invalid("groups", $"'groups' must be 2 to {Allocation.MostGroups}."),
        { Power: not (>= 0.5 and <= 0.999) } => Invalid("power", "'power' must be 0.5 to 0.999."),
        { SignificanceThreshold: not (>= 0.0001 and <= 0.5) } => Invalid("significance_threshold", "'significance_threshold' must be 0.0001 to 0.5."),
        { Coverage: not (> 0 and <= 100) } => Invalid("coverage", "'coverage' must be above 0, and 100 per cent at most."),
        { UsersPerDay: not (null or (>= 0 and <= 1e12)) } => Invalid("users_per_day", "'users_per_day' must be 0 to 1e12."),
        _ => null,
    };

    private static Problem? EffectProblem(SampleSizeQuestion question) => question switch
    {
        { BaselineRate: null, StandardDeviation: null } or { BaselineRate: not null, StandardDeviation: not null } =>
            Invalid("baseline_rate", "Give 'baseline_rate' for a rate, or 'standard_deviation' for a mean."),
        { BaselineRate: not (null or (>= 0 and <= 1)) } => Invalid("baseline_rate", "'baseline_rate' must be 0 to 1."),
        { StandardDeviation: not (null or (> 0 and <= 1e15)) } => Invalid("standard_deviation", "'standard_deviation' must be above 0, and 1e15 at most."),
        { MinimumEffect: null, UsersPerGroup: null } or { MinimumEffect: not null, UsersPerGroup: not null } =>
            Invalid("minimum_effect", "Give 'minimum_effect' to learn how many users it takes, or 'users_per_group' to learn what they find."),
        { MinimumEffect: { } effect } when !(Math.Abs(effect) <= 1e15) => Invalid("minimum_effect", "'minimum_effect' must be a number up to 1e15."),
        { MinimumEffect: { } effect, BaselineRate: { } rate } when rate + effect is not (>= 0 and <= 1) => Invalid("minimum_effect", "'baseline_rate' and 'minimum_effect' together must be a rate too, 0 to 1."),
        { UsersPerGroup: < 2 or > MostUsers } => Invalid("users_per_group", "'users_per_group' must be 2 to 1,000,000,000,000."),
        _ => null,
    };

    private async Task<Answer<Traffic>> TrafficAsync(Actor actor, string prompt, CancellationToken cancellationToken)
    {
        var since = clock.GetUtcNow().AddDays(-1);
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var versions = await context.PromptTemplates.AsNoTracking().Where(version => version.Name == prompt).Select(version => new { version.Id, version.Category }).ToListAsync(cancellationToken);
        if (versions.Count == 0)
            return PromptProblem.NotFound(prompt);
        if (!actor.Reaches(prompt, versions[0].Category))
            return await refusals.RecordAsync(actor, $"read executions of prompt {prompt}", AccessProblem.OutOfReach(prompt), cancellationToken);
        var ids = versions.Select(version => version.Id).ToArray();
        return new Traffic(await context.PromptExecutions.Where(execution => ids.Contains(execution.PromptTemplateId) && execution.CreatedAt >= since && execution.UserId != null)
            .Select(execution => execution.UserId).Distinct().CountAsync(cancellationToken));
    }

    private static SignificanceAnswer Answered(IReadOnlyList<Arm> arms, double?[] values, IReadOnlyList<Computed<TreatmentSignificance>> found) => new(
        [.. arms.Select((arm, index) => new ArmFigure(arm.Users, values[index]))],
        [.. found.Select((one, index) => Figure(index + 1, one))]);

    private static TreatmentFigure Figure(int arm, Computed<TreatmentSignificance> found) => !found.IsDefined
        ? new TreatmentFigure { Arm = arm, Reason = found.Reason?.Word(), Explanation = found.Reason?.Sentence() }
        : new TreatmentFigure
        {
            Arm = arm,
            Effect = found.Value.Effect,
            StandardError = found.Value.StandardError,
            P = found.Value.P,
            Log10P = Bounded(found.Value.Log10P),
            AdjustedP = found.Value.AdjustedP,
            Significant = found.Value.Significant,
            Interval = Bounded(found.Value.Interval),
            Lift = found.Value.Lift,
            LiftInterval = found.Value.LiftInterval.IsDefined ? Bounded(found.Value.LiftInterval.Value) : null,
            ExactP = found.Value.ExactP,
            ChanceToBeat = found.Value.ChanceToBeat,
        };

    private static IntervalFigure Bounded(Interval interval) => new(Bounded(interval.Lower), Bounded(interval.Upper));

    private static double? Bounded(double value) => double.IsFinite(value) ? value : null;

    private static Problem Invalid(string member, string detail) => new(422, "invalid_calculation", detail) { Extensions = { ["member"] = member } };

    private sealed record Traffic(double UsersPerDay);
}
