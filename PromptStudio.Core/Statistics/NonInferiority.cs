namespace PromptStudio.Core.Statistics;

/// <summary>Whether a change for the worse beyond a margin can be excluded.</summary>
/// <param name="Statistic">(effect + margin) by its standard error.</param>
/// <param name="P">One-sided: small when the effect is surely better than −margin.</param>
/// <param name="LowerBound">One-sided bound of the effect.</param>
/// <param name="Holds">P below alpha: not worse by more than the margin.</param>
/// <param name="Worse">Surely worse than the margin allows, by the same test from the other side.</param>
public sealed record NonInferiority(double Statistic, double P, double LowerBound, bool Holds, bool Worse)
{
    /// <summary>Of an effect for which larger is better; turn the sign of one for which smaller is better.</summary>
    public static Computed<NonInferiority> Of(double effect, double standardError, double margin, double alpha, double? degreesOfFreedom = null)
    {
        if (!(margin >= 0))
            return NotComputable.InvalidInput;
        return Estimate.Of(effect + margin, standardError, alpha, degreesOfFreedom, Alternative.Greater)
            .Then(shifted => new NonInferiority(shifted.Statistic, shifted.P, shifted.Lower - margin, shifted.P < alpha, shifted.PLess < alpha));
    }
}
