namespace PromptStudio.Experiments;

/// <summary>Figures of an arm: counts, or mean and standard deviation.</summary>
public sealed record Arm
{
    public required long Users { get; init; }

    /// <summary>How many of them succeeded.</summary>
    public long? Successes { get; init; }

    /// <summary>Mean over users.</summary>
    public double? Mean { get; init; }

    /// <summary>Sample standard deviation over users.</summary>
    public double? StandardDeviation { get; init; }
}

/// <summary>What the significance calculator is asked.</summary>
public sealed record SignificanceQuestion
{
    /// <summary>The control first; all with counts, or all with means.</summary>
    public required IReadOnlyList<Arm> Arms { get; init; }

    public double SignificanceThreshold { get; init; } = 0.05;
}

/// <summary>An arm's rate or mean.</summary>
public sealed record ArmFigure(long Users, double? Value);

/// <summary>From … to; null: not bounded on that side.</summary>
public sealed record IntervalFigure(double? Lower, double? Upper);

/// <summary>What the significance calculator says of an arm against the control.</summary>
public sealed record TreatmentFigure
{
    /// <summary>Its place in the question; the control has 0.</summary>
    public required int Arm { get; init; }

    /// <summary>Why nothing can be said, as a code; null: it can.</summary>
    public string? Reason { get; init; }

    /// <summary>The reason in words.</summary>
    public string? Explanation { get; init; }

    /// <summary>Arm minus control.</summary>
    public double? Effect { get; init; }

    public double? StandardError { get; init; }

    /// <summary>Two-sided; right when the figures are looked at once.</summary>
    public double? P { get; init; }

    /// <summary>Its logarithm to base 10, also where p is too small for a number.</summary>
    public double? Log10P { get; init; }

    /// <summary>Adjusted for the number of arms (Holm).</summary>
    public double? AdjustedP { get; init; }

    /// <summary>Whether the adjusted p is at most the threshold: exactly when the interval excludes 0.</summary>
    public bool Significant { get; init; }

    /// <summary>Of the difference, at the adjusted level.</summary>
    public IntervalFigure? Interval { get; init; }

    /// <summary>The effect as a share of the control's figure.</summary>
    public double? Lift { get; init; }

    /// <summary>Fieller's; null: the control's figure is too uncertain for one.</summary>
    public IntervalFigure? LiftInterval { get; init; }

    /// <summary>Fisher's exact p, for counts.</summary>
    public double? ExactP { get; init; }

    /// <summary>Bayesian, from a flat prior.</summary>
    public double? ChanceToBeat { get; init; }
}

/// <summary>What the significance calculator says.</summary>
public sealed record SignificanceAnswer(IReadOnlyList<ArmFigure> Arms, IReadOnlyList<TreatmentFigure> Comparisons);

/// <summary>What the sample size calculator is asked: about a rate (<c>baseline_rate</c>), or about a mean (<c>standard_deviation</c>).</summary>
public sealed record SampleSizeQuestion
{
    /// <summary>The control's rate, 0 to 1.</summary>
    public double? BaselineRate { get; init; }

    /// <summary>Standard deviation over users of what is averaged.</summary>
    public double? StandardDeviation { get; init; }

    /// <summary>The smallest difference worth finding, in the metric's unit: 0.02 is two points of a rate. Absent: see <see cref="UsersPerGroup"/>.</summary>
    public double? MinimumEffect { get; init; }

    /// <summary>Instead of the effect: users that each group will have; the answer is the smallest effect that they find.</summary>
    public long? UsersPerGroup { get; init; }

    /// <summary>Groups, the control included.</summary>
    public int Groups { get; init; } = 2;

    /// <summary>How often an effect of that size is found.</summary>
    public double Power { get; init; } = 0.8;

    public double SignificanceThreshold { get; init; } = 0.05;

    /// <summary>Users that come a day; absent: see <see cref="PromptName"/>.</summary>
    public double? UsersPerDay { get; init; }

    /// <summary>Whose users of the last 24 hours are taken as the traffic.</summary>
    public string? PromptName { get; init; }

    /// <summary>Per cent of them who take part.</summary>
    public double Coverage { get; init; } = 100;
}

/// <summary>What an experiment needs.</summary>
public sealed record SampleSizeAnswer
{
    /// <summary>Why nothing can be said, as a code; null: it can.</summary>
    public string? Reason { get; init; }

    /// <summary>The reason in words.</summary>
    public string? Explanation { get; init; }

    /// <summary>Users of each group, for one look at the end.</summary>
    public long? UsersPerGroup { get; init; }

    /// <summary>Users of each group, for who looks all the time.</summary>
    public long? UsersPerGroupAlwaysValid { get; init; }

    /// <summary>Users of all groups together, for one look at the end.</summary>
    public long? Users { get; init; }

    /// <summary>The smallest effect that so many users find, when those were given.</summary>
    public double? MinimumEffect { get; init; }

    /// <summary>The traffic that the days are worked out from; null: none is known.</summary>
    public double? UsersPerDay { get; init; }

    /// <summary>Days that it takes, for one look at the end.</summary>
    public double? Days { get; init; }

    /// <summary>Days that it takes at most, for who looks all the time.</summary>
    public double? DaysAlwaysValid { get; init; }
}
