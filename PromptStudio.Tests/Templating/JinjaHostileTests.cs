using System.Diagnostics;
using PromptStudio.Core.Templating;
using PromptStudio.Core.Templating.Jinja;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Templating;

/// <summary>Templates that attack the sandbox: each ends soon, in bounded memory, with a typed error or a harmless text.</summary>
[Trait(Tier.Name, Tier.Unit)]
[Collection(nameof(AloneOnTheMachine))]
public sealed class JinjaHostileTests(ITestOutputHelper output)
{
    private readonly JinjaEngine _engine = new();

    [Fact]
    public void HostileTemplates_EndWithinTheirLimits()
    {
        var paths = CaseFiles.Find("jinja_hostile.json");
        Assert.NotEmpty(paths);
        foreach (var path in paths)
        {
            var failures = new List<string>();
            var cases = CaseFiles.Read(path);
            var (slowest, largest) = (0L, 0L);
            foreach (var one in cases)
            {
                var before = GC.GetTotalMemory(true);
                var watch = Stopwatch.StartNew();
                var answer = Render(one);
                watch.Stop();
                var grown = (GC.GetTotalMemory(false) - before) >> 20;
                (slowest, largest) = (Math.Max(slowest, watch.ElapsedMilliseconds), Math.Max(largest, grown));
                output.WriteLine($"{one.Id}: {watch.ElapsedMilliseconds} ms, {grown} MiB, {answer[..Math.Min(answer.Length, 150)]}");
                if (watch.ElapsedMilliseconds >= 1000 || grown >= 256 || answer.Length > 1_000_000 || answer.Contains("System.", StringComparison.Ordinal))
                {
                    failures.Add(one.Id);
                }
            }

            CaseFiles.Report(path, cases.Count - failures.Count, failures.Count, $"slowest {slowest} ms, largest growth {largest} MiB");
            Assert.Empty(failures);
        }
    }

    private string Render(JinjaCase one)
    {
        try
        {
            return _engine.Parse(one.Template, TemplateOptions.Jinja).Render(one.Request(_engine));
        }
        catch (TemplateException e)
        {
            return $"{e.Error.Kind} {e.Error.Limit}: {e.Error}";
        }
    }
}
