using Microsoft.AspNetCore.Components;
using PromptStudio.Access;
using PromptStudio.Shell;
using PromptStudio.Web;

namespace PromptStudio.Guardrails.Pages;

/// <summary>Several guardrails on one text, or on the last executions. Which ones stands in the address.</summary>
public sealed partial class TestBenchPage : IDisposable
{
    private readonly CancellationTokenSource _left = new();
    private IReadOnlyList<GuardrailView>? _rules;
    private HashSet<Guid> _chosen = [];
    private IReadOnlyList<TestedGuardrail>? _tested;
    private Lookback? _past;
    private string _text = "";
    private string _testedText = "";
    private string? _problem;
    private bool _isBusy;

    [Inject]
    public required GuardrailStore Store { get; init; }

    [Inject]
    public required GuardrailTrial Trial { get; init; }

    [Inject]
    public required GuardrailLookback Lookback { get; init; }

    [Inject]
    public required CurrentActor Me { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    /// <summary>Ids, apart by commas; absent: all that are on.</summary>
    [SupplyParameterFromQuery]
    public string? Rules { get; set; }

    public void Dispose()
    {
        _left.Cancel();
        _left.Dispose();
    }

    protected override async Task OnParametersSetAsync()
    {
        if (_rules is null)
        {
            var answer = await Store.ListAsync(await Me.GetAsync(), new GuardrailFilter(), new PageRequest(1, GuardrailTrial.MostIds, "name", false), _left.Token);
            (_rules, _problem) = (answer.Value?.Items ?? [], answer.Problem?.Detail);
        }
        _chosen = Rules is null
            ? [.. _rules.Where(rule => rule.IsActive).Select(rule => rule.Id)]
            : [.. Rules.Split(',').Select(id => Guid.TryParse(id, out var known) ? known : Guid.Empty).Where(id => _rules.Any(rule => rule.Id == id))];
    }

    private void Choose(Guid id, ChangeEventArgs change)
    {
        if (change.Value is true)
            _chosen.Add(id);
        else
            _chosen.Remove(id);
        Show();
    }

    private void ChooseAll(bool isChosen)
    {
        _chosen = isChosen ? [.. (_rules ?? []).Select(rule => rule.Id)] : [];
        Show();
    }

    private void Show() => Navigation.NavigateTo(Links.With(Links.GuardrailTestRoute, ("rules", _chosen.Count == 0 ? "none" : string.Join(',', _chosen))), replace: true);

    private Task TestAsync() => BusyAsync(async () =>
    {
        var answer = await Trial.RunAsync(await Me.GetAsync(), new GuardrailTest { Text = _text, GuardrailIds = [.. _chosen] }, _left.Token);
        (_tested, _testedText, _problem) = (answer.Value?.Guardrails, _text, answer.Problem?.Detail);
    });

    private Task LookBackAsync() => BusyAsync(async () =>
    {
        var answer = await Lookback.RunAsync(await Me.GetAsync(), new LookbackRequest { GuardrailIds = [.. _chosen] }, _left.Token);
        (_past, _problem) = (answer.Value, answer.Problem?.Detail);
    });

    private async Task BusyAsync(Func<Task> work)
    {
        (_isBusy, _tested, _past) = (true, null, null);
        StateHasChanged();
        try
        {
            await work();
        }
        finally
        {
            _isBusy = false;
        }
    }

    private string LevelOf(Guid id) => _rules?.FirstOrDefault(rule => rule.Id == id)?.EnforcementLevel ?? "";

    private IReadOnlyList<Mark> Marks(IReadOnlyList<TestedGuardrail> tested) =>
    [
        .. from one in tested
           from span in one.Spans
           select new Mark(span.Start, span.End, $"{one.Name}: {span.Message}", RuleNames.LevelStyle(LevelOf(one.Id ?? Guid.Empty))),
    ];
}
