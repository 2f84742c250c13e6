using PromptStudio.Tests.Studio;
using PromptStudio.Tests.Templating;

namespace PromptStudio.Tests.Statistics;

/// <summary>The figures of a peer's own tests; where they are its defect, the right ones.</summary>
[Trait(Tier.Name, Tier.Unit)]
public sealed class GrowthBookCaseTests(ITestOutputHelper output)
{
    [Fact]
    public void Cases_AnswerAsThePeersTests_OrRight()
    {
        var paths = CaseFiles.Find("gbstats_cases.json");
        Assert.SkipWhen(paths.Count == 0, "gbstats_cases.json is in no case folder");
        foreach (var path in paths)
        {
            var cases = CaseFiles.Elements(path).Select(json => new GrowthBookCase(json)).ToList();
            var defects = cases.Where(one => one.IsDefect).ToList();
            var failures = cases.Except(defects).Select(one => (one.Id, one.Method, Failure: one.Run())).Where(one => one.Failure is not null).ToList();
            CaseFiles.Report(path, cases.Count - defects.Count - failures.Count, failures.Count, $"{defects.Count} more are the peer's defect 6, whose right figure is held");
            failures.ForEach(one => output.WriteLine($"{one.Id} {one.Method}: {one.Failure}"));
            Assert.True(failures.Count == 0, string.Join("; ", failures.Select(one => $"{one.Id} {one.Method} {one.Failure}")));
            Assert.All(defects, one => Assert.Null(one.RunRight()));
        }
    }
}
