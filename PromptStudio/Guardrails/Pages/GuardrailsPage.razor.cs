using System.Globalization;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using PromptStudio.Access;
using PromptStudio.Core.Access;
using PromptStudio.Shell;
using PromptStudio.Web;

namespace PromptStudio.Guardrails.Pages;

/// <summary>Every guardrail, with what it did lately; each is switched on and off in place. The address is its state.</summary>
public sealed partial class GuardrailsPage : IDisposable
{
    private readonly CancellationTokenSource _left = new();
    private ListPage<GuardrailView>? _list;
    private string? _problem;
    private bool _mayChange;

    [Inject]
    public required GuardrailStore Store { get; init; }

    [Inject]
    public required CurrentActor Me { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [Inject]
    public required Toasts Toasts { get; init; }

    [SupplyParameterFromQuery]
    public string? Search { get; set; }

    [SupplyParameterFromQuery]
    public string? Type { get; set; }

    [SupplyParameterFromQuery]
    public string? Level { get; set; }

    /// <summary><c>on</c> or <c>off</c>.</summary>
    [SupplyParameterFromQuery]
    public string? State { get; set; }

    [SupplyParameterFromQuery]
    public string? Sort { get; set; }

    [SupplyParameterFromQuery]
    public string? Page { get; set; }

    private bool Filters => !string.IsNullOrEmpty(Search + Type + Level + State);

    protected override async Task OnParametersSetAsync()
    {
        _mayChange = (await Me.GetAsync()).May(Permissions.Promote);
        await LoadAsync();
    }

    public void Dispose()
    {
        _left.Cancel();
        _left.Dispose();
    }

    private static string Address(string? search, string? type, string? level, string? state, string? sort, int page) => Links.With(Links.GuardrailsRoute,
        ("search", search), ("type", type), ("level", level), ("state", state), ("sort", sort), ("page", page > 1 ? page.ToString(CultureInfo.InvariantCulture) : null));

    private static int Hits(GuardrailFigures figures) => figures.Blocked + figures.WouldBlock + figures.Warned + figures.Logged;

    private async Task LoadAsync()
    {
        var filter = new GuardrailFilter(
            Storable.Problem("search", Search) is null ? Search?.Trim() : null, Type is { Length: > 0 and < 50 } ? Type : null, GuardrailWords.Levels.Contains(Level) ? Level : null,
            State switch { "on" => true, "off" => false, _ => null });
        var page = new PageQuery(int.TryParse(Page, CultureInfo.InvariantCulture, out var number) ? number : null, null, Sort).Check(GuardrailStore.Sortable).Value
            ?? new PageQuery().Check(GuardrailStore.Sortable).Value!;
        var answer = await Store.ListAsync(await Me.GetAsync(), filter, page, _left.Token);
        (_list, _problem) = (answer.Value ?? _list, answer.Problem?.Detail);
    }

    private void Show(string? search = null, string? type = null, string? level = null, string? state = null) =>
        Navigation.NavigateTo(Address(search ?? Search, type ?? Type, level ?? Level, state ?? State, Sort, 1), replace: true);

    private async Task SwitchAsync(Guid id, string name, bool isOn)
    {
        if (await SetAsync(id, isOn))
            Toasts.Done(isOn ? L["{0} is on: renders follow it from now on.", name] : L["{0} is off.", name], () => InvokeAsync(() => SetAsync(id, !isOn)));
    }

    private async Task<bool> SetAsync(Guid id, bool isOn)
    {
        var answer = await Store.ChangeAsync(await Me.GetAsync(), id, null, new GuardrailEdit { IsActive = isOn }, _left.Token);
        await LoadAsync();
        _problem ??= answer.Problem?.Detail;
        StateHasChanged();
        return answer.Problem is null;
    }

    private string LevelText(GuardrailView row) => row is { EnforcementLevel: GuardrailWords.Blocking, EnforcementPercentage: < 100 }
        ? L["Blocks for {0} %", row.EnforcementPercentage.ToString("0.#", Languages.Current.Format)]
        : L[RuleNames.OfLevel(row.EnforcementLevel)];

    private string AppliesTo(GuardrailView row) => row.AppliesTo.Count == 0 ? L["of all prompts"] : L["of {0}", string.Join(", ", row.AppliesTo)];
}
