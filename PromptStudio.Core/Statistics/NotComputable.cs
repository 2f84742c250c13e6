namespace PromptStudio.Core.Statistics;

/// <summary>Why a figure does not exist.</summary>
public enum NotComputable
{
    /// <summary>An arm has no unit.</summary>
    EmptyArm,

    /// <summary>Too few units for a variance: two an arm are needed.</summary>
    InsufficientN,

    /// <summary>No unit differs from another, so nothing can be said about chance.</summary>
    ZeroVariance,

    /// <summary>Both arms together have only successes, or only failures.</summary>
    ZeroPooledVariance,

    /// <summary>Each arm has only successes, or only failures.</summary>
    ZeroUnpooledVariance,

    /// <summary>The control's figure is 0: nothing is so many per cent of it.</summary>
    ZeroBaseline,

    /// <summary>Nothing succeeded where the logarithm of a rate is needed.</summary>
    ZeroSuccesses,

    /// <summary>The sum to divide by is 0.</summary>
    ZeroDenominator,

    /// <summary>No unit was assigned at all.</summary>
    NoTraffic,

    /// <summary>Units are in an arm that should get none.</summary>
    UnexpectedTraffic,

    /// <summary>One arm alone cannot be compared.</summary>
    SingleArm,

    /// <summary>All values are the same.</summary>
    AllValuesTied,

    /// <summary>The covariate is the same for all units and explains nothing.</summary>
    ZeroCovariateVariance,

    /// <summary>The control's figure is too uncertain: any lift is compatible with the data.</summary>
    UnboundedInterval,

    /// <summary>No difference is to be found, so no sample is large enough.</summary>
    ZeroEffect,

    /// <summary>No figure within the metric's range does it.</summary>
    NotReachable,

    /// <summary>The method cannot be used with equal values.</summary>
    TiedValues,

    /// <summary>The sample is too large for the exact method.</summary>
    TooLarge,

    /// <summary>Figures contradict each other, e.g. more successes than units, or are no numbers.</summary>
    InvalidInput,
}

/// <summary>The words of <see cref="NotComputable"/>.</summary>
public static class NotComputableWords
{
    /// <summary>The stable code, as in JSON: <c>zero_baseline</c>.</summary>
    public static string Word(this NotComputable reason) => reason switch
    {
        NotComputable.EmptyArm => "empty_arm",
        NotComputable.InsufficientN => "insufficient_n",
        NotComputable.ZeroVariance => "zero_variance",
        NotComputable.ZeroPooledVariance => "zero_pooled_variance",
        NotComputable.ZeroUnpooledVariance => "zero_unpooled_variance",
        NotComputable.ZeroBaseline => "zero_baseline",
        NotComputable.ZeroSuccesses => "zero_successes",
        NotComputable.ZeroDenominator => "zero_denominator",
        NotComputable.NoTraffic => "no_traffic",
        NotComputable.UnexpectedTraffic => "unexpected_traffic",
        NotComputable.SingleArm => "single_arm",
        NotComputable.AllValuesTied => "all_values_tied",
        NotComputable.ZeroCovariateVariance => "zero_covariate_variance",
        NotComputable.UnboundedInterval => "unbounded_interval",
        NotComputable.ZeroEffect => "zero_effect",
        NotComputable.NotReachable => "not_reachable",
        NotComputable.TiedValues => "tied_values",
        NotComputable.TooLarge => "too_large",
        _ => "invalid_input",
    };

    /// <summary>The reason as a sentence for people.</summary>
    public static string Sentence(this NotComputable reason) => reason switch
    {
        NotComputable.EmptyArm => "A group has no users yet.",
        NotComputable.InsufficientN => "A group has too few users yet.",
        NotComputable.ZeroVariance => "All users have the same value, so chance cannot be told from effect.",
        NotComputable.ZeroPooledVariance or NotComputable.ZeroUnpooledVariance => "Nobody, or everybody, succeeded in both groups.",
        NotComputable.ZeroBaseline => "Control's figure is 0, so there is nothing to be a percentage of.",
        NotComputable.ZeroSuccesses => "Nobody succeeded in a group, so no ratio can be formed.",
        NotComputable.ZeroDenominator => "There is nothing to divide by yet.",
        NotComputable.NoTraffic => "Nobody has been assigned yet.",
        NotComputable.UnexpectedTraffic => "Users are in a group that should get none.",
        NotComputable.SingleArm => "There is only one group.",
        NotComputable.AllValuesTied => "All values are the same.",
        NotComputable.ZeroCovariateVariance => "All users had the same value before the experiment, so it cannot be adjusted for.",
        NotComputable.UnboundedInterval => "Control's figure is too uncertain to state a lift.",
        NotComputable.ZeroEffect => "There is no difference to find.",
        NotComputable.NotReachable => "No value in the metric's range is large enough.",
        NotComputable.TiedValues => "The exact method cannot be used with equal values.",
        NotComputable.TooLarge => "The sample is too large for the exact method.",
        _ => "The figures contradict each other.",
    };
}
