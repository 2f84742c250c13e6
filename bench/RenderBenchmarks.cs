using System.Text.Json;
using BenchmarkDotNet.Attributes;
using PromptStudio.Core.Prompts;
using PromptStudio.Core.Templating;
using PromptStudio.Core.Templating.Jinja;

namespace PromptStudio.Bench;

/// <summary>What one render costs beside the database: the contract, the parse, the text. The prompt is the studio's first one.</summary>
[MemoryDiagnoser]
public class RenderBenchmarks
{
    private const string Text = "You are an expert educational content analyzer.\n\nStudent Query: {{ query }}\nGrade Level: {{ grade_level }}\n\nExtract the academic topic and determine if clarification is needed.";

    private static readonly JsonElement Variables = JsonElement.Parse("""{"query": "Why is the sky blue?", "grade_level": 7}""");

    private readonly JinjaEngine _engine = new();
    private readonly TemplateVariables _contract = TemplateVariables.Parse("""{"required": ["query", "grade_level"], "optional": []}""");
    private readonly RenderRequest _request = new() { Variables = Variables };
    private ITemplate _template = null!;

    [GlobalSetup]
    public void Setup() => _template = _engine.Parse(Text, TemplateOptions.Studio);

    [Benchmark]
    public int CheckVariables() => _contract.Check(Variables).Count;

    [Benchmark]
    public ITemplate Parse() => _engine.Parse(Text, TemplateOptions.Studio);

    [Benchmark(Baseline = true)]
    public string Render() => _template.Render(_request);
}
