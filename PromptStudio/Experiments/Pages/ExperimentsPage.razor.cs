using System.Globalization;
using Microsoft.AspNetCore.Components;
using PromptStudio.Access;
using PromptStudio.Core.Access;
using PromptStudio.Core.Experiments;
using PromptStudio.Core.Experiments.Analysis;
using PromptStudio.Core.Prompts;
using PromptStudio.Shell;
using PromptStudio.Web;

namespace PromptStudio.Experiments.Pages;

/// <summary>Every experiment with what it says at the moment. The address is its state; figures come by themselves.</summary>
public sealed partial class ExperimentsPage
{
    private ListPage<ExperimentGlance>? _list;
    private string? _problem;
    private bool _mayChange;

    [Inject]
    public required ExperimentGlances Glances { get; init; }

    [Inject]
    public required CurrentActor Me { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [Inject]
    public required TimeProvider Clock { get; init; }

    [SupplyParameterFromQuery]
    public string? Search { get; set; }

    [SupplyParameterFromQuery]
    public string? Status { get; set; }

    [SupplyParameterFromQuery]
    public string? Prompt { get; set; }

    [SupplyParameterFromQuery]
    public string? Sort { get; set; }

    [SupplyParameterFromQuery]
    public string? Page { get; set; }

    private MetricWords Words => new(L);

    private bool Filters => !string.IsNullOrEmpty(Search + Status + Prompt);

    protected override async Task OnParametersSetAsync()
    {
        Follow(null);
        _mayChange = (await Me.GetAsync()).May(Permissions.Write);
        await LoadAsync();
    }

    protected override async Task LoadAsync()
    {
        _problem = (Storable.Problem("search", Search) ?? Storable.Problem("prompt", Prompt))?.Detail;
        var filter = new ExperimentFilter(
            Storable.Problem("search", Search) is null && Search?.Trim() is { Length: > 0 } search ? search : null, ExperimentStatus.All.Contains(Status) ? Status : null,
            Prompt is { Length: > 0 and <= PromptName.MaxLength } && Storable.Problem("prompt", Prompt) is null ? Prompt : null);
        var page = new PageQuery(int.TryParse(Page, CultureInfo.InvariantCulture, out var number) ? number : null, null, Sort).Check(ExperimentStore.Sortable).Value
            ?? new PageQuery().Check(ExperimentStore.Sortable).Value!;
        _list = await Glances.ListAsync(await Me.GetAsync(), filter, page, Left);
    }

    private static string Address(string? search, string? status, string? prompt, string? sort, int page) => Links.With(Links.AbTestsRoute,
        ("search", search), ("status", status), ("prompt", prompt), ("sort", sort), ("page", page > 1 ? page.ToString(CultureInfo.InvariantCulture) : null));

    private void Show(string? search = null, string? status = null, string? prompt = null) =>
        Navigation.NavigateTo(Address(search ?? Search, status ?? Status, prompt ?? Prompt, Sort, 1), replace: true);

    /// <summary>The variant that is ahead in the primary metric.</summary>
    private static (Comparison Comparison, Metric Metric)? Best(ExperimentAnalysis? figures)
    {
        if (figures?.Metrics.FirstOrDefault(metric => metric.Role == MetricAnalysis.Primary) is not { } primary || Metric.Find(primary.Metric) is not { } metric)
            return null;
        var sign = metric.LowerIsBetter ? -1 : 1;
        return primary.Comparisons.OrderByDescending(one => sign * one.Effect ?? double.NegativeInfinity).FirstOrDefault() is { } best ? (best, metric) : null;
    }

    private (string Text, string Style)? Advice(ExperimentView row, ExperimentAnalysis? figures) => (row.Status, figures?.Decision.Code) switch
    {
        (ExperimentStatus.WinnerDeclared, _) => (L["{0} won", Words.Group(row.Groups.FirstOrDefault(group => group.TemplateId == row.WinnerTemplateId)?.Name ?? Allocation.Control)], "calm"),
        (ExperimentStatus.Draft, _) => (L["Start it"], "calm"),
        (_, null) => null,
        (_, Decision.Declare) => (L["Declare {0}", Words.Group(figures!.Decision.Group!)], "good"),
        (_, Decision.KeepControl) => (L["Keep control"], "good"),
        (_, Decision.CheckAssignment) => (L["Check the groups"], "bad"),
        (_, Decision.Blocked) => (L["Not safe to declare"], "warning"),
        _ => (row.Status == ExperimentStatus.Completed ? L["Undecided"] : L["Keep waiting"], "calm"),
    };

    private static string Versions(ExperimentView row) => string.Join(" · ", row.Groups.Select(group => string.Create(CultureInfo.InvariantCulture, $"v{group.Version}")));

    private string Days(ExperimentView row)
    {
        if (row.StartedAt is not { } started)
            return "–";
        var days = ((row.EndedAt ?? Clock.GetUtcNow()) - started).TotalDays;
        return days < 1 ? L["less than a day"] : L.Count((long)days, "1 day", "{0} days");
    }
}
