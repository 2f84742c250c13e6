using System.Globalization;
using Microsoft.Playwright;
using PromptStudio.Core.Experiments;
using PromptStudio.Shell;
using PromptStudio.Tests.Studio;
using PromptStudio.Tests.Studio.Pages;
using static Microsoft.Playwright.Assertions;

namespace PromptStudio.Tests.Experiments.Pages;

[Trait(Tier.Name, Tier.Browser)]
public sealed class ExperimentJourney(SetUpStudio app, BrowserFixture browser) : IClassFixture<SetUpStudio>
{
    [Fact]
    public Task Experiment_IsPlanned_Started_Watched_AndDecided() => SignedInAsync(async visit =>
    {
        var page = visit.Page;
        var versions = await app.VersionsAsync("journey_watched");

        // Planned.
        var form = new ExperimentFormPageObject(page);
        await form.OpenAsync();
        await form.ChoosePromptAsync("journey_unknown");
        await Expect(form.Problem).ToContainTextAsync("There is no prompt 'journey_unknown'.");
        await form.ChoosePromptAsync("journey_watched");
        await Expect(form.Control).ToHaveValueAsync(versions[0].ToString());
        await Expect(form.Variant).ToHaveValueAsync(versions[1].ToString());
        await page.GetByRole(AriaRole.Button, new() { Name = "What differs" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Control against Variant A" })).ToContainTextAsync("v2 {{ text }}");
        await form.NameAsync("Journey watched");
        await form.SplitAsync("Variant A", "40.5");
        await Expect(form.Share("Control")).ToHaveValueAsync("59.5");
        await form.SplitAsync("Variant A", "50");
        await form.MinimumAsync("150");
        await form.Calculator.GetByLabel("Control's figure today, %").FillAsync("50");
        await form.Calculator.GetByLabel("Users a day").FillAsync("1000");
        await Expect(form.Calculator).ToContainTextAsync("4 days");
        var experiment = await form.CreateAsync();
        await Expect(experiment.Heading("Journey watched")).ToBeVisibleAsync();
        await Expect(experiment.Verdict).ToContainTextAsync("Not started yet");
        var id = Guid.Parse(new Uri(page.Url).Segments[^1]);

        // Started.
        await experiment.MoveAsync("Start", "Start experiment");
        await Expect(page.GetByText("running", new() { Exact = true })).ToBeVisibleAsync();
        await page.EvaluateAsync("window.isTheSamePage = true");

        // Traffic through the API; the page hears of it.
        for (var user = 0; user < 8; user++)
        {
            var rendered = await app.AskAsync("journey_watched", $"user-{user}");
            Assert.Equal("", (await app.ReportAsync(rendered.Value("execution_id"), """{"success": true}""")).Code ?? "");
        }
        await CountedAsync(id, 8);
        await Expect(experiment.Basis).ToContainTextAsync("8 users");
        await Expect(experiment.Verdict).ToContainTextAsync("Keep waiting");
        await Expect(experiment.Effects("Success rate")).ToContainTextAsync("not computable");

        // Many more, and the verdict turns without anybody asking.
        await app.StoreAsync(id, phase: 1, (Allocation.Control, 400, 200), ("variant_a", 400, 320));
        await CountedAsync(id, 808);
        await Expect(experiment.Basis).ToContainTextAsync("808 users");
        await Expect(experiment.Verdict).ToContainTextAsync("Safe to declare");
        await Expect(experiment.Effects("Success rate")).ToContainTextAsync("better");
        await Expect(page.GetByText("Always-valid p over time", new() { Exact = true })).ToBeVisibleAsync();
        Assert.True(await page.EvaluateAsync<bool>("window.isTheSamePage"));

        // Read by another method, which decides nothing.
        await page.GetByRole(AriaRole.Link, new() { Name = "Bayesian" }).ClickAsync();
        await Expect(page.GetByText("For reading only: the experiment is decided by Always valid.")).ToBeVisibleAsync();
        await Expect(experiment.Effects("Success rate")).ToContainTextAsync("Chance to beat");
        await Expect(experiment.Verdict).ToContainTextAsync("Safe to declare");

        // Decided, with every gate open.
        await experiment.PressAsync("Declare winner");
        await Expect(experiment.Dialog).ToContainTextAsync("Every gate is open");
        await Expect(experiment.Dialog.GetByRole(AriaRole.Region, new() { Name = "What callers get, before and after" })).ToContainTextAsync("v2 {{ text }}");
        var declare = experiment.Dialog.GetByRole(AriaRole.Button, new() { Name = "Declare Variant A" });
        await Expect(declare).ToBeDisabledAsync();
        await experiment.Dialog.GetByLabel("Type the experiment's name to confirm").FillAsync("Journey watched");
        await declare.ClickAsync();
        await Expect(experiment.Record).ToContainTextAsync("Variant A, v2");
        await Expect(experiment.Verdict).ToContainTextAsync("Decided");
        Assert.StartsWith("v2", (await app.AskAsync("journey_watched", "somebody")).Value("rendered_prompt"), StringComparison.Ordinal);

        // Listed.
        await page.GotoAsync(Links.AbTests("journey_watched"));
        await Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = "Journey watched" })).ToContainTextAsync("Variant A won");
        Assert.Empty(visit.Console);
        Assert.All(visit.Requests, address => Assert.Equal(app.Address.Authority, new Uri(address).Authority));
    });

    [Fact]
    public Task Winner_AgainstTheGates_NeedsAReason_AndItIsKept() => SignedInAsync(async visit =>
    {
        var (id, _) = await app.RunningAsync("journey_overridden");
        await app.StoreAsync(id, phase: 1, (Allocation.Control, 50, 25), ("variant_a", 50, 26));
        await CountedAsync(id, 100);
        var experiment = new ExperimentPageObject(visit.Page);
        await experiment.OpenAsync(id);

        await experiment.PressAsync("Declare winner");
        await Expect(experiment.Dialog).ToContainTextAsync("Not every gate is open");
        await Expect(experiment.Dialog).ToContainTextAsync("50 of 1,000 users");
        await experiment.Dialog.GetByLabel("Type the experiment's name to confirm").FillAsync("journey_overridden");
        var declare = experiment.Dialog.GetByRole(AriaRole.Button, new() { Name = "Declare Variant A against the gates" });
        await Expect(declare).ToBeDisabledAsync();
        await experiment.Dialog.GetByLabel("Why none the less?").FillAsync("The law asks for it.");
        await declare.ClickAsync();

        await Expect(experiment.Record).ToContainTextAsync("The law asks for it.");
        var stored = await app.Client.CallAsync(HttpMethod.Get, $"{Experimenting.Root}/{id}/metrics");
        Assert.Equal("The law asks for it.", stored.Json.GetProperty("decision").GetProperty("override_reason").GetString());
        Assert.Empty(visit.Console);
    });

    [Fact]
    public Task Traffic_ASplitThatChanges_BeginsAPhase_AndPauseAndCompleteAreAsked() => SignedInAsync(async visit =>
    {
        var (id, _) = await app.RunningAsync("journey_phases");
        var experiment = new ExperimentPageObject(visit.Page);
        await experiment.OpenAsync(id);

        await experiment.PressAsync("Change traffic");
        var share = experiment.Dialog.GetByLabel("Share of Control, per cent");
        await share.FillAsync("70");
        await share.BlurAsync();
        await experiment.Dialog.GetByRole(AriaRole.Button, new() { Name = "Begin phase 2" }).ClickAsync();
        await Expect(visit.Page.GetByText("Phase 2", new() { Exact = true })).ToBeVisibleAsync();
        await experiment.MoveAsync("Pause", "Pause experiment");
        await Expect(visit.Page.GetByText("paused", new() { Exact = true })).ToBeVisibleAsync();
        await experiment.PressAsync("Undo");
        await Expect(visit.Page.GetByText("running", new() { Exact = true })).ToBeVisibleAsync();
        await experiment.MoveAsync("Pause", "Pause experiment");
        await Expect(visit.Page.GetByText("paused", new() { Exact = true })).ToBeVisibleAsync();
        await experiment.PressAsync("Complete");
        await Expect(experiment.Dialog.GetByRole(AriaRole.Button, new() { Name = "Complete experiment" })).ToBeDisabledAsync();
        await experiment.Dialog.GetByLabel("Type its name to confirm").FillAsync("journey_phases");
        await experiment.Dialog.GetByRole(AriaRole.Button, new() { Name = "Complete experiment" }).ClickAsync();
        await Expect(visit.Page.GetByText("completed", new() { Exact = true })).ToBeVisibleAsync();
        Assert.Empty(visit.Console);
    });

    [Theory]
    [InlineData(false, 1440)]
    [InlineData(true, 390)]
    public Task EveryPage_IsAccessible_AndFitsTheWindow(bool dark, int width) => SignedInAsync(async visit =>
    {
        var page = visit.Page;
        var name = string.Create(CultureInfo.InvariantCulture, $"journey_axe_{width}");
        var (id, versions) = await app.RunningAsync(name, """{"minimum_sample_size": 100, "secondary_metrics": ["conversion"], "guardrail_metrics": [{"metric": "avg_response_time", "margin": 0.05, "relative": true}]}""", versions: 3);
        await app.StoreAsync(id, phase: 1, (Allocation.Control, 120, 50), ("variant_a", 120, 70), ("variant_b", 120, 60));
        await CountedAsync(id, 360);
        await app.StoreAsync(id, phase: 1, (Allocation.Control, 150, 70), ("variant_a", 150, 100), ("variant_b", 150, 90));
        await CountedAsync(id, 450);
        var draft = await app.DraftAsync(name + " draft", versions);
        foreach (var route in (string[])[Links.AbTests(), Links.AbTests("nothing_like_this"), Links.NewAbTest(name), Links.EditAbTest(draft), Links.AbTest(draft), Links.AbTest(id), Links.AbTest(Guid.Empty)])
        {
            await page.GotoAsync(route);
            await new PromptsPageObject(page).LiveAsync();
            await Expect(page.Locator(".skeleton")).ToHaveCountAsync(0);
            await Accessibility.CheckAsync(page, route);
            Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), route);
        }
        var experiment = new ExperimentPageObject(page);
        await experiment.OpenAsync(id);
        await experiment.PressAsync("Declare winner");
        await Expect(experiment.Dialog.GetByText("is activated in place of")).ToBeVisibleAsync();
        await Accessibility.CheckAsync(page, "declare");
        await page.Keyboard.PressAsync("Escape");
        await Expect(experiment.Dialog).ToHaveCountAsync(0);
        await experiment.PressAsync("Change traffic");
        await Expect(experiment.Dialog).ToBeVisibleAsync();
        await Accessibility.CheckAsync(page, "traffic");
    }, dark, width);

    /// <summary>Recomputes until so many users are counted: executions are written behind the answers.</summary>
    private Task CountedAsync(Guid id, long users) => Eventually.TrueAsync(async () =>
    {
        await app.MoveAsync(id, "recompute");
        return (await app.SnapshotAsync(id)).Groups.Sum(group => group.Users) == users;
    }, $"{users} users to be counted");

    private Task SignedInAsync(Func<Visit, Task> journey, bool dark = false, int width = 1440, [System.Runtime.CompilerServices.CallerMemberName] string test = "") => browser.VisitAsync(app, async visit =>
    {
        await new SignInPageObject(visit.Page).OpenAsync();
        await (await new SignInPageObject(visit.Page).SignInAsync(SetUpStudio.Email, SetUpStudio.Password)).LiveAsync();
        await journey(visit);
    }, dark, width, test);
}
