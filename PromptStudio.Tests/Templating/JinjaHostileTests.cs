using System.Diagnostics;
using PromptStudio.Core.Templating;
using PromptStudio.Core.Templating.Jinja;

namespace PromptStudio.Tests.Templating;

/// <summary>Templates that attack the sandbox: each ends soon, in bounded memory, with a typed error or a harmless text.</summary>
[Trait("Tier", "unit")]
public sealed class JinjaHostileTests(ITestOutputHelper output)
{
    private readonly JinjaEngine _engine = new();

    [Fact]
    public void HostileTemplates_EndWithinTheirLimits()
    {
        foreach (var path in CaseFiles.Find("jinja_hostile.json"))
        {
            var failures = new List<string>();
            var cases = CaseFiles.Read(path);
            foreach (var one in cases)
            {
                var before = GC.GetTotalMemory(true);
                var watch = Stopwatch.StartNew();
                var answer = Render(one);
                watch.Stop();
                var grown = (GC.GetTotalMemory(false) - before) >> 20;
                output.WriteLine($"{one.Id}: {watch.ElapsedMilliseconds} ms, {grown} MiB, {answer[..Math.Min(answer.Length, 150)]}");
                if (watch.ElapsedMilliseconds >= 1000 || grown >= 256 || answer.Length > 1_000_000 || answer.Contains("System.", StringComparison.Ordinal))
                {
                    failures.Add(one.Id);
                }
            }

            output.WriteLine($"{path}: {cases.Count - failures.Count} passed, {failures.Count} failed");
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
