using Microsoft.AspNetCore.Components;
using PromptStudio.Access;
using PromptStudio.Core.Access;
using PromptStudio.Shell;
using PromptStudio.Web;

namespace PromptStudio.Guardrails.Pages;

/// <summary>What guardrails found: filtered, by day, and marked where it was found wrongly. The address is its state.</summary>
public sealed partial class ViolationsPage : IDisposable
{
    private const string DefaultTime = "7d";

    private readonly CancellationTokenSource _left = new();
    private IReadOnlyList<GuardrailView> _rules = [];
    private ViolationPage? _list;
    private ChartData? _chart;
    private TimeRange _time = new(DefaultTime);
    private string? _problem;
    private bool _mayMark;

    [Inject]
    public required ViolationStore Store { get; init; }

    [Inject]
    public required GuardrailStore Guardrails { get; init; }

    [Inject]
    public required CurrentActor Me { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [Inject]
    public required Toasts Toasts { get; init; }

    [Inject]
    public required TimeProvider Clock { get; init; }

    /// <summary>The id of a guardrail.</summary>
    [SupplyParameterFromQuery]
    public string? Rule { get; set; }

    [SupplyParameterFromQuery]
    public string? Prompt { get; set; }

    [SupplyParameterFromQuery]
    public string? Level { get; set; }

    [SupplyParameterFromQuery]
    public string? Outcome { get; set; }

    /// <summary><c>wrong</c> or <c>right</c>.</summary>
    [SupplyParameterFromQuery]
    public string? Marked { get; set; }

    [SupplyParameterFromQuery]
    public string? Range { get; set; }

    [SupplyParameterFromQuery]
    public string? From { get; set; }

    [SupplyParameterFromQuery]
    public string? To { get; set; }

    /// <summary>The violation that the page goes on after.</summary>
    [SupplyParameterFromQuery]
    public string? After { get; set; }

    private bool Filters => !string.IsNullOrEmpty(Rule + Prompt + Level + Outcome + Marked);

    public void Dispose()
    {
        _left.Cancel();
        _left.Dispose();
    }

    protected override async Task OnParametersSetAsync()
    {
        var me = await Me.GetAsync();
        _mayMark = me.May(Permissions.Write);
        _time = TimeRange.Of(Range, From, To, DefaultTime);
        if (_rules.Count == 0)
            _rules = (await Guardrails.ListAsync(me, new GuardrailFilter(), new PageRequest(1, PageQuery.MaxPageSize, "name", false), _left.Token)).Value?.Items ?? [];
        await LoadAsync(me);
    }

    private async Task LoadAsync(Actor me)
    {
        var (from, to) = _time.At(Clock.GetUtcNow());
        var filter = new ViolationFilter
        {
            GuardrailId = Guid.TryParse(Rule, out var rule) ? rule : null,
            Prompt = Storable.Problem("prompt", Prompt) is null && !string.IsNullOrWhiteSpace(Prompt) ? Prompt.Trim() : null,
            Level = GuardrailWords.Levels.Contains(Level) ? Level : null,
            Outcome = ViolationOutcome.All.Contains(Outcome) ? Outcome : null,
            FalsePositive = Marked switch { "wrong" => true, "right" => false, _ => null },
            From = from,
            To = to,
            After = Guid.TryParse(After, out var after) ? after : null,
        };
        var list = await Store.ListAsync(me, filter, _left.Token);
        (_list, _problem) = (list.Value ?? _list, list.Problem?.Detail);
        // A span of months would be unreadable, and is refused.
        var days = await Store.ByDayAsync(me, filter with { From = Later(from, (to ?? Clock.GetUtcNow()).AddDays(-90)) }, _left.Token);
        if (days.Value is { } byDay)
            _chart = ViolationChart.Of(byDay, outcome => L[RuleNames.OfOutcome(outcome)], L["Day"]);
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private string Address(Guid? after) => Links.With(Links.ViolationsRoute,
    [
        ("rule", Rule), ("prompt", Prompt), ("outcome", Outcome), ("level", Level), ("marked", Marked), .. _time.Parameters(DefaultTime).Select(one => (one.Key, one.Value)), ("after", after?.ToString()),
    ]);

    private void Show(string? rule = null, string? prompt = null, string? outcome = null, string? level = null, string? marked = null)
    {
        (Rule, Prompt, Outcome, Level, Marked) = (rule ?? Rule, prompt ?? Prompt, outcome ?? Outcome, level ?? Level, marked ?? Marked);
        Navigation.NavigateTo(Address(null), replace: true);
    }

    private void ShowTime(TimeRange time)
    {
        _time = time;
        Navigation.NavigateTo(Address(null), replace: true);
    }

    private async Task MarkAsync(ViolationRow row, bool isWrong)
    {
        if (await SetAsync(row.Id, isWrong))
            Toasts.Done(isWrong ? L["Marked as found wrongly. It lowers the precision of {0}.", row.Name] : L["The mark is taken back."], () => InvokeAsync(() => SetAsync(row.Id, !isWrong)));
    }

    private async Task<bool> SetAsync(Guid id, bool isWrong)
    {
        var me = await Me.GetAsync();
        var answer = await Store.MarkAsync(me, id, isWrong, _left.Token);
        await LoadAsync(me);
        _problem ??= answer.Problem?.Detail;
        StateHasChanged();
        return answer.Problem is null;
    }
}
