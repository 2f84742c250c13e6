namespace PromptStudio.Core.Experiments;

/// <summary>How the users of an experiment are split between its groups. Inside in basis points, hundredths of a per cent, so that they sum up exactly.</summary>
public sealed class Allocation
{
    /// <summary>The group of the version that the others are compared with.</summary>
    public const string Control = "control";

    /// <summary>Groups that an experiment may have, the control included.</summary>
    public const int MostGroups = 10;

    private Allocation(IReadOnlyList<int> basisPoints) => BasisPoints = basisPoints;

    /// <summary>Per group, the control first: hundredths of a per cent, 10,000 together.</summary>
    public IReadOnlyList<int> BasisPoints { get; }

    /// <summary>Per group, the control first: per cent, 100 together.</summary>
    public IReadOnlyDictionary<string, decimal> Percentages =>
        Enumerable.Range(0, BasisPoints.Count).ToDictionary(Group, index => BasisPoints[index] / 100m);

    /// <summary>The name of a group: <c>control</c>, then <c>variant_a</c>, <c>variant_b</c>, …</summary>
    public static string Group(int index) => index == 0 ? Control : $"variant_{(char)('a' + index - 1)}";

    /// <summary>An equal split; what does not come out even goes to the first groups.</summary>
    public static Allocation Equal(int groups) =>
        new([.. Enumerable.Range(0, groups).Select(index => (Bucket.Count / groups) + (index < Bucket.Count % groups ? 1 : 0))]);

    /// <summary>Reads what somebody wrote.</summary>
    /// <param name="percentages">Per cent by group.</param>
    /// <param name="groups">Groups that the experiment has, the control included.</param>
    /// <returns>The split, or what is wrong with it.</returns>
    public static (Allocation? Value, string? Problem) Read(IReadOnlyDictionary<string, decimal> percentages, int groups)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(groups, MostGroups);
        var names = Enumerable.Range(0, groups).Select(Group).ToArray();
        var problem = percentages.Keys.FirstOrDefault(name => !names.Contains(name)) is { } foreign
                ? $"There is no group '{foreign}'. The groups are {string.Join(", ", names)}."
            : names.FirstOrDefault(name => !percentages.ContainsKey(name)) is { } missing
                ? $"The group '{missing}' has no share. The groups are {string.Join(", ", names)}."
            : percentages.Values.Any(share => share is < 0 or > 100) ? "Each share is from 0 to 100 per cent."
            : percentages.Values.Any(share => share * 100 != decimal.Truncate(share * 100)) ? "A share has two decimals at most."
            : percentages.Values.Sum() is var sum && sum != 100 ? FormattableString.Invariant($"The shares sum up to {sum}, not to 100.")
            : percentages[Control] == 0 ? "The control needs users to be compared with."
            : percentages.Values.Count(share => share > 0) < 2 ? "At least two groups need users."
            : null;
        return (problem is null ? new Allocation([.. names.Select(name => (int)(percentages[name] * 100))]) : null, problem);
    }
}
