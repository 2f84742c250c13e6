using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using PromptStudio.Bench.Load;
using PromptStudio.Bench.Screens;

namespace PromptStudio.Bench.Pages;

/// <summary>
/// <c>bench pages [--prompts N] [--executions N] [--circuits N] [--data DIR]</c>: how long the server takes for every list of a large studio, as page and as API, and what a hundred
/// open pages hold.
/// </summary>
internal static partial class PagesBench
{
    private const int WarmUp = 3;
    private const int Times = 10;
    private const double Longest = 300;

    public static async Task<int> RunAsync(string[] arguments)
    {
        var (prompts, executions, circuits) = (Number(arguments, "--prompts", 10_000), Number(arguments, "--executions", 1_000_000), Number(arguments, "--circuits", 100));
        LoadBench.Print($"{prompts.ToString("N0", CultureInfo.InvariantCulture)} prompts with two versions each, {executions.ToString("N0", CultureInfo.InvariantCulture)} executions of thirty days");
        await using var stage = await SeededStage.StartAsync(arguments.Option("--data"), prompts, executions);
        // All pages in few processes: only the server is measured.
        await using var browser = await StudioBrowser.StartAsync("--renderer-process-limit=4");
        var context = await browser.SignInAsync(stage.Address);
        using var client = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = stage.Address };
        client.DefaultRequestHeaders.Add("Cookie", string.Join("; ", (await context.CookiesAsync()).Select(cookie => $"{cookie.Name}={cookie.Value}")));
        var isQuick = await TimeAsync(client);
        return await OpenCircuits.WeighAsync(stage, browser, context, client, circuits) && isQuick ? 0 : 3;
    }

    /// <summary>The table of all lists.</summary>
    /// <returns>Whether each was there in time.</returns>
    private static async Task<bool> TimeAsync(HttpClient client)
    {
        var lists = await StudioLists.OfAsync(client);
        LoadBench.Print("");
        LoadBench.Print("| list | rows | median ms | longest ms |");
        LoadBench.Print("| --- | --- | --- | --- |");
        var (late, empty, longest) = (0, 0, 0.0);
        foreach (var list in lists)
        {
            var (rows, times) = await TimeAsync(client, list);
            LoadBench.Print(string.Create(CultureInfo.InvariantCulture, $"| `{list}` | {rows} | {times[times.Length / 2]:0} | {times[^1]:0} |{(times[^1] >= Longest ? " late" : "")}{(rows == 0 ? " empty" : "")}"));
            late += times[^1] >= Longest ? 1 : 0;
            empty += rows == 0 ? 1 : 0;
            longest = Math.Max(longest, times[^1]);
        }
        LoadBench.Print("");
        LoadBench.Print(string.Create(CultureInfo.InvariantCulture, $"{lists.Count} lists, {Times} times each, the longest in {longest:0} ms < {Longest:0} ms{(empty > 0 ? $", but {empty} show nothing" : "")}: {(late + empty == 0 ? "met" : $"MISSED by {late + empty}")}"));
        return late + empty == 0;
    }

    private static async Task<(int Rows, double[] Times)> TimeAsync(HttpClient client, string list)
    {
        var times = new List<double>();
        var rows = 0;
        for (var turn = 0; turn < WarmUp + Times; turn++)
        {
            var started = Stopwatch.GetTimestamp();
            using var response = await client.GetAsync(new Uri(list, UriKind.Relative));
            var text = await response.Content.ReadAsStringAsync();
            if (turn >= WarmUp)
                times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            if (!response.IsSuccessStatusCode)
                throw new InvalidOperationException($"{list}: {(int)response.StatusCode} {text}");
            rows = Rows(list, text);
        }
        return (rows, [.. times.Order()]);
    }

    /// <summary>Rows that an answer has; none when a page only shows the shape of what it would fetch later.</summary>
    private static int Rows(string list, string text) =>
        list.StartsWith("/api/", StringComparison.Ordinal) ? (JsonNode.Parse(text) is { } answer && answer["days"] is { } days ? days : JsonNode.Parse(text)!["items"]!).AsArray().Count
        : text.Contains("class=\"skeleton\"", StringComparison.Ordinal) ? 0
        : TableBody().Matches(text).Sum(body => TableRow().Count(body.Value));

    private static int Number(string[] arguments, string option, int otherwise) => arguments.Option(option) is { } given ? int.Parse(given, NumberStyles.AllowThousands, CultureInfo.InvariantCulture) : otherwise;

    [GeneratedRegex("<tbody.*?</tbody>", RegexOptions.Singleline)]
    private static partial Regex TableBody();

    [GeneratedRegex("<tr[ >]")]
    private static partial Regex TableRow();
}
