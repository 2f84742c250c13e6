using System.Text.Json.Serialization;

namespace PromptStudio.Core.Experiments;

/// <summary>
/// What is kept of the users of a group for one metric: enough for every estimate, and no user in particular. Each user has a value (e.g. successes) and a weight
/// (e.g. executions; 1 where the metric is about users). Centred, so that large values do not swallow small differences; two can be merged.
/// </summary>
/// <param name="Count">Users.</param>
/// <param name="MeanValue">Mean of their values.</param>
/// <param name="MeanWeight">Mean of their weights.</param>
/// <param name="ValueSquares">Sum of the squared deviations of the values from their mean.</param>
/// <param name="WeightSquares">Sum of the squared deviations of the weights from their mean.</param>
/// <param name="Products">Sum of the products of both deviations.</param>
public readonly record struct Sums(long Count, double MeanValue, double MeanWeight, double ValueSquares, double WeightSquares, double Products)
{
    /// <summary>Sample variance of the values; 0 below two users.</summary>
    [JsonIgnore]
    public double ValueVariance => Count > 1 ? ValueSquares / (Count - 1) : 0;

    /// <summary>Sample variance of the weights; 0 below two users.</summary>
    [JsonIgnore]
    public double WeightVariance => Count > 1 ? WeightSquares / (Count - 1) : 0;

    /// <summary>Sample covariance of values and weights; 0 below two users.</summary>
    [JsonIgnore]
    public double Covariance => Count > 1 ? Products / (Count - 1) : 0;

    /// <summary>With one user more.</summary>
    public Sums Add(double value, double weight = 1) => Merge(new Sums(1, value, weight, 0, 0, 0));

    /// <summary>Both together (Chan, Golub, LeVeque 1979).</summary>
    public Sums Merge(in Sums other)
    {
        if (Count == 0 || other.Count == 0)
            return Count == 0 ? other : this;
        var count = Count + other.Count;
        var share = other.Count / (double)count;
        var (value, weight) = (other.MeanValue - MeanValue, other.MeanWeight - MeanWeight);
        return new Sums(
            count,
            MeanValue + (value * share),
            MeanWeight + (weight * share),
            ValueSquares + other.ValueSquares + (value * value * Count * share),
            WeightSquares + other.WeightSquares + (weight * weight * Count * share),
            Products + other.Products + (value * weight * Count * share));
    }
}

/// <summary>What is known of a group.</summary>
/// <param name="Group"><c>control</c>, <c>variant_a</c>, …</param>
/// <param name="BasisPoints">The share of users that it should have, of 10,000.</param>
/// <param name="Users">Users that it has, by their first execution; who was seen in two groups is in none.</param>
/// <param name="Executions">Their executions.</param>
/// <param name="Outcomes">Those of them with a reported outcome.</param>
/// <param name="Metrics">By name of the metric; a metric that nothing was reported for may be absent.</param>
public sealed record GroupSums(string Group, int BasisPoints, long Users, long Executions, long Outcomes, IReadOnlyDictionary<string, Sums> Metrics);

/// <summary>What is known of a phase of an experiment: all that its analysis looks at, beside the settings.</summary>
/// <param name="Phase">The phase.</param>
/// <param name="Groups">The control first.</param>
/// <param name="Crossovers">Users who were seen in two groups: they are excluded.</param>
/// <param name="WithoutUser">Executions without a user: they are excluded.</param>
public sealed record ExperimentSums(int Phase, IReadOnlyList<GroupSums> Groups, long Crossovers, long WithoutUser);
