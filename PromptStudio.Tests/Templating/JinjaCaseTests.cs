using PromptStudio.Core.Templating.Jinja;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Templating;

/// <summary>The case files against the engine: what real Jinja2 answered is right.</summary>
[Trait(Tier.Name, Tier.Unit)]
public sealed class JinjaCaseTests(ITestOutputHelper output)
{
    private readonly JinjaEngine _engine = new();

    [Theory]
    [InlineData("jinja_cases.json", 1.0, 0.98)]
    [InlineData("jinja_upstream_cases.json", 0.99, 0.97)]
    [InlineData("jinja_real_prompts.json", 1.0, 1.0)]
    public void Cases_AnswerAsJinja2(string name, double outputs, double errors)
    {
        var paths = CaseFiles.Find(name);
        Assert.SkipWhen(paths.Count == 0, $"{name} is in no case folder");
        foreach (var path in paths)
        {
            var cases = CaseFiles.Read(path);
            var failures = new List<string>();
            var (goodOutputs, goodErrors) = (0, 0);
            foreach (var one in cases)
            {
                var failure = one.Run(_engine);
                if (failure is not null)
                {
                    failures.Add($"{one.Id}: {failure}");
                }
                else if (one.IsError)
                {
                    goodErrors++;
                }
                else
                {
                    goodOutputs++;
                }
            }

            var errorCount = cases.Count(one => one.IsError);
            var outputCount = cases.Count - errorCount;
            CaseFiles.Report(path, cases.Count - failures.Count, failures.Count, $"outputs {goodOutputs}/{outputCount}, errors {goodErrors}/{errorCount}");
            failures.ForEach(output.WriteLine);
            Assert.True(goodOutputs >= outputs * outputCount, $"{name}: outputs {goodOutputs}/{outputCount}");
            Assert.True(goodErrors >= errors * errorCount, $"{name}: errors {goodErrors}/{errorCount}");
        }
    }
}
