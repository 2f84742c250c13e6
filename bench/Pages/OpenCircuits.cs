using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using PromptStudio.Bench.Load;
using PromptStudio.Bench.Screens;

namespace PromptStudio.Bench.Pages;

/// <summary>Many people who have a page open: what they hold of the server's memory.</summary>
internal static class OpenCircuits
{
    private const double Most = 400;

    /// <summary>Pages that are opened beside each other.</summary>
    private const int Together = 4;

    /// <summary>Opens pages, a third each of the list, an editor and an experiment, and weighs the app before and with them.</summary>
    public static async Task<bool> WeighAsync(SeededStage stage, StudioBrowser browser, IBrowserContext first, HttpClient client, int count)
    {
        if (count == 0)
            return true;
        IBrowserContext[] people = [first, await browser.SignInAsync(stage.Address), await browser.SignInAsync(stage.Address), await browser.SignInAsync(stage.Address)];
        var editors = await IdsAsync(client, $"/api/admin/prompts?sort=-executions&page_size={Math.Min(200, (count / 3) + 1)}");
        var experiments = await IdsAsync(client, "/api/admin/ab-tests");
        // What the first page of each kind makes (compiled code, caches) is no circuit's.
        for (var number = 0; number < 6; number++)
            await (await OpenAsync(people[0], Address(number))).GotoAsync("about:blank");
        // One whose page went away too fast to say so is kept for minutes; it is in both figures then.
        var left = await UntilAsync(stage, open => open == 0, 15);
        var (before, objectsBefore) = await MemoryAsync(stage);
        var opened = 0;
        await Task.WhenAll(Enumerable.Range(0, Together).Select(async turn =>
        {
            for (var number = turn; number < count; number += Together)
            {
                await OpenAsync(people[turn % people.Length], Address(number));
                Interlocked.Increment(ref opened);
            }
        }));
        var open = await UntilAsync(stage, circuits => circuits >= count, 60);
        var (with, objectsWith) = await MemoryAsync(stage);
        var isMet = with - before < Most && open >= count;
        LoadBench.Print(string.Create(CultureInfo.InvariantCulture,
            $"{opened} open pages, {open} circuits: the app holds {before:0} MB with {left} and {with:0} MB with all of them, after full collections: {with - before:0} MB < {Most:0} MB {(isMet ? "met" : "MISSED")}; {1024 * (objectsWith - objectsBefore) / count:0} KB of objects a page"));
        return isMet;

        string Address(int number) => (number % 3) switch
        {
            0 => "/admin/prompts",
            1 => $"/admin/prompts/{editors[number / 3 % editors.Count]}/edit",
            _ => $"/admin/ab-tests/{experiments[number / 3 % experiments.Count]}",
        };
    }

    private static async Task<IPage> OpenAsync(IBrowserContext context, string address)
    {
        var page = await context.NewPageAsync();
        await page.GotoAsync(address);
        await StudioBrowser.ReadyAsync(page);
        return page;
    }

    /// <summary>How many circuits are open, when they are as many as they should, or after some seconds.</summary>
    private static async Task<int> UntilAsync(SeededStage stage, Predicate<int> isEnough, int seconds)
    {
        for (var turn = 0; ; turn++)
        {
            var open = (await Machine.AskAsync(stage.AskPort)).Circuits;
            if (isEnough(open) || turn == seconds)
                return open;
            await Task.Delay(1_000);
        }
    }

    private static async Task<(double Memory, double Heap)> MemoryAsync(SeededStage stage)
    {
        await Task.Delay(2_000);
        var said = await Machine.AskAsync(stage.AskPort, isCollected: true);
        return (Machine.Memory(stage.App.Id), said.Heap);
    }

    private static async Task<IReadOnlyList<string>> IdsAsync(HttpClient client, string list) =>
        [.. JsonNode.Parse(await client.GetStringAsync(new Uri(list, UriKind.Relative)))!["items"]!.AsArray().Select(item => item!["id"]!.GetValue<string>())];
}
