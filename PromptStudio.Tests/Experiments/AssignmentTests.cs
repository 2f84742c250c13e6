using System.Globalization;
using System.Text.Json;
using PromptStudio.Core.Experiments;
using PromptStudio.Core.Statistics;
using PromptStudio.Core.Statistics.Distributions;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Experiments;

/// <summary>Who gets what: public vectors, and what must hold for any salt. All of it is computed from fixed salts, so a result never changes.</summary>
[Trait(Tier.Name, Tier.Unit)]
public sealed class AssignmentTests
{
    private const int Ids = 200_000;

    private static readonly JsonElement Vectors = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Cases", "hash_vectors.json"))).RootElement;

    [Fact]
    public void Places_AreThoseOfThePublicVectors()
    {
        var ours = Vectors.GetProperty("growthbook_hash").EnumerateArray().Where(one => one.GetProperty("version").GetInt32() == 2)
            .Concat(Vectors.GetProperty("computed_here").GetProperty("growthbook_v2").EnumerateArray()).ToArray();

        Assert.Equal(19, ours.Length);
        Assert.All(ours, one => Assert.Equal(one.GetProperty("expected").GetDouble(), Bucket.Of(one.GetProperty("seed").GetString()!, one.GetProperty("value").GetString()!)));
    }

    /// <summary>Where the peer's weights are an allocation of ours, the groups lie where its ranges lie, and its ranges choose as ours do. (It narrows each range by the coverage; here a salt of its own says who takes part.)</summary>
    [Fact]
    public void Groups_LieWhereThePublicRangesLie()
    {
        var compared = 0;
        foreach (var one in Vectors.GetProperty("growthbook_getBucketRange").EnumerateArray().Where(one => one.GetProperty("coverage").GetDouble() == 1))
        {
            var count = one.GetProperty("num_variations").GetInt32();
            var weights = one.GetProperty("weights") is { ValueKind: JsonValueKind.Array } given ? given.EnumerateArray().Select(weight => weight.GetDecimal()).ToArray() : Enumerable.Repeat(1m / count, count).ToArray();
            if (weights.Length != count || Allocation.Read(Enumerable.Range(0, count).ToDictionary(Allocation.Group, index => weights[index] * 100), count).Value is not { } allocation)
                continue;
            var groups = RunningExperiment.Lay(allocation, [.. Enumerable.Range(0, count).Select(index => (Guid.Empty, index))]);
            var expected = one.GetProperty("expected").EnumerateArray().Select(range => ((int)Math.Round(range[0].GetDouble() * Bucket.Count), (int)Math.Round(range[1].GetDouble() * Bucket.Count)));
            Assert.Equal(expected, groups.Select(group => (group.From, group.To)));
            compared++;
        }
        Assert.Equal(4, compared);
    }

    [Fact]
    public void Assignments_OfAnyTwoOf20Experiments_AreIndependent()
    {
        var groups = Enumerable.Range(0, 20).Select(experiment =>
        {
            var running = Experiment($"salt-{experiment}", 50, 50);
            return Enumerable.Range(0, Ids).Select(id => running.Assign(User(id), 0)!.Value.Group.Name == "control").ToArray();
        }).ToArray();

        var smallest = 1.0;
        for (var one = 0; one < groups.Length; one++)
        {
            for (var other = one + 1; other < groups.Length; other++)
                smallest = Math.Min(smallest, Independence(groups[one], groups[other]));
        }

        // 190 tests: Bonferroni of a thousandth.
        Assert.True(smallest > 0.001 / 190, $"p = {smallest}");
    }

    [Theory]
    [InlineData("one")]
    [InlineData("a salt of another length")]
    [InlineData("0123456789abcdef0123456789abcdef")]
    public void Places_AreUniform(string salt)
    {
        var counts = new long[100];
        for (var id = 0; id < Ids; id++)
            counts[Bucket.Place(salt, User(id)) / 100]++;

        var ratio = SampleRatio.ChiSquare(counts, [.. Enumerable.Repeat(1.0, 100)]);

        Assert.True(ratio.Value.P > 0.001, $"p = {ratio.Value.P}");
    }

    [Fact]
    public void Inclusion_SaysNothingOfTheGroup()
    {
        var narrow = Experiment("salt", 50, 50, coverage: 3_000);
        var wide = Experiment("salt", 50, 50);
        var included = Enumerable.Range(0, Ids).Select(id => narrow.Assign(User(id), 0) is not null).ToArray();
        var control = Enumerable.Range(0, Ids).Select(id => wide.Assign(User(id), 0)!.Value.Group.Name == "control").ToArray();

        Assert.True(Independence(included, control) > 0.001);
        Assert.InRange(included.Count(one => one), Ids * 0.295, Ids * 0.305);
    }

    [Fact]
    public void Coverage_ThatGrows_MovesNobody()
    {
        int[] ramp = [0, 1, 100, 2_500, 5_000, 9_999, 10_000];
        for (var id = 0; id < 20_000; id++)
        {
            string? group = null;
            foreach (var coverage in ramp)
            {
                var now = Experiment("salt", 40, 30, 30, coverage: coverage).Assign(User(id), 0)?.Group.Name;
                Assert.True(group is null || now == group, $"{User(id)} moved from {group} to {now} at {coverage}");
                group = now;
            }
            Assert.NotNull(group);
        }
    }

    /// <summary>Recorded once: a user's group is the same after any restart, on any node, in any later version.</summary>
    [Fact]
    public void Groups_AreTheSameForEver()
    {
        var running = Experiment("exp-a", 40, 30, 30);

        // The places of these users under exp-a are public: 0.4131, 0.1201, 0.6914 and 0.1997.
        Assert.Equal(["variant_a", "control", "variant_a", "control"],
            new[] { "user-1", "user-2", "00000000-0000-0000-0000-000000000001", "alice@example.com" }.Select(user => running.Assign(user, 7)!.Value.Group.Name));
        Assert.Equal("variant_b", Experiment("exp-a", 40, 29.13m, 30.87m).Assign("00000000-0000-0000-0000-000000000001", 7)!.Value.Group.Name);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void NobodyInParticular_GetsWhatIsDrawn_AndIsMarked(string? user)
    {
        var running = Experiment("salt", 50, 50, coverage: 5_000);

        Assert.Null(running.Assign(user, 5_000));
        Assert.True(running.Assign(user, 4_999) is { IsRandom: true, Group.Name: "control" });
        Assert.True(running.Assign(user, 60_000_000) is { IsRandom: true, Group.Name: "variant_a" });
        Assert.False(Experiment("salt", 50, 50).Assign("somebody", 0)!.Value.IsRandom);
    }

    [Fact]
    public void Groups_WithoutUsers_GetNone()
    {
        var running = Experiment("salt", 50, 0, 50);

        Assert.DoesNotContain("variant_a", Enumerable.Range(0, 20_000).Select(id => running.Assign(User(id), 0)!.Value.Group.Name));
    }

    [Fact]
    public void Assignment_AllocatesNothing()
    {
        var running = Experiment("salt", 40, 30, 30, coverage: 9_000);
        var users = Enumerable.Range(0, 1_000).Select(User).ToArray();
        foreach (var user in users)
            running.Assign(user, 0);

        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var user in users)
            running.Assign(user, 0);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    internal static RunningExperiment Experiment(string salt, decimal control, decimal a, decimal? b = null, int coverage = Bucket.Count)
    {
        decimal[] shares = b is null ? [control, a] : [control, a, b.Value];
        var (allocation, problem) = Allocation.Read(Enumerable.Range(0, shares.Length).ToDictionary(Allocation.Group, index => shares[index]), shares.Length);
        Assert.Null(problem);
        return new RunningExperiment
        {
            Id = Guid.Empty,
            PromptName = "p",
            Phase = 1,
            Coverage = coverage,
            InclusionSalt = "who " + salt,
            SplitSalt = salt,
            Groups = RunningExperiment.Lay(allocation!, [.. Enumerable.Range(0, shares.Length).Select(index => (Guid.Empty, index + 1))]),
        };
    }

    private static string User(int id) => string.Create(CultureInfo.InvariantCulture, $"user-{id}");

    /// <summary>p of the chi-square test with one degree of freedom, which is that of its root as a normal deviate.</summary>
    private static double Independence(bool[] one, bool[] other)
    {
        var (both, first, second, neither) = (0.0, 0.0, 0.0, 0.0);
        for (var index = 0; index < one.Length; index++)
        {
            switch (one[index], other[index])
            {
                case (true, true): both++; break;
                case (true, false): first++; break;
                case (false, true): second++; break;
                default: neither++; break;
            }
        }
        var difference = (both * neither) - (first * second);
        var margins = (both + first) * (second + neither) * (both + second) * (first + neither);
        return StandardNormal.TwoSided(Math.Sqrt(one.Length * difference * difference / margins));
    }
}
