using MathNet.Numerics.LinearAlgebra;

namespace PromptStudio.Core.Statistics;

/// <summary>Count, means and centred sums of products of several figures a unit: what <see cref="Moments"/> is for two.</summary>
/// <remarks>Merging: Chan, Golub, LeVeque 1979. A group whose sums contradict each other is not <see cref="IsPossible"/>.</remarks>
public sealed record JointMoments(long Count, Vector<double> Means, Matrix<double> Products)
{
    /// <summary>No unit of so many figures yet.</summary>
    public static JointMoments Empty(int figures) => new(0, Vector<double>.Build.Dense(figures), Matrix<double>.Build.Dense(figures, figures));

    /// <summary>From raw sums, for figures that come from elsewhere: <paramref name="products"/> are those of each figure with each.</summary>
    public static JointMoments OfSums(long count, double[] sums, double[,] products)
    {
        var means = Vector<double>.Build.DenseOfArray(sums) / count;
        return new(count, means, Matrix<double>.Build.DenseOfArray(products) - count * means.OuterProduct(means));
    }

    /// <summary>With one more unit.</summary>
    public JointMoments Add(params double[] figures) =>
        Merge(new(1, Vector<double>.Build.DenseOfArray(figures), Matrix<double>.Build.Dense(figures.Length, figures.Length)));

    /// <summary>With another group's units.</summary>
    public JointMoments Merge(JointMoments other)
    {
        if (Count == 0 || other.Count == 0)
            return Count == 0 ? other : this;
        var share = (double)other.Count / (Count + other.Count);
        var apart = other.Means - Means;
        return new(Count + other.Count, Means + share * apart, Products + other.Products + Count * share * apart.OuterProduct(apart));
    }

    /// <summary>Sample covariances (divided by n − 1) of the figures.</summary>
    public Matrix<double> Covariance => Products / (Count - 1);

    /// <summary>Covariance of two weighted sums of the figures of one unit.</summary>
    public double Between(Vector<double> first, Vector<double> second) => first * Products * second / (Count - 1);

    /// <summary>Whether units can have such sums: finite, no square negative, no product larger than its squares allow.</summary>
    public bool IsPossible
    {
        get
        {
            var possible = Count >= 0 && Means.All(double.IsFinite);
            for (var row = 0; row < Means.Count && possible; row++)
            {
                for (var column = 0; column <= row; column++)
                    possible &= Statistics.Moments.ArePossible(Products[row, row], Products[column, column], Products[row, column]);
            }

            return possible;
        }
    }

    /// <summary>What forbids a variance.</summary>
    internal NotComputable? Problem => Count <= 0 ? NotComputable.EmptyArm
        : Count == 1 ? NotComputable.InsufficientN
        : IsPossible ? null
        : NotComputable.InvalidInput;
}
