using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using PromptStudio.Audit;
using PromptStudio.Core.Access;
using PromptStudio.Prompts;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Prompts;

[Trait(Tier.Name, Tier.Api)]
public sealed class PromptFilesApiTests(StudioApp app, PostgresServer server) : IClassFixture<StudioApp>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Export_ImportedIntoAnotherStudio_ExportsTheSameBytes()
    {
        await AddAsync("round.trip");
        var exported = await ExportAsync(app.Client);
        await using var other = new StudioApp(server);
        await other.InitializeAsync();

        var plan = await ImportAsync(other.Client, exported, "");
        Assert.Equal((false, 0, true), (plan.GetProperty("applied").GetBoolean(), plan.GetProperty("refused").GetInt32(), plan.GetProperty("created").GetInt32() > 0));
        Assert.NotEqual(exported, await ExportAsync(other.Client));
        var applied = await ImportAsync(other.Client, exported, $"?apply=true&plan={plan.GetProperty("plan").GetString()}");

        Assert.True(applied.GetProperty("applied").GetBoolean());
        var imported = await ExportAsync(other.Client);
        Assert.Equal(Entries(exported), Entries(imported));
        Assert.Equal(exported, imported);
        var again = await ImportAsync(other.Client, exported, "?apply=true");
        Assert.Equal((0, 0), (again.GetProperty("created").GetInt32(), again.GetProperty("changed").GetInt32()));
        await using var context = await other.OpenAsync();
        Assert.Equal(1, await context.AuditEntries.CountAsync(entry => entry.Action == AuditAction.PromptsImported && entry.SubjectId == "round.trip", Cancellation));
        Assert.True(await context.PromptTemplates.AllAsync(version => version.Name != "round.trip" || version.FrozenAt != null || version.Version == 3, Cancellation));
    }

    [Fact]
    public async Task Import_WithOneRefusedFile_ChangesNothing()
    {
        await AddAsync("refusing");
        var archive = Zip(("refusing/v1.jinja", "---\n---\nother text\n"), ("innocent/v1.jinja", "---\n---\nhello\n"));

        var response = await PostAsync(app.Client, archive, "?apply=true");

        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        Assert.Equal("import_refused", problem.GetProperty("code").GetString());
        var refused = problem.GetProperty("report").GetProperty("items").EnumerateArray().Single(item => item.GetProperty("action").GetString() == "refused");
        Assert.Contains("frozen", refused.GetProperty("reason").GetString(), StringComparison.Ordinal);
        await using var context = await app.OpenAsync();
        Assert.False(await context.Prompts.AnyAsync(prompt => prompt.Name == "innocent", Cancellation));
    }

    [Fact]
    public async Task Import_AfterSomebodyChangedADraft_AsksToLookAgain()
    {
        await AddAsync("moving");
        var archive = Zip(("moving/v3.jinja", "---\n---\nfrom the file\n"));
        var plan = await ImportAsync(app.Client, archive, "");
        await using (var context = await app.OpenAsync())
            await context.PromptTemplates.Where(version => version.Name == "moving" && version.Version == 3).ExecuteUpdateAsync(set => set.SetProperty(version => version.TemplateText, "typed meanwhile"), Cancellation);

        var response = await PostAsync(app.Client, archive, $"?apply=true&plan={plan.GetProperty("plan").GetString()}");

        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.Equal("import_changed", (await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("code").GetString());
        Assert.Equal("typed meanwhile", await TextAsync("moving", 3));
        await ImportAsync(app.Client, archive, "?apply=true");
        Assert.Equal("from the file", await TextAsync("moving", 3));
    }

    [Fact]
    public async Task Import_MovesLabelsAndTheActiveVersion()
    {
        await AddAsync("pointing");

        await ImportAsync(app.Client, Zip(("pointing/prompt.md", "---\nactive: 3\nlabels: {canary: 1}\n---\nNew words.\n")), "?apply=true");

        await using var context = await app.OpenAsync();
        var versions = await context.PromptTemplates.AsNoTracking().Where(version => version.Name == "pointing").OrderBy(version => version.Version).ToListAsync(Cancellation);
        Assert.Equal([false, false, true], versions.Select(version => version.IsActive));
        Assert.All(versions, version => Assert.NotNull(version.FrozenAt));
        Assert.All(versions, version => Assert.Equal("New words.", version.Description));
        Assert.Equal([("canary", versions[0].Id)], (await context.PromptLabels.Where(label => label.PromptName == "pointing").ToListAsync(Cancellation)).Select(label => (label.Label, label.TemplateId)));
    }

    [Fact]
    public async Task Import_OfAVersionThatCallersCannotServe_IsForcedOrRefused()
    {
        await AddAsync("contract");
        using var render = await app.Client.PostAsync(new Uri("/api/render/contract", UriKind.Relative), new StringContent("""{"variables": {"name": "Ada"}}""", Encoding.UTF8, "application/json"), Cancellation);
        Assert.Equal(HttpStatusCode.OK, render.StatusCode);
        var archive = Zip(("contract/prompt.md", "---\nactive: 4\n---\n"), ("contract/v4.jinja", "---\nvariables: {required: [name, tone]}\n---\n{{ name }} {{ tone }}\n"));

        var refused = (await ImportAsync(app.Client, archive, "")).GetProperty("items").EnumerateArray().Single(item => item.GetProperty("action").GetString() == "refused");
        Assert.Contains("'tone' in 1 of 1 executions", refused.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Conflict, (await PostAsync(app.Client, archive, "?apply=true")).StatusCode);
        Assert.True((await ImportAsync(app.Client, archive, "?apply=true&force=true")).GetProperty("applied").GetBoolean());
    }

    [Theory]
    [InlineData("not a zip", "malformed_zip", 400)]
    [InlineData("", "malformed_zip", 400)]
    public async Task Import_OfSomethingElse_SaysSo(string body, string code, int status)
    {
        var response = await PostAsync(app.Client, Encoding.UTF8.GetBytes(body), "");

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(code, (await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Import_OfAZipBomb_IsRefused()
    {
        var response = await PostAsync(app.Client, Zip(("p/v1.jinja", new string(' ', 50_000_000))), "");

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Fact]
    public async Task Import_OfADamagedArchive_IsRefused()
    {
        var whole = Zip(("p/v1.jinja", "---\n---\nHello\n"), ("p/v2.jinja", "---\n---\n" + new string('x', 500) + "\n"));
        // Every byte in turn, and every length: the archive's own sizes and offsets among them.
        for (var at = 0; at < whole.Length; at++)
        {
            foreach (var value in (byte[])[0x00, 0x7f, 0xff])
            {
                var damaged = whole.ToArray();
                damaged[at] = value;
                Assert.True((await PromptZip.ReadAsync(new MemoryStream(damaged), Cancellation)).Problem is null or { Status: 400 or 413 });
            }
            Assert.True((await PromptZip.ReadAsync(new MemoryStream(whole[..at]), Cancellation)).Problem is { Status: 400 });
        }
    }

    [Fact]
    public async Task Import_OfALatin1File_IsRefused()
    {
        var response = await PostAsync(app.Client, Zip(Encoding.Latin1, ("p/v1.jinja", "---\n---\nZoë\n")), "");

        Assert.Equal("malformed_zip", (await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task BoundKey_ExportsAndImportsItsOwnPrompts()
    {
        await AddAsync("bound.one");
        await AddAsync("bound.two");
        using var client = app.NewClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await TestKeys.AddAsync(app, [ApiScope.Read, ApiScope.Write], boundNames: ["bound.one"]));

        Assert.All(Entries(await ExportAsync(client)), entry => Assert.StartsWith("bound.one/", entry.Key, StringComparison.Ordinal));
        var plan = await ImportAsync(client, Zip(("bound.two/v9.jinja", "---\n---\nx\n")), "");

        Assert.Equal(1, plan.GetProperty("refused").GetInt32());
    }

    [Fact]
    public async Task Command_ExportsAndImports()
    {
        using var folder = new TemporaryFolder();
        await AddAsync("command");

        Assert.Equal(0, (await RunAsync("prompts", "export", folder.Path)).ExitCode);
        Assert.Equal(Entries(await ExportAsync(app.Client)).Where(entry => entry.Key.StartsWith("command/", StringComparison.Ordinal)),
            Directory.EnumerateFiles(folder.Sub("command")).Order(StringComparer.Ordinal).Select(path => KeyValuePair.Create("command/" + Path.GetFileName(path), File.ReadAllText(path))).OrderBy(entry => entry.Key == "command/prompt.md" ? 0 : 1));
        await File.WriteAllTextAsync(Path.Combine(folder.Sub("command"), "v4.jinja"), "---\nmessage: from the folder\n---\nfour\n", Cancellation);
        var dry = await RunAsync("prompts", "import", folder.Path);
        Assert.Equal(0, dry.ExitCode);
        Assert.Contains("created   command/v4.jinja", dry.Output, StringComparison.Ordinal);
        Assert.Null(await TextAsync("command", 4));
        Assert.Equal(0, (await RunAsync("prompts", "import", folder.Path, "--apply")).ExitCode);
        Assert.Equal("four", await TextAsync("command", 4));
        await File.WriteAllTextAsync(Path.Combine(folder.Sub("command"), "v1.jinja"), "---\n---\nrewritten\n", Cancellation);
        Assert.Equal(1, (await RunAsync("prompts", "import", folder.Path, "--apply")).ExitCode);
        Assert.Equal(2, (await RunAsync("prompts", "import")).ExitCode);
    }

    [Fact]
    public async Task Command_WithoutAKey_WorksOnTheDatabase()
    {
        using var folder = new TemporaryFolder();
        var database = await server.CreateDatabaseAsync();

        var export = await StudioProcess.RunAsync(["prompts", "export", folder.Path, $"--ConnectionStrings:Studio={database}"], ("PROMPTSTUDIO_API_KEY", ""));

        Assert.Equal((0, "4 files written to " + folder.Path), (export.ExitCode, export.Output.Trim()));
        await File.WriteAllTextAsync(Path.Combine(folder.Sub("nlu_topic_extraction"), "v2.jinja"), "---\nparent: 1\n---\ntwo\n", Cancellation);
        var import = await StudioProcess.RunAsync(["prompts", "import", folder.Path, "--apply", $"--ConnectionStrings:Studio={database}"], ("PROMPTSTUDIO_API_KEY", ""));
        Assert.Equal((0, "created   nlu_topic_extraction/v2.jinja\n1 created, 0 changed, 4 unchanged, 0 refused"), (import.ExitCode, import.Output.Trim()));
    }

    [Fact]
    public async Task Command_GivenAnArchiveThatLeavesTheFolder_WritesNothing()
    {
        using var folder = new TemporaryFolder();
        var inside = Directory.CreateDirectory(folder.Sub("inside")).FullName;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using var studio = builder.Build();
        studio.Urls.Add("http://127.0.0.1:0");
        studio.MapGet("/api/admin/prompts/export", () => TypedResults.Bytes(Zip(("p/../../escaped.md", "taken over"))));
        await studio.StartAsync(Cancellation);

        var export = await StudioProcess.RunAsync(["prompts", "export", inside, $"--url={studio.Urls.Single()}"], ("PROMPTSTUDIO_API_KEY", StudioApp.Key));

        Assert.Equal(1, export.ExitCode);
        Assert.Empty(Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories));
    }

    private Task<(int ExitCode, string Output)> RunAsync(params string[] arguments) =>
        StudioProcess.RunAsync([.. arguments, .. arguments.Length > 2 ? [$"--url={app.Address}"] : Array.Empty<string>()], ("PROMPTSTUDIO_API_KEY", StudioApp.Key));

    private async Task<string?> TextAsync(string name, int version)
    {
        await using var context = await app.OpenAsync();
        return await context.PromptTemplates.Where(template => template.Name == name && template.Version == version).Select(template => template.TemplateText).SingleOrDefaultAsync(Cancellation);
    }

    /// <summary>Version 1 labelled, version 2 active, version 3 a draft.</summary>
    private async Task AddAsync(string name)
    {
        await using var context = await app.OpenAsync();
        PromptTemplate? parent = null;
        foreach (var (number, text) in new[] { (1, "Hello {{ name }}\r\n"), (2, "---\nHi {{ name }}!"), (3, "") })
        {
            var version = new PromptTemplate
            {
                Id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()),
                Name = name,
                Version = number,
                TemplateText = text,
                TemplateVariables = """{"required": {"name": {"type": "string", "sample": "Zoë 🎉"}}, "optional": []}""",
                Description = "Says hello.\n",
                Category = "chat: hello",
                Message = number == 2 ? "shorter" : null,
                ParentVersionId = parent?.Id,
                IsActive = number == 2,
                FrozenAt = number < 3 ? TimeProvider.System.GetUtcNow() : null,
                CreatedBy = "ada@example.com",
                CreatedAt = TimeProvider.System.GetUtcNow(),
            };
            await context.AddVersionAsync(version);
            if (number == 1)
            {
                context.PromptLabels.Add(new PromptLabel { PromptName = name, Label = "staging", TemplateId = version.Id });
                await context.SaveChangesAsync(Cancellation);
            }
            parent = version;
        }
    }

    private static async Task<byte[]> ExportAsync(HttpClient client)
    {
        var response = await client.GetAsync(new Uri("/api/admin/prompts/export", UriKind.Relative), Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsByteArrayAsync(Cancellation);
    }

    private static async Task<JsonElement> ImportAsync(HttpClient client, byte[] archive, string query)
    {
        var response = await PostAsync(client, archive, query);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        Assert.True(response.IsSuccessStatusCode, answer.ToString());
        return answer;
    }

    private static async Task<HttpResponseMessage> PostAsync(HttpClient client, byte[] archive, string query)
    {
        using var content = new ByteArrayContent(archive) { Headers = { ContentType = new MediaTypeHeaderValue("application/zip") } };
        return await client.PostAsync(new Uri("/api/admin/prompts/import" + query, UriKind.Relative), content, Cancellation);
    }

    private static byte[] Zip(params (string Path, string Text)[] files) => Zip(Encoding.UTF8, files);

    private static byte[] Zip(Encoding encoding, params (string Path, string Text)[] files)
    {
        using var buffer = new MemoryStream();
        using (var zip = new ZipArchive(buffer, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (path, text) in files)
            {
                using var entry = zip.CreateEntry(path).Open();
                entry.Write(encoding.GetBytes(text));
            }
        }
        return buffer.ToArray();
    }

    private static List<KeyValuePair<string, string>> Entries(byte[] archive)
    {
        using var zip = new ZipArchive(new MemoryStream(archive), ZipArchiveMode.Read);
        return [.. zip.Entries.Select(entry =>
        {
            using var reader = new StreamReader(entry.Open());
            return KeyValuePair.Create(entry.FullName, reader.ReadToEnd());
        })];
    }
}
