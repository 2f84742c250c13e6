namespace PromptStudio.Core.Statistics;

/// <summary>
/// Count, means and centred sums of two figures a unit: mergeable, reversible, and right for figures with a large offset, where sums of squares lose all digits.
/// </summary>
/// <remarks>Welford 1962; merging: Chan, Golub, LeVeque 1979.</remarks>
public readonly record struct Moments(long Count, double MeanA, double MeanB, double SquaresA, double SquaresB, double Products)
{
    public static Moments Empty => default;

    /// <summary>The first figure as mean and sample variance; the variance is NaN-free: 0 below two units.</summary>
    public MeanArm Mean => new(Count, MeanA, Count > 1 ? SquaresA / (Count - 1) : 0);

    /// <summary>The first figure by the second.</summary>
    public RatioArm Ratio => Count > 1
        ? new(Count, MeanA, MeanB, SquaresA / (Count - 1), SquaresB / (Count - 1), Products / (Count - 1))
        : new(Count, MeanA, MeanB, 0, 0, 0);

    /// <summary>From raw sums, for figures that come from elsewhere; the studio's own are centred from the start.</summary>
    public static Moments OfSums(long count, double a, double squaresA, double b, double squaresB, double products) =>
        new(count, a / count, b / count, squaresA - a * a / count, squaresB - b * b / count, products - a * b / count);

    /// <summary>Whether units can have such sums: finite, no square negative, the product not larger than the squares allow.</summary>
    public bool IsPossible => Count >= 0 && double.IsFinite(MeanA) && double.IsFinite(MeanB) && ArePossible(SquaresA, SquaresB, Products);

    /// <summary>Cauchy and Schwarz, with what rounding may add.</summary>
    internal static bool ArePossible(double squaresA, double squaresB, double products) =>
        double.IsFinite(products) && squaresA is >= 0 and < double.PositiveInfinity && squaresB is >= 0 and < double.PositiveInfinity
        && Math.Abs(products) <= Math.Sqrt(squaresA) * Math.Sqrt(squaresB) * (1 + 1e-9) + double.Epsilon;

    /// <summary>With one more unit.</summary>
    public Moments Add(double a, double b)
    {
        var count = Count + 1;
        var (fromA, fromB) = (a - MeanA, b - MeanB);
        var (meanA, meanB) = (MeanA + fromA / count, MeanB + fromB / count);
        return new(count, meanA, meanB, SquaresA + fromA * (a - meanA), SquaresB + fromB * (b - meanB), Products + fromA * (b - meanB));
    }

    /// <summary>Without a unit that was added before.</summary>
    public Moments Remove(double a, double b)
    {
        if (Count <= 1)
            return Empty;
        var count = Count - 1;
        var (fromA, fromB) = (a - MeanA, b - MeanB);
        var (meanA, meanB) = (MeanA - fromA / count, MeanB - fromB / count);
        return new(count, meanA, meanB,
            Math.Max(0, SquaresA - fromA * (a - meanA)), Math.Max(0, SquaresB - fromB * (b - meanB)), Products - fromA * (b - meanB));
    }

    /// <summary>With another group's units.</summary>
    public Moments Merge(Moments other)
    {
        if (Count == 0 || other.Count == 0)
            return Count == 0 ? other : this;
        var count = Count + other.Count;
        var (fromA, fromB) = (other.MeanA - MeanA, other.MeanB - MeanB);
        var share = (double)other.Count / count;
        var weight = Count * share;
        return new(count, MeanA + fromA * share, MeanB + fromB * share,
            SquaresA + other.SquaresA + fromA * fromA * weight,
            SquaresB + other.SquaresB + fromB * fromB * weight,
            Products + other.Products + fromA * fromB * weight);
    }
}
