using System.Diagnostics;
using PromptStudio.Core.Templating.Scriban;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Templating;

/// <summary>A slice of what <c>./studio fuzz</c> does: whatever the text, the engine answers with a text or a typed error, and soon.</summary>
[Trait(Tier.Name, Tier.Unit)]
public sealed class ScribanFuzzTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Slice = TimeSpan.FromSeconds(10);

    [Fact]
    public void RandomTemplates_NeverCrash()
    {
        var fuzz = new TemplateFuzz(new ScribanEngine(), [.. CaseFiles.Find("jinja_cases.json").SelectMany(CaseFiles.Read).Select(one => one.Template)]);
        var first = (int)(Stopwatch.GetTimestamp() & 0x3fff_ffff);
        var seed = first;
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < Slice; seed++)
        {
            var text = fuzz.Text(seed);
            var fault = fuzz.Fault(text);
            Assert.True(fault is null, $"seed {seed}: {fault}\n{text}");
        }

        output.WriteLine($"{seed - first} templates");
    }
}
