namespace PromptStudio.Core.Experiments;

/// <summary>A group of an experiment: a version, and the places of the split that get it.</summary>
/// <param name="Name"><c>control</c>, <c>variant_a</c>, …</param>
/// <param name="TemplateId">The version.</param>
/// <param name="TemplateVersion">Its number.</param>
/// <param name="From">The first of its places, see <see cref="Bucket"/>.</param>
/// <param name="To">The first place after them.</param>
public sealed record ExperimentGroup(string Name, Guid TemplateId, int TemplateVersion, int From, int To);

/// <summary>What an experiment chose for a render.</summary>
/// <param name="Experiment">The experiment.</param>
/// <param name="Group">The group.</param>
/// <param name="IsRandom">Nobody in particular asked, so that the group says nothing of a user.</param>
public readonly record struct Assignment(RunningExperiment Experiment, ExperimentGroup Group, bool IsRandom);

/// <summary>An experiment that decides which version a user gets, as it is kept in memory. It never changes.</summary>
public sealed class RunningExperiment
{
    public required Guid Id { get; init; }
    public required string PromptName { get; init; }

    /// <summary>Counts the splits, from 1: new weights begin a new phase, which is analysed for itself.</summary>
    public required int Phase { get; init; }

    /// <summary>Of 10,000 users, how many take part.</summary>
    public required int Coverage { get; init; }

    /// <summary>Decides who takes part. The same in all phases, so that a wider coverage only adds users.</summary>
    public required string InclusionSalt { get; init; }

    /// <summary>Decides who gets what. Another one in each phase, so that what users saw before is spread evenly over the new groups.</summary>
    public required string SplitSalt { get; init; }

    /// <summary>Side by side, the control first.</summary>
    public required IReadOnlyList<ExperimentGroup> Groups { get; init; }

    /// <summary>Lays the groups side by side.</summary>
    public static IReadOnlyList<ExperimentGroup> Lay(Allocation allocation, IReadOnlyList<(Guid Id, int Version)> versions)
    {
        var groups = new ExperimentGroup[versions.Count];
        var from = 0;
        for (var index = 0; index < groups.Length; index++)
        {
            var to = from + allocation.BasisPoints[index];
            groups[index] = new ExperimentGroup(Allocation.Group(index), versions[index].Id, versions[index].Version, from, to);
            from = to;
        }
        return groups;
    }

    /// <summary>The user's group; null: the user takes no part. A user is in the same group each time.</summary>
    /// <param name="userId">Null or empty: nobody in particular, so the group is drawn.</param>
    /// <param name="draw">A random number; only looked at without a user.</param>
    public Assignment? Assign(string? userId, uint draw)
    {
        var isRandom = string.IsNullOrEmpty(userId);
        if ((isRandom ? (int)(draw % Bucket.Count) : Bucket.Place(InclusionSalt, userId!)) >= Coverage)
            return null;
        var place = isRandom ? (int)(draw / Bucket.Count % Bucket.Count) : Bucket.Place(SplitSalt, userId!);
        for (var index = 0; index < Groups.Count; index++)
        {
            var group = Groups[index];
            if (place < group.To)
                return new Assignment(this, group, isRandom);
        }
        return null;
    }
}
