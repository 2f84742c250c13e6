using PromptStudio.Core.Statistics;
using PromptStudio.Core.Statistics.Distributions;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Statistics;

/// <summary>Beyond the oracle's cases: identities that hold for any argument, at both ends of the numbers.</summary>
[Trait(Tier.Name, Tier.Unit)]
public sealed class TailTests
{
    [Theory]
    [InlineData(1e-300)]
    [InlineData(1e-100)]
    [InlineData(1e-12)]
    [InlineData(0.025)]
    [InlineData(0.3)]
    [InlineData(0.5)]
    [InlineData(0.975)]
    public void Quantile_OfItsTail_IsWhereItBegan(double q)
    {
        Assert.Equal(1, StandardNormal.Upper(StandardNormal.UpperQuantile(q)) / q, 1e-11);
        foreach (var freedom in (ReadOnlySpan<double>)[1, 2.5, 30, 1e4, 1e6, 1e9])
            Assert.Equal(1, StudentT.Upper(StudentT.UpperQuantile(q, freedom), freedom) / q, 1e-9);
        // With a = ½ the quantile is of the order of q²: below 1e-150 no number is left for it.
        foreach (var (a, b) in (ReadOnlySpan<(double, double)>)[(0.5, 20.5), (3, 4), (5_000, 100), (1e6, 1e6)])
        {
            if (q > 1e-150 || a > 1)
                Assert.Equal(1, BetaDistribution.Lower(a, b, BetaDistribution.LowerQuantile(a, b, q)) / q, 1e-8);
        }
    }

    [Fact]
    public void StudentT_WithManyDegrees_IsTheNormal()
    {
        foreach (var z in (ReadOnlySpan<double>)[0.1, 1.96, 5, 20, 37])
            Assert.Equal(1, StudentT.Upper(z, 1e15) / StandardNormal.Upper(z), 1e-9);
    }

    [Fact]
    public void ChiSquare_WithOneDegree_IsTheSquareOfTheNormal()
    {
        foreach (var z in (ReadOnlySpan<double>)[0.01, 1, 5, 20, 37])
            Assert.Equal(1, ChiSquare.Upper(z * z, 1) / StandardNormal.TwoSided(z), 1e-12);
        Assert.Equal(-5_000 / Math.Log(10), ChiSquare.LogUpper(10_000, 2) / Math.Log(10), 1e-9);
    }

    /// <summary>The score interval's ends are where the likeliest rates, found by trying all, make the test's z critical.</summary>
    [Fact]
    public void MiettinenNurminen_AtItsEnds_TheScoreTestIsCritical()
    {
        var (control, treatment) = (new ProportionArm(100, 1_000), new ProportionArm(120, 1_000));
        var interval = Proportions.MiettinenNurminen(control, treatment).Value;
        foreach (var difference in (ReadOnlySpan<double>)[interval.Lower, interval.Upper])
        {
            double LogLikelihood(double rate) => 120 * Math.Log(rate + difference) + 880 * Math.Log(1 - rate - difference)
                + 100 * Math.Log(rate) + 900 * Math.Log(1 - rate);
            var likeliest = Enumerable.Range(1, 400_000).Select(step => 0.05 + step * 2.5e-7).MaxBy(LogLikelihood);
            var variance = ((likeliest + difference) * (1 - likeliest - difference) + likeliest * (1 - likeliest)) / 1_000 * 2_000 / 1_999;
            Assert.Equal(StandardNormal.Critical(0.05), Math.Abs(0.02 - difference) / Math.Sqrt(variance), 1e-5);
        }
    }

    [Theory]
    [InlineData(1.8)]
    [InlineData(3)]
    [InlineData(10)]
    public void OneSidedSequence_AtItsP_IsTheBoundOfZero(double statistic)
    {
        const double units = 6_461;
        var p = Sequential.OneSided(statistic, 1, units).Value.P;
        var spread = units * Sequential.Rho(0.1, 5_000) * Sequential.Rho(0.1, 5_000);
        Assert.Equal(statistic, Math.Sqrt(2 * (spread + 1) / spread * Math.Log(1 + Math.Sqrt(spread + 1) / (2 * p))), 9);
        var mirrored = Sequential.OneSided(-statistic, 1, units, alternative: Alternative.Less).Value;
        Assert.Equal(p, mirrored.P);
        Assert.Equal(-Sequential.OneSided(statistic, 1, units).Value.Bound, mirrored.Bound);
    }

    [Fact]
    public void Moments_AddedMergedAndRemoved_AreTheSame()
    {
        var random = new Random(3);
        var units = Enumerable.Range(0, 500).Select(_ => (A: 1e9 + random.NextDouble(), B: random.NextDouble() * 5)).ToArray();
        var all = units.Aggregate(Moments.Empty, (sum, unit) => sum.Add(unit.A, unit.B));
        var halves = units.Take(200).Aggregate(Moments.Empty, (sum, unit) => sum.Add(unit.A, unit.B))
            .Merge(units.Skip(200).Aggregate(Moments.Empty, (sum, unit) => sum.Add(unit.A, unit.B)));
        var replaced = all.Remove(units[7].A, units[7].B).Add(units[7].A, units[7].B);
        foreach (var other in (Moments[])[halves, replaced])
        {
            Assert.Equal(all.Count, other.Count);
            Assert.Equal(all.SquaresA, other.SquaresA, 1e-4);
            Assert.Equal(all.Products, other.Products, 1e-4);
        }

        Assert.InRange(all.Mean.Variance, 0.07, 0.095);
    }
}
