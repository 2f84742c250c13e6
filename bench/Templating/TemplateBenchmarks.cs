using BenchmarkDotNet.Attributes;
using PromptStudio.Core.Templating;

namespace PromptStudio.Bench.Templating;

/// <summary>The three things that a server does with a template, for both engines on the same prompt. Allocation beside time.</summary>
[MemoryDiagnoser]
public class TemplateBenchmarks
{
    private readonly RenderRequest _request = new() { Variables = SamplePrompt.Variables };
    private readonly TemplateCache _cache = new();
    private ITemplateEngine _engine = null!;
    private ITemplate _template = null!;
    private string _text = null!;

    [Params("jinja2", "scriban")]
    public string Format { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        _engine = TemplateEngines.Find(Format)!;
        _text = SamplePrompt.TextOf(Format);
        _template = _engine.Parse(_text, TemplateOptions.Studio);
    }

    /// <summary>Text to template, with its free variables and references.</summary>
    [Benchmark]
    public int ParseAndAnalyse() => _engine.Parse(_text, TemplateOptions.Studio).FreeVariables.Count;

    /// <summary>Everything wrong with a text, as the editor asks while typing.</summary>
    [Benchmark]
    public int Check() => _engine.Check(_text, TemplateOptions.Studio).Count;

    /// <summary>What finding a parsed template by its text costs.</summary>
    [Benchmark]
    public ITemplate FromCache() => _cache.Get(_engine, _text, TemplateOptions.Studio);

    /// <summary>From parsed JSON to text.</summary>
    [Benchmark(Baseline = true)]
    public string Render() => _template.Render(_request);
}
