using PromptStudio.Core.Templating;
using PromptStudio.Core.Templating.Jinja;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Templating;

/// <summary>Templates that attack the sandbox: each ends soon, in bounded memory, with a typed error or a harmless text.</summary>
[Trait(Tier.Name, Tier.Unit)]
[Collection(nameof(AloneOnTheMachine))]
public sealed class JinjaHostileTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

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
                var (answer, grown) = (string.Empty, 0L);
                var taken = TimeSpan.MaxValue;

                // The processor's time, not the clock's, and again when it was long: what else the machine does only ever adds.
                for (var turn = 0; turn < 3 && taken >= Longest; turn++)
                {
                    var before = GC.GetTotalMemory(true);
                    taken = CpuTime.Of(() => answer = Render(one)) is var time && time < taken ? time : taken;
                    grown = Math.Max(grown, (GC.GetTotalMemory(false) - before) >> 20);
                }

                var milliseconds = (long)taken.TotalMilliseconds;
                (slowest, largest) = (Math.Max(slowest, milliseconds), Math.Max(largest, grown));
                output.WriteLine($"{one.Id}: {milliseconds} ms, {grown} MiB, {answer[..Math.Min(answer.Length, 150)]}");
                if (taken >= Longest || grown >= 256 || answer.Length > 1_000_000 || answer.Contains("System.", StringComparison.Ordinal))
                {
                    failures.Add(one.Id);
                }
            }

            CaseFiles.Report(path, cases.Count - failures.Count, failures.Count, $"slowest {slowest} ms, largest growth {largest} MiB");
            Assert.Empty(failures);
        }
    }

    [Theory]
    [InlineData("x", ".a")]
    [InlineData("x is defined", ".a")]
    [InlineData("x | upper", ".a")]
    [InlineData("x", "|upper")]
    [InlineData("''", " 'a'")]
    [InlineData("x", "[0]")]
    [InlineData("x", "(1)")]
    [InlineData("x", " ~ 1")]
    [InlineData("x", " and x")]
    [InlineData("x", " < 1")]
    [InlineData("[1", ", 1")]
    [InlineData("f(1", ", a=1")]
    [InlineData("x", " }}{{ x")]
    [InlineData("x", " }}{% set y = x %}{{ x")]
    [InlineData("x", " }}{% if x %}{% elif x %}{% endif %}{{ x")]
    [InlineData("x", " }}{# x #}\n{{ x")]
    public void Parsing_TakesMemoryInProportionToTheText(string first, string next)
    {
        var (once, twice) = (Parse(20_000), Parse(40_000));

        Assert.True(twice < 3 * once, $"{once:N0} bytes for 20,000 of them, {twice:N0} for 40,000");

        long Parse(int times)
        {
            var text = "{{ " + first + string.Concat(Enumerable.Repeat(next, times)) + " }}";
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                _engine.Parse(text, TemplateOptions.Jinja);
            }
            catch (TemplateException)
            {
                // Most are too deep, or lack a bracket: what it takes to find that out is bounded all the same.
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
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
