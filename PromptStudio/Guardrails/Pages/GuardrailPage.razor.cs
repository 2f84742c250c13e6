using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.JSInterop;
using PromptStudio.Access;
using PromptStudio.Core.Access;
using PromptStudio.Core.Guardrails;
using PromptStudio.Shell;
using PromptStudio.Web;

namespace PromptStudio.Guardrails.Pages;

/// <summary>A guardrail: its form, and beside it what it finds. What has rules is in <see cref="GuardrailDraft"/>.</summary>
public sealed partial class GuardrailPage : IDisposable
{
    private readonly CancellationTokenSource _left = new();
    private GuardrailDraft? _draft;
    private GuardrailView? _view;
    private GuardrailView? _conflict;
    private Rollout? _rollout;
    private TestedGuardrail? _regex;
    private TryPanel? _try;
    private string? _missing;
    private string? _problem;
    private string? _wrong;
    private Guid? _shown;
    private bool _mayChange;
    private bool _hasChosen;
    private bool _isSaving;
    private bool _isDeleting;
    private bool _done;

    private static readonly IReadOnlyList<(string Scope, string About)> Scopes =
    [
        (GuardrailWords.RenderedPrompt, "the whole text as it would be sent"),
        (GuardrailWords.Variables, "what callers put in, apart from the template's own words"),
        (GuardrailWords.Response, "what came back, when the application reports it"),
    ];

    private static readonly IReadOnlyList<(string Level, string About)> Levels =
    [
        (GuardrailWords.Blocking, "the prompt is not handed out"),
        (GuardrailWords.Warning, "the prompt is handed out, with a warning"),
        (GuardrailWords.Logging, "nobody is told; you see it here"),
    ];

    [Inject]
    public required GuardrailStore Store { get; init; }

    [Inject]
    public required GuardrailLookback Lookback { get; init; }

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

    /// <summary>The ready-made rule that a new one begins with.</summary>
    [SupplyParameterFromQuery]
    public string? From { get; set; }

    private string Heading => _view?.Name ?? (Id is null ? L["New guardrail"] : L["Guardrail"]);

    /// <summary>What is wrong with the rule itself, as it is typed or as saving said.</summary>
    private string? RuleError => _wrong is not null && (_wrong.StartsWith("rule", StringComparison.Ordinal) || _wrong.StartsWith("allow_list[", StringComparison.Ordinal)) ? _problem : _try?.RuleProblem;

    public void Dispose()
    {
        _left.Cancel();
        _left.Dispose();
    }

    protected override async Task OnParametersSetAsync()
    {
        var me = await Me.GetAsync();
        _mayChange = me.May(Permissions.Promote);
        if (_draft is not null && _shown == Id)
            return;
        (_shown, _done) = (Id, false);
        if (Id is { } id)
        {
            var answer = await Store.FindAsync(me, id, _left.Token);
            _missing = answer.Problem?.Detail;
            if (answer.Value is { } view)
                Show(view);
            _rollout = (await Lookback.RolloutAsync(me, id, _left.Token)).Value;
            return;
        }
        _draft = GuardrailDraft.New();
        if (RuleTemplates.All.FirstOrDefault(known => known.Key == From) is { } template)
            Choose(template);
    }

    private void Show(GuardrailView view) => (_view, _draft, _conflict, _problem, _wrong) = (view, GuardrailDraft.Of(view), null, null, null);

    private void Choose(RuleTemplate? template)
    {
        if (template is not null)
            _draft!.Take(GuardrailTemplate.Of(template));
        _hasChosen = true;
    }

    private async Task ChangeType(ChangeEventArgs change)
    {
        _draft!.ChangeType(change.Value?.ToString() ?? RuleType.Keyword);
        await RuleChangedAsync();
    }

    private async Task RuleChangedAsync()
    {
        (_problem, _wrong) = (null, null);
        if (_try is not null)
            await _try.TestSoonAsync();
    }

    private void Tested(TestedGuardrail? tested) => _regex = tested;

    private void Roll(ChangeEventArgs change) => _draft!.Percentage = double.TryParse(change.Value?.ToString(), CultureInfo.InvariantCulture, out var percent) ? percent : _draft.Percentage;

    private void Closed(ChangeEventArgs change) => _draft!.OnError = change.Value is true ? GuardrailWords.Block : GuardrailWords.Allow;

    private string RolloutText()
    {
        if (_rollout is not { Hits: > 0 } rollout)
            return L["The same users are always inside, and who is inside at 10 % stays inside at 20 %. The others are warned."];
        var blocked = rollout.Blocked[(int)Math.Clamp(Math.Round(_draft!.Percentage), 0, 100)];
        return L["Of its {0} hits in the last seven days it would have blocked {1}.", Figures.Count(rollout.Hits), Figures.Count(blocked)];
    }

    private string? Invalid(string member) => _wrong == member ? "true" : null;

    private async Task SaveAsync()
    {
        if (_isSaving || _draft is not { } draft)
            return;
        _isSaving = true;
        (_problem, _wrong) = (null, null);
        try
        {
            var me = await Me.GetAsync();
            var answer = draft.Id is { } id ? await Store.ChangeAsync(me, id, draft.Revision, draft.ToEdit(), _left.Token) : await Store.CreateAsync(me, draft.ToNew(), _left.Token);
            if (answer.Value is { } saved)
            {
                Show(saved);
                Toasts.Done(Id is null ? L["{0} is created. Renders follow it from now on.", saved.Name] : L["Saved. Renders follow it from now on."]);
                if (Id is null)
                {
                    _done = true;
                    Navigation.NavigateTo(Links.GuardrailPage(saved.Id));
                }
                return;
            }
            Take(answer.Problem!);
        }
        catch (FormatException exception)
        {
            (_problem, _wrong) = (exception.Message, "rule_config");
        }
        finally
        {
            _isSaving = false;
        }
    }

    private void Take(Problem problem)
    {
        if (problem.Code == "edit_conflict" && problem.Extensions["current"] is GuardrailView current)
            _conflict = current;
        else
            (_problem, _wrong) = (problem.Detail, problem.Extensions.GetValueOrDefault("member") as string);
        if (problem.Code == "guardrail_exists")
            _wrong = "name";
    }

    private void TakeTheirs() => Show(_conflict!);

    private async Task OverwriteAsync()
    {
        _draft!.Rebase(_conflict!);
        _conflict = null;
        await SaveAsync();
    }

    private async Task DeleteAsync()
    {
        var answer = await Store.DeleteAsync(await Me.GetAsync(), Id!.Value, _left.Token);
        _problem = answer.Problem?.Detail;
        if (answer.Value is not { } gone)
            return;
        (_done, _isDeleting) = (true, false);
        Toasts.Done(L["{0} is deleted.", gone.Name]);
        Navigation.NavigateTo(Links.GuardrailsRoute);
    }

    /// <summary>Nobody loses what they wrote by a click beside the form.</summary>
    private async Task KeepAsync(LocationChangingContext leaving)
    {
        if (_done || !_mayChange || _draft?.IsChanged != true || (Id is null && !_hasChosen))
            return;
        if (!await Browser.InvokeAsync<bool>("confirm", L["Leave without saving? What you changed is lost."].Value))
            leaving.PreventNavigation();
    }

    private static string Members(string member) => member switch
    {
        "name" => "Name",
        "description" => "Description",
        "rule" => "What it looks for",
        "enforcement_level" => "Level",
        "scope" => "Where it looks",
        "applies_to" => "Prompts",
        "message" => "Message",
        "allow_list" => "What is right none the less",
        "redact" => "Black out what it finds",
        "on_error" => "Count as a hit when it cannot look",
        _ => "State",
    };
}
