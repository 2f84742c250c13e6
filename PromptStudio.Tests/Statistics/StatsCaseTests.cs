using PromptStudio.Tests.Studio;
using PromptStudio.Tests.Templating;

namespace PromptStudio.Tests.Statistics;

/// <summary>The oracle's cases: SciPy, statsmodels and 50-digit arithmetic say what is right.</summary>
[Trait(Tier.Name, Tier.Unit)]
public sealed class StatsCaseTests(ITestOutputHelper output)
{
    [Fact]
    public void Cases_AnswerAsTheOracle()
    {
        var paths = CaseFiles.Find("stats_oracle.json");
        Assert.NotEmpty(paths);
        foreach (var path in paths)
        {
            var cases = CaseFiles.Elements(path).Select(json => new StatsCase(json)).ToList();
            var failures = cases.Select(one => (one.Id, Failure: one.Run())).Where(one => one.Failure is not null).ToList();
            CaseFiles.Report(path, cases.Count - failures.Count, failures.Count, $"{cases.Select(one => one.Method).Distinct().Count()} methods");
            failures.ForEach(one => output.WriteLine($"{one.Id}: {one.Failure}"));
            Assert.NotEmpty(cases);
            Assert.True(failures.Count == 0, $"{path}: {string.Join("; ", failures.Select(one => $"{one.Id} {one.Failure}"))}");
        }
    }
}
