using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using PromptStudio.Core.Access;
using PromptStudio.Core.Prompts.Files;
using PromptStudio.Database;
using PromptStudio.Web;

namespace PromptStudio.Prompts;

/// <summary>
/// <c>prompts export DIR</c> and <c>prompts import DIR</c>: between a folder and a studio that runs (with <c>PROMPTSTUDIO_API_KEY</c>), or the
/// database itself, as the studio's own settings name it.
/// </summary>
internal static class PromptsCommand
{
    private const string Usage = """
        usage: prompts export DIR [--url=URL]                      writes all prompts as text files into DIR
               prompts import DIR [--apply] [--force] [--url=URL]  shows what would change, and with --apply does it
        With PROMPTSTUDIO_API_KEY set, the running studio at URL (http://localhost:5080) is asked; else the database itself,
        which for the embedded one means that the studio does not run. Further options are the studio's settings.
        """;

    /// <returns>The exit code: 0 done, 1 refused or failed, 2 wrong usage.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        if (args is not ["export" or "import", { Length: > 0 } folder, .. var options] || folder.StartsWith('-') || options.Any(option => !option.StartsWith("--", StringComparison.Ordinal)))
        {
            await Console.Error.WriteLineAsync(Usage);
            return 2;
        }
        var (apply, force) = (options.Contains("--apply"), options.Contains("--force"));
        var url = options.FirstOrDefault(option => option.StartsWith("--url=", StringComparison.Ordinal))?["--url=".Length..] ?? "http://localhost:5080";
        var settings = options.Where(option => option is not ("--apply" or "--force") && !option.StartsWith("--url=", StringComparison.Ordinal)).ToArray();
        try
        {
            if (Environment.GetEnvironmentVariable("PROMPTSTUDIO_API_KEY") is { Length: > 0 } key)
            {
                using var studio = new HttpClient { BaseAddress = new Uri(url), DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", key) } };
                return args[0] == "export" ? await ExportAsync(folder, studio) : await ImportAsync(folder, apply, force, studio);
            }
            await using var app = Studio.Build([.. settings, "--Logging:LogLevel:Default=Warning"]);
            var database = app.Services.GetRequiredService<StudioDatabase>();
            await database.StartAsync(CancellationToken.None);
            await using (database)
            {
                return args[0] == "export"
                    ? await WriteAsync(folder, app.Services.GetRequiredService<PromptExport>().FilesAsync(Actor.System("command line"), [], CancellationToken.None))
                    : await ReportAsync(await app.Services.GetRequiredService<PromptImport>().RunAsync(Actor.System("command line"), Files(folder), apply, force, null, CancellationToken.None));
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or UnauthorizedAccessException or UriFormatException or DecoderFallbackException)
        {
            await Console.Error.WriteLineAsync($"prompts {args[0]}: {exception.Message}");
            return 1;
        }
    }

    private static async Task<int> ExportAsync(string folder, HttpClient studio)
    {
        using var answer = await studio.GetAsync(new Uri("/api/admin/prompts/export", UriKind.Relative));
        if (!answer.IsSuccessStatusCode)
            return await FailAsync(answer);
        var files = await PromptZip.ReadAsync(new MemoryStream(await answer.Content.ReadAsByteArrayAsync()), CancellationToken.None);
        return files.Value is { } found ? await WriteAsync(folder, found.ToAsyncEnumerable()) : throw new IOException(files.Problem!.Detail);
    }

    private static async Task<int> ImportAsync(string folder, bool apply, bool force, HttpClient studio)
    {
        using var archive = new MemoryStream();
        await PromptZip.WriteAsync(archive, Files(folder).ToAsyncEnumerable(), CancellationToken.None);
        using var content = new ByteArrayContent(archive.ToArray()) { Headers = { ContentType = new MediaTypeHeaderValue("application/zip") } };
        using var answer = await studio.PostAsync(new Uri($"/api/admin/prompts/import?apply={(apply ? "true" : "false")}&force={(force ? "true" : "false")}", UriKind.Relative), content);
        if (answer.IsSuccessStatusCode)
            return await ReportAsync((await answer.Content.ReadFromJsonAsync<ImportReport>(ApiJson.Options))!);
        if (answer.StatusCode == HttpStatusCode.Conflict && (await answer.Content.ReadFromJsonAsync<JsonElement>()).TryGetProperty("report", out var report))
            await ReportAsync(report.Deserialize<ImportReport>(ApiJson.Options)!);
        return await FailAsync(answer);
    }

    private static async Task<int> FailAsync(HttpResponseMessage answer)
    {
        var body = await answer.Content.ReadAsStringAsync();
        var detail = answer.Content.Headers.ContentType?.MediaType == "application/problem+json" ? JsonElement.Parse(body).GetProperty("detail").GetString() : null;
        await Console.Error.WriteLineAsync($"The studio answers {(int)answer.StatusCode}: {detail ?? answer.ReasonPhrase}");
        return 1;
    }

    private static async Task<int> ReportAsync(Answer<ImportReport> answer)
    {
        if (answer.Value is not { } report)
        {
            if (answer.Problem!.Extensions.GetValueOrDefault("report") is ImportReport refused)
                await ReportAsync(refused);
            await Console.Error.WriteLineAsync(answer.Problem.Detail);
            return 1;
        }
        foreach (var item in report.Items.Where(item => item.Action != "unchanged"))
            await Console.Out.WriteLineAsync($"{item.Action,-9} {item.Path}{(item.Reason is { } reason ? "  " + reason : "")}");
        await Console.Out.WriteLineAsync($"{report.Created} created, {report.Changed} changed, {report.Unchanged} unchanged, {report.Refused} refused{(report.Applied ? "" : "; nothing was changed yet: --apply does it")}");
        return report.Refused > 0 ? 1 : 0;
    }

    /// <summary>Writes the files, and removes those of earlier exports that the prompts no longer have; what else is in the folder stays.</summary>
    private static async Task<int> WriteAsync(string folder, IAsyncEnumerable<PromptFile> files)
    {
        var written = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var file in files)
        {
            // The archive comes from wherever the address leads: it must not choose which files of this machine are written.
            if (!PromptFiles.IsPath(file.Path))
                throw new IOException($"The studio sent '{file.Path}', which is no file of a prompt. Nothing is written to such a place.");
            var path = Path.GetFullPath(Path.Combine(folder, file.Path));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(path, file.Text);
            written.Add(path);
        }
        foreach (var prompt in written.Select(path => Path.GetDirectoryName(path)!).Distinct().ToList())
        {
            foreach (var stale in Directory.EnumerateFiles(prompt, "v*.*").Where(path => Path.GetExtension(path) is ".jinja" or ".scriban" && !written.Contains(path)))
                File.Delete(stale);
        }
        await Console.Out.WriteLineAsync($"{written.Count} files written to {folder}");
        return 0;
    }

    private static IEnumerable<PromptFile> Files(string folder)
    {
        var utf8 = new UTF8Encoding(false, throwOnInvalidBytes: true);
        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var relative = Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/');
            if (PromptZip.IsPrompt(relative))
                yield return new PromptFile(relative, utf8.GetString(File.ReadAllBytes(path)));
        }
    }
}
