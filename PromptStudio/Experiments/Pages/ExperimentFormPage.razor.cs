using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.JSInterop;
using MudBlazor;
using PromptStudio.Access;
using PromptStudio.Core.Experiments;
using PromptStudio.Core.Prompts;
using PromptStudio.Prompts;
using PromptStudio.Shell;
using PromptStudio.Web;

namespace PromptStudio.Experiments.Pages;

/// <summary>Plans an experiment: its versions, metrics, traffic and decision. What has rules is in <see cref="ExperimentDraft"/> and <see cref="TrafficSplit"/>.</summary>
public sealed partial class ExperimentFormPage : IDisposable
{
    private const int MostOffers = 10;
    private static readonly double[] UsualThresholds = [0.01, 0.05, 0.1];

    private readonly CancellationTokenSource _left = new();
    private ExperimentDraft? _draft;
    private ExperimentView? _view;
    private ExperimentView? _conflict;
    private IReadOnlyList<VersionSummary> _versions = [];
    private IReadOnlyList<string> _offers = [];
    private string _typedPrompt = "";
    private TextDiff? _diff;
    private int _compared = -1;
    private double? _baseline;
    private string? _missing;
    private string? _problem;
    private string? _wrong;
    private bool _isSaving;
    private bool _done;

    [Inject]
    public required ExperimentStore Store { get; init; }

    [Inject]
    public required ExperimentCommands Commands { get; init; }

    [Inject]
    public required ExperimentGlances Glances { get; init; }

    [Inject]
    public required PromptStore Prompts { get; init; }

    [Inject]
    public required CurrentActor Me { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [Inject]
    public required Toasts Toasts { get; init; }

    [Inject]
    public required IJSRuntime Browser { get; init; }

    /// <summary>Null: it is to be made.</summary>
    [Parameter]
    public Guid? Id { get; set; }

    /// <summary>The prompt that a new one is about.</summary>
    [SupplyParameterFromQuery]
    public string? Prompt { get; set; }

    [CascadingParameter]
    public Look? Look { get; set; }

    private MetricWords Words => new(L);

    private TimeZoneInfo Zone => Look?.Zone ?? TimeZoneInfo.Utc;

    private string Heading => _view is not null ? L["Edit {0}", _view.Name] : Id is null ? L["New experiment"] : L["Experiment"];

    public void Dispose()
    {
        _left.Cancel();
        _left.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        if (Id is { } id)
        {
            var answer = await Store.FindAsync(await Me.GetAsync(), id, _left.Token);
            _missing = answer.Problem?.Detail;
            if (answer.Value is not { } view)
                return;
            if (view.Status != ExperimentStatus.Draft)
            {
                _missing = L["'{0}' has started: its design is frozen. Its page changes what still can be.", view.Name];
                return;
            }
            await ShowAsync(view);
            return;
        }
        _draft = ExperimentDraft.New();
        if (Prompt is { Length: > 0 } && Storable.Problem("prompt", Prompt) is null)
            await OpenPromptAsync(Prompt);
        _draft.Settle();
    }

    private async Task ShowAsync(ExperimentView view)
    {
        (_view, _draft, _conflict, _problem, _wrong) = (view, ExperimentDraft.Of(view, Zone), null, null, null);
        _versions = await VersionsAsync(view.ControlTemplateId);
        await BaselineAsync();
    }

    private async Task<IReadOnlyList<VersionSummary>> VersionsAsync(Guid version) =>
        (await Prompts.VersionsAsync(await Me.GetAsync(), version, new PageRequest(1, PageQuery.MaxPageSize, "version", Descending: true), _left.Token)).Value?.Items ?? [];

    private async Task OfferAsync(string? typed)
    {
        _typedPrompt = typed ?? "";
        _offers = await Prompts.NamesAsync(_typedPrompt.Trim(), MostOffers, _left.Token);
    }

    private Task ChoosePromptAsync(ChangeEventArgs change) => OpenPromptAsync(change.Value?.ToString()?.Trim() ?? "");

    private async Task OpenPromptAsync(string name)
    {
        (_problem, _wrong, _compared, _diff, _typedPrompt) = (null, null, -1, null, name);
        if (name.Length == 0 || name.Length > PromptName.MaxLength || await Prompts.FindShownAsync(name, _left.Token) is not { } shown)
        {
            _versions = [];
            _draft!.ChoosePrompt("", []);
            if (name.Length > 0)
                (_problem, _wrong) = (L["There is no prompt '{0}'.", name], "prompt_name");
            return;
        }
        _versions = await VersionsAsync(shown.Id);
        _draft!.ChoosePrompt(shown.Name, [.. _versions.Select(version => (version.Id, version.IsActive))]);
        await BaselineAsync();
    }

    private async Task ChooseVersionAsync(int index, ChangeEventArgs change)
    {
        _draft!.Versions[index] = Guid.TryParse(change.Value?.ToString(), out var id) ? id : null;
        if (index == 0)
            await BaselineAsync();
        if (_compared > 0)
            await ReadDiffAsync(_compared);
    }

    private async Task BaselineAsync() => _baseline = _draft!.Versions[0] is { } control ? await Glances.SuccessRateAsync(control, _left.Token) : null;

    private Task CompareAsync(int index)
    {
        if (_compared != index)
            return ReadDiffAsync(index);
        (_compared, _diff) = (-1, null);
        return Task.CompletedTask;
    }

    private async Task ReadDiffAsync(int index)
    {
        (_compared, _diff) = (index, null);
        if (_draft!.Versions[index] is { } variant && _draft.Versions[0] is { } control)
            _diff = (await Prompts.CompareAsync(await Me.GetAsync(), variant, control.ToString(), _left.Token)).Value?.Text;
    }

    private void AddVariant() => _draft!.AddVariant(_versions.FirstOrDefault(version => !_draft.Versions.Contains(version.Id))?.Id);

    private void RemoveVariant(int index)
    {
        _draft!.RemoveVariant(index);
        (_compared, _diff) = (-1, null);
    }

    private void TakePrimary(ChangeEventArgs change) => _draft!.ChoosePrimary(Metric.Find(change.Value?.ToString() ?? "")?.Name ?? _draft.Primary);

    private void Cover(string? chosen)
    {
        if (decimal.TryParse(chosen, NumberStyles.Float, CultureInfo.InvariantCulture, out var coverage))
            _draft!.Coverage = Math.Clamp(coverage, 0, 100);
    }

    private void TakeThreshold(ChangeEventArgs change)
    {
        if (double.TryParse(change.Value?.ToString(), CultureInfo.InvariantCulture, out var threshold))
            _draft!.Threshold = threshold;
    }

    private IEnumerable<double> Thresholds() => UsualThresholds.Append(_draft!.Threshold).Distinct().Order();

    private void UseSample(long users) => _draft!.MinimumSample = (int)Math.Min(users, 100_000_000);

    private string VersionText(VersionSummary version)
    {
        var state = version.IsActive ? L["active"].Value : version.State == VersionState.Draft ? L["draft"].Value : "";
        return string.Join(" · ", new[] { string.Create(CultureInfo.InvariantCulture, $"v{version.Version}"), state, version.Message ?? "" }.Where(part => part.Length > 0));
    }

    private string? Invalid(string member) => _wrong == member ? "true" : null;

    private async Task SaveAsync()
    {
        if (_isSaving || _draft is not { } draft)
            return;
        (_problem, _wrong) = (null, null);
        if (draft.Missing is { } missing)
        {
            (_problem, _wrong) = (missing switch
            {
                "name" => L["Give it a name."],
                "prompt_name" => L["Choose a prompt."],
                _ => L["Choose a version for each group."],
            }, missing);
            return;
        }
        _isSaving = true;
        try
        {
            var me = await Me.GetAsync();
            var answer = draft.Id is { } id
                ? await Commands.ChangeAsync(me, id, draft.Revision, draft.ToEdit(Zone), _left.Token)
                : await Commands.CreateAsync(me, draft.ToNew(Zone), _left.Token);
            if (answer.Value is { } saved)
            {
                _done = true;
                Toasts.Done(Id is null ? L["{0} is planned. Start it when you are ready.", saved.Name] : L["Saved."]);
                Navigation.NavigateTo(Links.AbTest(saved.Id));
                return;
            }
            Take(answer.Problem!);
        }
        finally
        {
            _isSaving = false;
        }
    }

    private void Take(Problem problem)
    {
        if (problem.Code == "edit_conflict" && problem.Extensions["current"] is ExperimentView current)
            _conflict = current;
        else
            (_problem, _wrong) = (problem.Detail, problem.Code == "experiment_exists" ? "name" : problem.Extensions.GetValueOrDefault("member") as string);
    }

    private Task TakeTheirsAsync() => ShowAsync(_conflict!);

    private async Task OverwriteAsync()
    {
        _draft!.Rebase(_conflict!);
        _conflict = null;
        await SaveAsync();
    }

    /// <summary>Nobody loses what they wrote by a click beside the form.</summary>
    private async Task KeepAsync(LocationChangingContext leaving)
    {
        if (!_done && _draft?.IsChanged == true && !await Browser.InvokeAsync<bool>("confirm", L["Leave without saving? What you changed is lost."].Value))
            leaving.PreventNavigation();
    }
}
