using PromptStudio.Core.Experiments;

namespace PromptStudio.Experiments.Pages;

/// <summary>The split of an experiment while somebody moves its sliders. In hundredths of a per cent, so that the shares sum up to 100 exactly, whatever is moved.</summary>
public sealed class TrafficSplit
{
    private const int All = 10_000;

    private readonly List<int> _points;

    private TrafficSplit(IEnumerable<int> points) => _points = [.. points];

    /// <summary>Groups, the control included.</summary>
    public int Count => _points.Count;

    /// <summary>Per cent of a group; the control is the first.</summary>
    public decimal this[int index] => _points[index] / 100m;

    /// <summary>An equal split.</summary>
    public static TrafficSplit Equal(int groups) => new(Allocation.Equal(groups).BasisPoints);

    /// <summary>A stored split; an equal one where it does not fit.</summary>
    /// <param name="percentages">Per cent by group.</param>
    /// <param name="groups">Groups that there are.</param>
    public static TrafficSplit Of(IReadOnlyDictionary<string, decimal> percentages, int groups) =>
        Allocation.Read(percentages, groups).Value is { } allocation ? new TrafficSplit(allocation.BasisPoints) : Equal(groups);

    /// <summary>Gives a group a share; the others give or take what that changes, in proportion to what they have.</summary>
    /// <param name="index">The group.</param>
    /// <param name="percent">Its new share; what is beyond 0 to 100 counts as the end.</param>
    public void Set(int index, decimal percent)
    {
        if (Count == 1)
            return;
        var wanted = (int)(Math.Clamp(decimal.Round(percent, 2), 0, 100) * 100);
        Share(All - wanted, [.. Enumerable.Range(0, Count).Where(other => other != index)]);
        _points[index] = wanted;
    }

    /// <summary>One variant more, which gets what it would have in an equal split; the others give of theirs.</summary>
    public void Add()
    {
        _points.Add(0);
        Set(Count - 1, decimal.Round(100m / Count, 2));
    }

    /// <summary>One variant less; the others take its share.</summary>
    public void RemoveAt(int index)
    {
        _points.RemoveAt(index);
        Share(All, [.. Enumerable.Range(0, Count)]);
    }

    /// <summary>All groups alike.</summary>
    public void Equalize()
    {
        var equal = Allocation.Equal(Count).BasisPoints;
        for (var index = 0; index < Count; index++)
            _points[index] = equal[index];
    }

    /// <summary>As the API reads it.</summary>
    public IReadOnlyDictionary<string, decimal> Percentages() => Enumerable.Range(0, Count).ToDictionary(Allocation.Group, index => this[index]);

    /// <summary>Whether two splits are the same.</summary>
    public bool IsSame(TrafficSplit other) => _points.SequenceEqual(other._points);

    /// <summary>Divides points among groups in proportion to what they have; what does not come out even goes to the largest remainders.</summary>
    private void Share(int points, int[] groups)
    {
        var sum = groups.Sum(group => (long)_points[group]);
        var exact = groups.Select(group => sum == 0 ? (decimal)points / groups.Length : (decimal)points * _points[group] / sum).ToArray();
        var given = exact.Select(share => (int)share).ToArray();
        var order = Enumerable.Range(0, groups.Length).OrderByDescending(place => exact[place] - given[place]).ThenBy(place => place);
        foreach (var place in order.Take(points - given.Sum()))
            given[place]++;
        for (var place = 0; place < groups.Length; place++)
            _points[groups[place]] = given[place];
    }
}
