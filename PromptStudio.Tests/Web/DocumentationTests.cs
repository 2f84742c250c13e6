using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Components;
using PromptStudio.Core.Prompts;
using PromptStudio.Tests.Studio;
using PromptStudio.Web;

namespace PromptStudio.Tests.Web;

/// <summary>What the documentation says is so: its links lead somewhere, its calls are answered, its scripts run, and what it names exists.</summary>
[Trait(Tier.Name, Tier.Api)]
public sealed partial class DocumentationTests(StudioApp app) : IClassFixture<StudioApp>
{
    /// <summary>Settings that are no options of the studio's: ASP.NET's, and those that are read before there are options.</summary>
    private static readonly string[] OtherSettings = ["Urls", "ConnectionStrings", "Logging", "Kestrel"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Links_LeadToPagesAndHeadings()
    {
        var broken = new List<string>();
        foreach (var page in DocumentationPage.All)
        {
            foreach (var link in page.Links)
            {
                var (path, anchor) = link.Split('#') is [var before, var after] ? (before, after) : (link, "");
                var target = path.Length == 0 ? page.Path : Path.GetRelativePath(StudioOutput.Repository, Path.GetFullPath(Path.Combine(Path.GetDirectoryName(DocumentationPage.Full(page.Path))!, path)));
                if (!Path.Exists(DocumentationPage.Full(target)))
                    broken.Add($"{page.Path}: there is no {link}");
                else if (anchor.Length > 0 && !DocumentationPage.Of(target).Anchors.Contains(anchor))
                    broken.Add($"{page.Path}: {target} has no heading #{anchor}");
            }
        }

        Assert.Contains(DocumentationPage.All, page => page.Links.Any());
        Assert.True(broken.Count == 0, string.Join(Environment.NewLine, broken));
    }

    [Fact]
    public void EveryPage_IsLedToFromTheReadme()
    {
        var (reached, ahead) = (new HashSet<string>(), new Queue<string>(["README.md"]));
        while (ahead.TryDequeue(out var path))
        {
            if (!reached.Add(path))
                continue;
            foreach (var link in DocumentationPage.Of(path).Links.Select(link => link.Split('#')[0]).Where(link => link.EndsWith(".md", StringComparison.Ordinal)))
                ahead.Enqueue(Path.GetRelativePath(StudioOutput.Repository, Path.GetFullPath(Path.Combine(Path.GetDirectoryName(DocumentationPage.Full(path))!, link))));
        }

        Assert.Empty(DocumentationPage.All.Select(page => page.Path).Except(reached));
    }

    [Fact]
    public void JsonBlocks_AreJson()
    {
        var blocks = DocumentationPage.All.SelectMany(page => page.Blocks).Where(block => block.Language == "json").ToList();

        Assert.True(blocks.Count > 10);
        foreach (var block in blocks)
        {
            var exception = Record.Exception(() => JsonDocument.Parse(block.Text).Dispose());
            Assert.True(exception is null, $"{block}: {exception?.Message}");
        }
    }

    [Fact]
    public async Task CallsOfCurl_AreAnswered()
    {
        var version = await VersionAsync();
        var rendered = await app.Client.CallAsync(HttpMethod.Post, "/api/render/nlu_topic_extraction", """{"variables": {"query": "Why?", "grade_level": 7}}""");
        var variables = new Dictionary<string, string>
        {
            ["PROMPT_STUDIO_URL"] = app.Address.AbsoluteUri.TrimEnd('/'),
            ["PROMPT_STUDIO_KEY"] = StudioApp.Key,
            ["API_KEY"] = StudioApp.Key,
            ["KEY"] = StudioApp.Key,
            ["EXECUTION_ID"] = rendered.Value("execution_id"),
            ["VERSION_ID"] = version,
            // Of an experiment that there is not: the answer is a problem that says so, and no unknown address.
            ["ID"] = Guid.Empty.ToString(),
        };
        var (wrong, calls) = (new List<string>(), 0);
        foreach (var path in (string[])["README.md", "docs/examples.md", "docs/experiments.md", "docs/http-api.md", "docs/guide.md", "docs/moving-in.md"])
        {
            foreach (var block in DocumentationPage.Of(path).Blocks.Where(block => block.Language == "sh"))
            {
                var script = block.Text.Replace("http://localhost:5080", variables["PROMPT_STUDIO_URL"], StringComparison.Ordinal).Replace("\"…\"", $"\"{version}\"", StringComparison.Ordinal);
                foreach (var call in CurlCommand.Read(script, variables))
                {
                    calls++;
                    Assert.Equal(app.Address.Authority, call.Address.Authority);
                    using var request = call.ToRequest();
                    using var answer = await app.Anonymous.SendAsync(request, Cancellation);
                    var text = await answer.Content.ReadAsStringAsync(Cancellation);
                    if ((int)answer.StatusCode is 400 or 401 or 403 or 405 or 413 or 415 or >= 500 || text.Contains("route_not_found", StringComparison.Ordinal))
                        wrong.Add($"{block}: {call.Method} {call.Address.PathAndQuery} is answered {(int)answer.StatusCode} {text}");
                }
            }
        }

        Assert.True(calls >= 15, $"Only {calls} calls of curl were found.");
        Assert.True(wrong.Count == 0, string.Join(Environment.NewLine, wrong));
    }

    [Fact]
    public async Task PythonOfTheExamples_Runs()
    {
        var script = string.Join('\n', DocumentationPage.Of("docs/examples.md").Blocks.Where(block => block.Language == "python").Select(block => block.Text));

        var output = await PythonAsync(script);

        Assert.Contains("Student Query: Why is the sky blue?", output, StringComparison.Ordinal);
        Assert.Contains("missing: ['query'", output, StringComparison.Ordinal);
    }

    /// <summary>Each converter, on the export that stands before it, makes files that the studio imports and renders.</summary>
    [Theory]
    [InlineData("From Langfuse", "export.json", "movie-critic")]
    [InlineData("From promptfoo", "promptfooconfig.json", "translate")]
    public async Task Converter_OfAnExport_MakesFilesThatAreImported(string heading, string file, string prompt)
    {
        var page = DocumentationPage.Of("docs/moving-in.md");
        var from = Array.IndexOf(await File.ReadAllLinesAsync(DocumentationPage.Full(page.Path), Cancellation), $"## {heading}") + 1;
        Assert.True(from > 0);
        var export = page.Blocks.First(block => block.Line > from && block.Language == "json");
        var script = page.Blocks.First(block => block.Line > from && block.Language == "python");
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.Sub(file), export.Text, Cancellation);

        await PythonAsync(script.Text, folder.Path);
        using var archive = new MemoryStream();
        await ZipFile.CreateFromDirectoryAsync(folder.Sub("prompts"), archive, Cancellation);
        using var content = new ByteArrayContent(archive.ToArray());
        content.Headers.ContentType = new("application/zip");
        using var imported = await app.Client.PostAsync(new Uri("/api/admin/prompts/import?apply=true", UriKind.Relative), content, Cancellation);
        var report = JsonElement.Parse(await imported.Content.ReadAsStringAsync(Cancellation));

        Assert.True(imported.StatusCode == HttpStatusCode.OK, report.GetRawText());
        Assert.Equal(0, report.GetProperty("refused").GetInt32());
        var rendered = await app.Client.CallAsync(HttpMethod.Post, $"/api/render/{prompt}", """{"variables": {"movie": "Dune 2", "language": "French", "text": "Hello"}, "dry_run": true}""");
        Assert.True(rendered.Status == HttpStatusCode.OK, rendered.Text);
        Assert.Matches("Dune 2|French", rendered.Value("rendered_prompt"));
    }

    [Fact]
    public async Task GuardrailsOfTheGuide_CanBeCreated()
    {
        var bodies = DocumentationPage.Of("docs/guide.md").Blocks.Where(block => block.Language == "json").Select(block => (Block: block, Body: JsonNode.Parse(block.Text)!.AsObject())).ToList();

        Assert.True(bodies.Count(one => one.Body.ContainsKey("rule_type")) >= 5);
        foreach (var (block, body) in bodies.Where(one => one.Body.ContainsKey("rule_type")))
        {
            // They would look at what the other tests render.
            body["is_active"] = false;
            var created = await app.Client.CallAsync(HttpMethod.Post, "/api/admin/guardrails", body.ToJsonString());
            Assert.True(created.Status == HttpStatusCode.Created, $"{block}: {created.Text}");
        }
        Assert.All(bodies.Where(one => one.Body.ContainsKey("required")), one => Assert.NotEmpty(TemplateVariables.Parse(one.Block.Text).All));
    }

    [Fact]
    public async Task Commands_AreThoseOfTheScript()
    {
        var script = await File.ReadAllTextAsync(DocumentationPage.Full("studio"), Cancellation);
        var known = CaseLabel().Matches(script).SelectMany(label => label.Groups[1].Value.Split('|', StringSplitOptions.TrimEntries)).ToHashSet();
        var named = DocumentationPage.All.SelectMany(page => Command().Matches(page.Text).Select(command => (page.Path, Command: command.Groups[1].Value))).Distinct().ToList();

        Assert.Contains("run", known);
        Assert.Contains(named, one => one.Command == "test");
        Assert.DoesNotContain(named, one => !known.Contains(one.Command));
    }

    [Fact]
    public void Settings_AreThoseOfTheOptions_AndAllAreThere()
    {
        var known = app.Services.CheckedSections().SelectMany(section => Names(section.Name, section.Options.GetType())).ToHashSet();
        var sections = known.SelectMany(name => Enumerable.Range(1, name.Count(letter => letter == ':')).Select(parts => string.Join(':', name.Split(':').Take(parts)))).ToHashSet();
        var unknown = DocumentationPage.All.SelectMany(page => Named(page).Select(name => (page.Path, Name: name)))
            .Where(one => !OtherSettings.Contains(one.Name.Split(':')[0]) && !known.Contains(one.Name) && !sections.Contains(one.Name)).ToList();

        Assert.True(known.Count > 15);
        Assert.Empty(unknown);
        Assert.Empty(known.Except(Named(DocumentationPage.Of("docs/running.md"))));
    }

    [Fact]
    public async Task CodesOfProblems_AreInTheTable()
    {
        var document = JsonElement.Parse(await app.Anonymous.GetStringAsync(new Uri(ApiDocument.Route, UriKind.Relative), Cancellation));
        var codes = document.GetProperty("components").GetProperty("examples").EnumerateObject()
            .Where(example => example.Value.GetProperty("value") is { ValueKind: JsonValueKind.Object } value && value.TryGetProperty("code", out _))
            .Select(example => example.Value.GetProperty("value").GetProperty("code").GetString()!).Distinct().ToList();

        Assert.Contains("missing_variables", codes);
        Assert.Empty(codes.Except(DocumentationPage.Of("docs/http-api.md").Code));
    }

    [Fact]
    public void Pages_AreThoseOfTheStudio()
    {
        var routes = typeof(PromptStudio.Studio).Assembly.GetTypes().SelectMany(type => type.GetCustomAttributes<RouteAttribute>(inherit: false)).Select(route => route.Template.Split('{')[0].TrimEnd('/')).ToHashSet();
        var named = DocumentationPage.All.SelectMany(page => page.Code.Where(code => PageAddress().IsMatch(code)).Select(code => (page.Path, Address: code))).ToList();

        Assert.NotEmpty(named);
        Assert.DoesNotContain(named, one => !routes.Contains(one.Address));
    }

    /// <summary>The review of security and the decisions name the tests that hold them.</summary>
    [Fact]
    public void Tests_ThatAreNamed_Exist()
    {
        var types = typeof(DocumentationTests).Assembly.GetTypes().ToLookup(type => type.Name);
        var named = DocumentationPage.All.SelectMany(page => page.Code.Select(code => TestName().Match(code)).Where(name => name.Success).Select(name => (page.Path, Class: name.Groups[1].Value, Method: name.Groups[2].Value))).ToList();

        Assert.Contains(named, one => one.Path == "docs/security.md");
        Assert.DoesNotContain(named, one => !types[one.Class].Any(type => one.Method.Length == 0 || type.GetMethods().Any(method => method.Name == one.Method)));
    }

    private static IEnumerable<string> Names(string section, Type type) => type.GetProperties().SelectMany(property =>
        property.PropertyType.IsClass && property.PropertyType.Assembly == type.Assembly ? Names($"{section}:{property.Name}", property.PropertyType) : [$"{section}:{property.Name}"]);

    /// <summary>The settings that a page names: <c>A:B</c>, <c>A__B</c>, and <c>:C</c> behind the one whose section it shares.</summary>
    private static IEnumerable<string> Named(DocumentationPage page)
    {
        var section = "";
        foreach (var code in page.Code.Select(code => code.Split('=')[0].TrimStart('-').Replace("__", ":", StringComparison.Ordinal)))
        {
            if (code is [':', ..] && SettingName().IsMatch(section + code))
                yield return section + code;
            else if (SettingName().IsMatch(code))
            {
                section = code[..code.LastIndexOf(':')];
                yield return code;
            }
        }
    }

    private async Task<string> VersionAsync()
    {
        var rendered = await app.Client.CallAsync(HttpMethod.Post, "/api/render/nlu_topic_extraction", """{"variables": {"query": "Why?", "grade_level": 7}, "dry_run": true}""");
        return rendered.Value("template_id");
    }

    /// <summary>Runs a script with the address of the app and its key, and gives what it prints.</summary>
    private async Task<string> PythonAsync(string script, string? folder = null)
    {
        using var files = new TemporaryFolder();
        var path = files.Sub("script.py");
        await File.WriteAllTextAsync(path, script, Cancellation);
        var start = new ProcessStartInfo("python3", [path]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder ?? files.Path };
        start.Environment["PROMPT_STUDIO_URL"] = app.Address.AbsoluteUri;
        start.Environment["PROMPT_STUDIO_KEY"] = StudioApp.Key;
        start.Environment["PYTHONIOENCODING"] = "utf-8";
        var started = Start(start);
        Requirement.SkipUnless(started is not null, "Python 3 runs the examples: apt-get install python3.");
        using var python = started!;
        var (output, error) = (python.StandardOutput.ReadToEndAsync(Cancellation), python.StandardError.ReadToEndAsync(Cancellation));
        await python.WaitForExitAsync(Cancellation);
        Assert.True(python.ExitCode == 0, await error);
        return await output;
    }

    private static Process? Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    [GeneratedRegex(@"^  ([a-z]+(?: \| [a-z]+)*)\)$", RegexOptions.Multiline)]
    private static partial Regex CaseLabel();

    [GeneratedRegex(@"\./studio ([a-z]+)")]
    private static partial Regex Command();

    [GeneratedRegex(@"^[A-Z][A-Za-z]+(:[A-Z][A-Za-z]+)+$")]
    private static partial Regex SettingName();

    [GeneratedRegex(@"^/(?:admin|account|setup)[a-z/-]*$")]
    private static partial Regex PageAddress();

    [GeneratedRegex(@"^(\w+(?:Tests|Journey|Journeys))(?:\.(\w+))?$")]
    private static partial Regex TestName();
}
