using Npgsql;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Experiments;

/// <summary>A small version of <c>./studio bench aa</c>. Salts, users and values come from fixed seeds, so each figure is the same in every run.</summary>
[Trait(Tier.Name, Tier.Database)]
public sealed class NullExperimentTests(StudioApp app) : IClassFixture<StudioApp>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Experiments_WithoutAnEffect_AreRarelySignificant_HoweverOftenSomebodyLooks()
    {
        await using var source = NpgsqlDataSource.Create(app.ConnectionString);
        var simulated = new NullExperiments(source, seed: 6);
        await simulated.AddAsync(40, deviation: 0, Cancellation);
        for (var look = 0; look < 4; look++)
        {
            await simulated.StoreAsync(60, Cancellation);
            foreach (var id in simulated.Ids)
                await app.Recompute().RunAsync(id, wait: true, Cancellation);
        }

        foreach (var metric in NullExperiments.Metrics)
        {
            var figures = await simulated.ReadAsync(metric, Cancellation);
            // Of 40 at 5 %: 2 are expected, and more than 8 come once in 20,000 times.
            Assert.InRange(figures.Count(one => one.Figure.FixedP <= 0.05), 0, 8);
            Assert.InRange(figures.Count(one => one.Figure.AlwaysValidP <= 0.05), 0, 4);
            Assert.InRange(figures.Average(one => one.Figure.FixedP), 0.35, 0.65);
        }
    }

    [Fact]
    public async Task Intervals_CoverTheTrueEffect()
    {
        await using var source = NpgsqlDataSource.Create(app.ConnectionString);
        var simulated = new NullExperiments(source, seed: 7);
        await simulated.AddAsync(40, deviation: 1, Cancellation);
        await simulated.StoreAsync(100, Cancellation);
        foreach (var id in simulated.Ids)
            await app.Recompute().RunAsync(id, wait: true, Cancellation);

        var figures = await simulated.ReadAsync("conversion", Cancellation);

        Assert.InRange(figures.Count(one => one.Figure.Lower <= one.Effect && one.Effect <= one.Figure.Upper), 34, 40);
        Assert.True(figures.Count(one => one.Figure.FixedP <= 0.05) > 5, string.Join(' ', figures.Select(one => $"{one.Effect:0.00}:{one.Figure}")));
    }
}
