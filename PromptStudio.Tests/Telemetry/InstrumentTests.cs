using System.Diagnostics.Metrics;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Telemetry;

/// <summary>What is counted, and whether the documentation and the dashboard speak of what there is.</summary>
[Trait(Tier.Name, Tier.Api)]
public sealed partial class InstrumentTests(StudioApp app) : IClassFixture<StudioApp>
{
    [Fact]
    public async Task Renders_AreCountedOnceEach_ByHowTheyEndedAndWhichWayTheyTook()
    {
        await AddPromptAsync("counted", "Say {{ word }}.");
        await AddGuardrailAsync("counted block", "counted", "never");
        await RenderAsync("counted", "first", "?by=route");
        using var measured = new Measured(app.Services);

        Assert.Equal(HttpStatusCode.OK, (await RenderAsync("counted", "a", "?by=route")).Status);
        Assert.Equal(HttpStatusCode.OK, (await RenderAsync("counted", "b", "")).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await RenderAsync("counted", "never", "")).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await app.Client.CallAsync(HttpMethod.Post, "/api/render/counted", """{"variables": {}}""")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await app.Client.CallAsync(HttpMethod.Post, "/api/render/nobody_knows_it", """{"variables": {}}""")).Status);

        // The lane counts behind its answer.
        await Eventually.TrueAsync(() => Task.FromResult(measured.Sum("promptstudio.renders", ("prompt", "counted"), ("outcome", "success"), ("way", "lane")) >= 1), "the lane's count");
        Assert.Equal(1, measured.Sum("promptstudio.renders", ("prompt", "counted"), ("outcome", "success"), ("way", "lane")));
        Assert.Equal(1, measured.Sum("promptstudio.renders", ("prompt", "counted"), ("outcome", "success"), ("way", "route")));
        Assert.Equal(1, measured.Sum("promptstudio.renders", ("prompt", "counted"), ("outcome", "blocked")));
        Assert.Equal(4, measured.Sum("promptstudio.renders", ("prompt", "counted")));
        Assert.Equal(1, measured.Sum("promptstudio.renders", ("prompt", "(none)"), ("outcome", "refused")));
        Assert.Equal(5, measured.Count("promptstudio.render.duration"));
        Assert.Equal(1, measured.Sum("promptstudio.guardrail.hits", ("guardrail", "counted block"), ("outcome", "blocked"), ("rule_type", "keyword"), ("scope", "rendered_prompt")));
        // Two that succeeded, and the one that was blocked.
        Assert.Equal(3, measured.Sum("promptstudio.writer.batch.size", ("writer", "executions")));
        Assert.Equal(1, measured.Sum("promptstudio.catalogue.lookups", ("result", "miss")));
        Assert.True(measured.Sum("promptstudio.catalogue.lookups", ("result", "hit")) >= 3);
        Assert.Equal(0, measured.Observe("promptstudio.writer.waiting"));
        Assert.True(measured.Observe("promptstudio.template_cache.lookups", ("result", "miss")) >= 1);
    }

    [Fact]
    public async Task Guardrail_ThatDoesNotBlockYet_IsCountedAsOneThatWouldHave()
    {
        await AddPromptAsync("watched", "Say {{ word }}.");
        await AddGuardrailAsync("watched block", "watched", "never", percentage: 0);
        await RenderAsync("watched", "first", "?by=route");
        using var measured = new Measured(app.Services);

        Assert.Equal(HttpStatusCode.OK, (await RenderAsync("watched", "never", "")).Status);

        await Eventually.TrueAsync(() => Task.FromResult(measured.Count("promptstudio.guardrail.hits") > 0), "the count");
        Assert.Equal(1, measured.Sum("promptstudio.guardrail.hits", ("guardrail", "watched block"), ("outcome", "would_block")));
    }

    [Fact]
    public void Documentation_ListsEveryInstrumentWithItsKindAndUnit()
    {
        using var measured = new Measured(app.Services);

        var documented = Row().Matches(File.ReadAllText(Docs("telemetry.md"))).Select(row => (row.Groups[1].Value, row.Groups[2].Value, row.Groups[3].Value)).Order().ToList();

        Assert.Equal(
            measured.Instruments.Where(instrument => instrument.Name.StartsWith("promptstudio.", StringComparison.Ordinal)).Select(instrument => (instrument.Name, Kind(instrument), instrument.Unit!)).Order(),
            documented);
    }

    [Fact]
    public async Task Dashboard_AsksOnlyForWhatIsMeasured()
    {
        // Some instruments of the framework are made with the first request.
        await RenderAsync("nlu_topic_extraction", "x", "?by=route");
        using var measured = new Measured(app.Services);
        var known = measured.Instruments.SelectMany(Prometheus).ToHashSet(StringComparer.Ordinal);
        using var dashboard = JsonDocument.Parse(await File.ReadAllTextAsync(Docs("grafana-dashboard.json"), TestContext.Current.CancellationToken));

        var questions = dashboard.RootElement.GetProperty("panels").EnumerateArray().Where(panel => panel.GetProperty("type").GetString() != "row")
            .SelectMany(panel => panel.GetProperty("targets").EnumerateArray()).Select(target => target.GetProperty("expr").GetString()!).ToList();

        Assert.True(questions.Count > 10);
        Assert.All(questions, question =>
        {
            var names = MetricName().Matches(question).Select(name => name.Value).ToList();
            Assert.NotEmpty(names);
            Assert.All(names, name => Assert.Contains(name, known));
        });
    }

    private static string Kind(Instrument instrument) => instrument.GetType().Name.Split('`')[0] switch
    {
        "Counter" or "ObservableCounter" => "counter",
        "Histogram" => "histogram",
        "ObservableUpDownCounter" => "up-down counter",
        var other => other,
    };

    /// <summary>The names under which Prometheus keeps what an instrument measures.</summary>
    private static IEnumerable<string> Prometheus(Instrument instrument)
    {
        var unit = instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
        var name = instrument.Name.Replace('.', '_') + unit;
        return Kind(instrument) switch
        {
            "counter" => [name + "_total"],
            "histogram" => [name + "_bucket", name + "_sum", name + "_count"],
            _ => [name],
        };
    }

    private static string Docs(string file) => Path.Combine(StudioOutput.Repository, "docs", file);

    [GeneratedRegex(@"^\| `(promptstudio\.[a-z_.]+)` \| ([a-z -]+) \| `([^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"\b(?:promptstudio|dotnet|http_server|kestrel)_[a-z_]+")]
    private static partial Regex MetricName();

    /// <summary>With a body whose length is told before it: the lane takes no other.</summary>
    private Task<ApiAnswer> RenderAsync(string prompt, string word, string query) =>
        app.Client.CallAsync(HttpMethod.Post, $"/api/render/{prompt}{query}", JsonSerializer.Serialize(new { variables = new { word, query = word, grade_level = 1 } }));

    private async Task AddPromptAsync(string name, string text)
    {
        var made = await app.Client.CallAsync(HttpMethod.Post, "/api/admin/prompts", new { name, template_text = text, template_variables = new { required = new[] { "word" } } });
        Assert.Equal(HttpStatusCode.OK, (await app.Client.CallAsync(HttpMethod.Post, $"/api/admin/prompts/{made.Value("id")}/activate", new { })).Status);
    }

    private async Task AddGuardrailAsync(string name, string prompt, string word, int percentage = 100)
    {
        var made = await app.Client.CallAsync(HttpMethod.Post, "/api/admin/guardrails", new
        {
            name,
            rule_type = "keyword",
            rule_config = new { words = new[] { word } },
            enforcement_level = "blocking",
            applies_to = new[] { prompt },
            enforcement_percentage = percentage,
        });
        Assert.True(made.Status == HttpStatusCode.Created, made.Text);
    }
}
