using Microsoft.AspNetCore.Components;
using PromptStudio.Access;
using PromptStudio.Guardrails;
using PromptStudio.Shell;
using PromptStudio.Web;

namespace PromptStudio.Executions;

/// <summary>Every execution, the newest first. The address is its state.</summary>
public sealed partial class ExecutionsPage : IDisposable
{
    private static readonly IReadOnlyList<string> Groups = ["control", "variant_a", "variant_b", "variant_c", "variant_d"];

    private readonly CancellationTokenSource _left = new();
    private ExecutionAddress _filter = new();
    private ExecutionPage? _list;
    private IReadOnlyList<GuardrailView> _guardrails = [];
    private IReadOnlyList<(Guid Id, string Name)> _experiments = [];
    private string? _problem;
    private bool _isOpen;
    private bool _isReady;

    [Inject]
    public required ExecutionList Store { get; init; }

    [Inject]
    public required GuardrailStore Guardrails { get; init; }

    [Inject]
    public required CurrentActor Me { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [Inject]
    public required TimeProvider Clock { get; init; }

    [SupplyParameterFromQuery]
    public string? Id { get; set; }

    [SupplyParameterFromQuery]
    public string? Prompt { get; set; }

    [SupplyParameterFromQuery]
    public string? Version { get; set; }

    [SupplyParameterFromQuery]
    public string? Status { get; set; }

    [SupplyParameterFromQuery]
    public string? User { get; set; }

    [SupplyParameterFromQuery]
    public string? Experiment { get; set; }

    [SupplyParameterFromQuery]
    public string? Group { get; set; }

    [SupplyParameterFromQuery]
    public string? Guardrail { get; set; }

    [SupplyParameterFromQuery]
    public string? Range { get; set; }

    [SupplyParameterFromQuery]
    public string? From { get; set; }

    [SupplyParameterFromQuery]
    public string? To { get; set; }

    [SupplyParameterFromQuery]
    public string? After { get; set; }

    public void Dispose()
    {
        _left.Cancel();
        _left.Dispose();
    }

    protected override async Task OnParametersSetAsync()
    {
        var filter = _filter = new ExecutionAddress
        {
            Id = Id ?? "",
            Prompt = Prompt ?? "",
            Version = Version ?? "",
            Status = Status ?? "",
            User = User ?? "",
            Experiment = Experiment ?? "",
            Group = Group ?? "",
            Guardrail = Guardrail ?? "",
            Time = TimeRange.Of(Range, From, To, ExecutionAddress.DefaultTime),
            After = Guid.TryParse(After, out var after) ? after : null,
        };
        var me = await Me.GetAsync();
        if (!_isReady)
        {
            _isReady = true;
            _isOpen = _filter.Further > 0;
            _guardrails = (await Guardrails.ListAsync(me, new GuardrailFilter(), new PageRequest(1, PageQuery.MaxPageSize, "name", false), _left.Token)).Value?.Items ?? [];
            _experiments = await Store.ExperimentsAsync(_left.Token);
        }
        if (filter.Problem() is { } wrong)
        {
            (_list, _problem) = (new ExecutionPage([], null), L[wrong]);
            return;
        }
        var answer = await Store.ListAsync(me, filter.Filter(Clock.GetUtcNow()), _left.Token);
        // The answer to an earlier address may arrive after the next one was opened.
        if (filter == _filter)
            (_list, _problem) = (answer.Value ?? _list, answer.Problem?.Detail);
    }

    private static string Text(ChangeEventArgs change) => change.Value?.ToString()?.Trim() ?? "";

    private void Show(ExecutionAddress filter) => Navigation.NavigateTo((filter with { After = null }).Address(), replace: true);
}
