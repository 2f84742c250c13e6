namespace PromptStudio.Core.Statistics;

/// <summary>So many successes among so many units.</summary>
public readonly record struct ProportionArm(long Successes, long Count)
{
    /// <summary>Share of successes; 0 without a unit.</summary>
    public double Rate => Count == 0 ? 0 : (double)Successes / Count;

    /// <summary>p (1 − p), without the loss of 1 − p.</summary>
    public double Variance => Count == 0 ? 0 : Rate * ((double)(Count - Successes) / Count);

    /// <summary>Whether there can be such an arm.</summary>
    public bool IsValid => Count >= 0 && Successes >= 0 && Successes <= Count;
}

/// <summary>Mean and sample variance (divided by n − 1) of one figure a unit.</summary>
public readonly record struct MeanArm(long Count, double Mean, double Variance)
{
    /// <summary>Variance of the mean.</summary>
    public double MeanVariance => Variance / Count;

    /// <summary>Mean and variance of values.</summary>
    public static MeanArm Of(IEnumerable<double> values)
    {
        var moments = Moments.Empty;
        foreach (var value in values)
            moments = moments.Add(value, 0);
        return moments.Mean;
    }

    /// <summary>Why the arm has no mean with an error, if so.</summary>
    internal NotComputable? Problem => Count <= 0 ? NotComputable.EmptyArm
        : !double.IsFinite(Mean) ? NotComputable.InvalidInput
        : Count == 1 ? NotComputable.InsufficientN
        : !double.IsFinite(Variance) || Variance < 0 ? NotComputable.InvalidInput
        : null;
}

/// <summary>
/// A metric that divides two sums over units, e.g. successes by executions, when a unit has several executions:
/// means, sample variances and covariance of both over the units.
/// </summary>
public readonly record struct RatioArm(
    long Units, double NumeratorMean, double DenominatorMean, double NumeratorVariance, double DenominatorVariance, double Covariance)
{
    /// <summary>The ratio of the sums.</summary>
    public Computed<double> Ratio => Units <= 0 ? NotComputable.EmptyArm : DenominatorMean == 0 ? NotComputable.ZeroDenominator : NumeratorMean / DenominatorMean;

    /// <summary>Variance of a single unit's share in the ratio: n times that of the ratio.</summary>
    /// <remarks>The delta method: (s²ₛ − 2 R sₛₙ + R² s²ₙ) / N̄². Deng, Knoblich, Lu, KDD 2018, section 3.</remarks>
    public Computed<double> UnitVariance
    {
        get
        {
            var (numerator, denominator, both) = (NumeratorVariance, DenominatorVariance, Covariance);
            var (mean, units) = (DenominatorMean, Units);
            return Ratio.Then<double>(ratio => units < 2
                ? NotComputable.InsufficientN
                : Math.Max(0, numerator - 2 * ratio * both + ratio * ratio * denominator) / (mean * mean));
        }
    }

    /// <summary>The ratio as a mean with its variance, as all further methods take it.</summary>
    public Computed<MeanArm> AsMean
    {
        get
        {
            var (arm, units) = (this, Units);
            return UnitVariance.Then(variance => new MeanArm(units, arm.NumeratorMean / arm.DenominatorMean, variance));
        }
    }

    /// <summary>From one list of figures a unit: the ratio is their mean over all units' figures together.</summary>
    public static RatioArm OfUnits(IEnumerable<IReadOnlyCollection<double>> units)
    {
        var moments = Moments.Empty;
        foreach (var unit in units)
            moments = moments.Add(unit.Sum(), unit.Count);
        return moments.Ratio;
    }

    /// <summary>From raw sums, for figures that come from elsewhere; the studio's own are centred (<see cref="Moments"/>).</summary>
    public static RatioArm OfSums(
        long units, double numerator, double numeratorSquares, double denominator, double denominatorSquares, double products) => new(
        units, numerator / units, denominator / units,
        (numeratorSquares - numerator * numerator / units) / (units - 1),
        (denominatorSquares - denominator * denominator / units) / (units - 1),
        (products - numerator * denominator / units) / (units - 1));
}
