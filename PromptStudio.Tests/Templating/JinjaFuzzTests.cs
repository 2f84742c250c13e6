using System.Diagnostics;
using System.Text.Json;
using CsCheck;
using PromptStudio.Core.Templating;
using PromptStudio.Core.Templating.Jinja;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Templating;

/// <summary>Whatever the text, the engine answers with a text or a TemplateException, and soon.</summary>
[Trait(Tier.Name, Tier.Unit)]
public sealed class JinjaFuzzTests
{
    private const int Seconds = 20;
    private const int Turns = 5;

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    private static readonly string[] Pieces =
    [
        "{{", "}}", "{%", "%}", "{#", "#}", "-", "+", " ", "\n", "if ", "else", "endif", "for ", "x", " in ", "endfor", "set ", "=", "macro ", "m()",
        "endmacro", "block b", "endblock", "raw", "endraw", "(", ")", "[", "]", "{", "}", ",", ":", "|", "upper", "join", "map", "sort", "tojson",
        "'a'", "\"", "'", "\\", "1", "2.5", "10**9", "*", "/", "%", "~", "is ", "not ", "and ", "loop", ".", "range(9)", "namespace()", "self", "🎉",
    ];

    private static readonly JsonElement Variables =
        JsonDocument.Parse("""{"x": [1, "a", null, 2.5, {"k": [1]}], "messages": [{"role": "user", "content": "hi"}]}""").RootElement;

    [Fact]
    public void RandomAndMutatedTemplates_NeverCrash()
    {
        var corpus = CaseFiles.Find("jinja_cases.json").SelectMany(CaseFiles.Read).Select(one => one.Template).ToArray();
        var random = OneOf(Pieces).Array[0, 40].Select(string.Concat);
        var mutated = Gen.Select(OneOf(corpus), OneOf(Pieces), Gen.Int[0, 10_000], Gen.Int[0, 6], (text, piece, at, cut) =>
        {
            at %= text.Length + 1;
            return string.Concat(text.AsSpan(0, at), piece, text.AsSpan(Math.Min(text.Length, at + cut)));
        });
        var engine = new JinjaEngine();
        Gen.OneOf(random, mutated).Sample(text => Answers(engine, text), time: Seconds);
    }

    /// <summary>A slice of what <c>./studio fuzz</c> does.</summary>
    [Fact]
    public void TemplatesOfTheGrammar_NeverCrash()
    {
        var fuzz = new TemplateFuzz(new JinjaEngine(), [.. CaseFiles.Find("jinja_cases.json").SelectMany(CaseFiles.Read).Select(one => one.Template)]);
        var seed = (int)(Stopwatch.GetTimestamp() & 0x3fff_ffff);
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < TimeSpan.FromSeconds(10); seed++)
        {
            var text = fuzz.Text(seed);
            var fault = fuzz.Fault(text);
            Assert.True(fault is null, $"seed {seed}: {fault}\n{text}");
        }
    }

    private static Gen<string> OneOf(string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    // A render that takes long fails when it does so each time: now and then it is the machine that is busy.
    private static bool Answers(JinjaEngine engine, string text) => Enumerable.Range(0, Turns).Any(_ => TimeOf(engine, text) < Longest);

    private static TimeSpan TimeOf(JinjaEngine engine, string text)
    {
        var watch = Stopwatch.StartNew();
        try
        {
            var limits = new RenderLimits { Deadline = TimeSpan.FromMilliseconds(300) };
            engine.Parse(text, TemplateOptions.Jinja).Render(new RenderRequest { Variables = Variables, Limits = limits });
        }
        catch (TemplateException)
        {
            // An answer too.
        }

        return watch.Elapsed;
    }
}
