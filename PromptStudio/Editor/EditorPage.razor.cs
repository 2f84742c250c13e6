using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;
using Microsoft.JSInterop;
using PromptStudio.Prompts;
using PromptStudio.Shell;

namespace PromptStudio.Editor;

/// <summary>The editor of a version: its timeline, its text, and what it makes of values.</summary>
public sealed partial class EditorPage : IAsyncDisposable
{
    private static readonly IReadOnlyList<(string Pane, string Title)> PaneNames = [("timeline", "Versions"), ("text", "Text"), ("side", "Preview")];

    private static readonly IReadOnlyList<(EditorTab Tab, string Title)> Tabs =
        [(EditorTab.Preview, "Preview"), (EditorTab.Variables, "Variables"), (EditorTab.Guardrails, "Guardrails"), (EditorTab.Compare, "Compare"), (EditorTab.Use, "Use")];

    private readonly CancellationTokenSource _gone = new();
    private ElementReference _workspace;
    private MonacoEditor? _editor;
    private IJSObjectReference? _panes;
    private EditorDraft? _draft;
    private EditorDialog _dialog;
    private EditorTab _tab;
    private VersionSummary? _compared;
    private string? _problem;
    private string _shown = "text";
    private int _sequence;
    private bool _hasPanes;

    [Inject]
    public required EditorSession Session { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [Inject]
    public required IJSRuntime Browser { get; init; }

    [Inject]
    public required Toasts Toasts { get; init; }

    [Inject]
    public required IStringLocalizer<EditorWords> Words { get; init; }

    [Parameter]
    public Guid Id { get; set; }

    private int Errors => Session.Preview?.Diagnostics.Count(finding => finding.Kind == "error") ?? 0;

    private int Warnings => Session.Preview?.Diagnostics.Count(finding => finding.Kind != "error") ?? 0;

    /// <summary>What the browser keeps beside the text.</summary>
    private string Extras => JsonSerializer.Serialize(new DraftExtras(Session.Format, Session.ContractJson));

    /// <summary>What completion and hover know.</summary>
    private object Knowledge => new
    {
        Variables = Session.Contract.Variables.Where(variable => variable.Name.Length > 0)
            .Select(variable => new { variable.Name, variable.Type, variable.Description, variable.Required })
            .Concat((Session.Preview?.DetectedVariables ?? []).Where(name => Session.Contract.Variables.All(variable => variable.Name != name))
                .Select(name => new { Name = name, Type = "", Description = Words["Not declared"].Value, Required = true })),
        Values = Session.Values.Json,
        Words = new
        {
            Required = Words["required"].Value,
            Optional = Words["optional"].Value,
            Prompt = Words["prompt"].Value,
            ItemOf = Words["an item of"].Value,
            OfTemplate = Words["set by the template"].Value,
            Loop = Words["Where the loop is: loop.index, loop.first, loop.last, …"].Value,
        },
    };

    protected override async Task OnParametersSetAsync()
    {
        // The prerendered page has neither the editor nor the draft: it only shows where they will be.
        if (!RendererInfo.IsInteractive || (Session.IsLoaded && Session.Version.Id == Id))
            return;
        _draft = null;
        _problem = (await Session.LoadAsync(Id, _gone.Token))?.Detail;
        if (_problem is not null)
            return;
        if (_compared is null || _compared.Name != Session.Version.Name || _compared.Id == Id)
            _compared = Session.Older ?? Session.Newer;
        await Session.PreviewAsync(_gone.Token);
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        // The version may have arrived after this rendering: then the panes come with the next one.
        if (_hasPanes || _workspace.Id is null)
            return;
        _hasPanes = true;
        try
        {
            await using var module = await Browser.InvokeAsync<IJSObjectReference>("import", "/editor/editor.js");
            _panes = await module.InvokeAsync<IJSObjectReference>("panes", _workspace);
        }
        catch (JSDisconnectedException)
        {
            // The page is gone.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _gone.CancelAsync();
        _gone.Dispose();
        await _panes.EndAsync("dispose");
    }

    private async Task ReadyAsync(EditorDraft? draft)
    {
        if (draft is not null && Session.MayWrite)
        {
            _draft = draft;
            Session.Text = draft.Text;
            if (DraftExtras.Read(draft.Extras) is { } extras)
            {
                Session.Format = extras.Format;
                Session.SetContract(ContractModel.Of(extras.Contract));
            }
            await _editor!.ReplaceAsync(draft.Text);
        }
        await PreviewAsync(0);
    }

    private async Task TypedAsync(int sequence, string text)
    {
        (_sequence, Session.Text) = (sequence, text);
        await PreviewAsync(sequence);
    }

    /// <summary>Something beside the text changed.</summary>
    private Task ChangedAsync() => PreviewAsync(0);

    private async Task PreviewAsync(int sequence)
    {
        try
        {
            if (!await Session.PreviewAsync(_gone.Token))
                return;
        }
        catch (OperationCanceledException)
        {
            return;
        }
        StateHasChanged();
        if (_editor is null)
            return;
        await _editor.MarkAsync(sequence, Session.Preview?.Diagnostics ?? []);
        await _editor.TellAsync(Knowledge);
    }

    private async Task SaveNowAsync() => await SaveAsync(_sequence, await _editor!.CurrentAsync());

    private async Task SaveAsync(int sequence, string text)
    {
        (_sequence, Session.Text) = (sequence, text);
        if (!Session.MayWrite || _dialog != EditorDialog.None)
            return;
        if (!Session.IsChanged)
            Toasts.Done(Words["Everything is saved already"]);
        else if (!Session.IsDraft)
            Open(EditorDialog.NewVersion);
        else if (await Session.SaveAsync(_gone.Token) is { } problem)
            Refuse(problem);
        else
            await SavedAsync(Words["Saved"]);
        StateHasChanged();
    }

    private async Task SavedAsync(string what)
    {
        _draft = null;
        await _editor!.SavedAsync(Session.Version.TemplateText, Extras, Session.Version.Revision);
        Toasts.Done(what);
        await PreviewAsync(0);
    }

    private void Refuse(Web.Problem problem)
    {
        // The banner says the rest.
        if (problem.Code != "edit_conflict")
            Toasts.Failed(problem.Detail);
    }

    private async Task CreatedAsync(PromptDetail version)
    {
        _dialog = EditorDialog.None;
        await _editor!.ForgetDraftAsync();
        // What was typed is the new version's text: nothing is left to keep here.
        await _editor.SavedAsync(Session.Text, Extras, Session.Version.Revision);
        Toasts.Done(Words["Version {0} was created", version.Version]);
        Navigation.NavigateTo(Links.Edit(version.Id));
    }

    /// <summary>A command was carried out, or refused.</summary>
    private async Task DoneAsync(EditorDone done)
    {
        if (done.Problem is { } problem)
        {
            Toasts.Failed(problem.Detail);
        }
        else
        {
            _dialog = EditorDialog.None;
            if (done.Undo is { } undo)
                Toasts.Done(done.Text, () => InvokeAsync(async () => await DoneAsync(new EditorDone(Words["Undone"], await undo()))));
            else
                Toasts.Done(done.Text);
        }
        if (_editor is not null && !Session.IsChanged)
            await _editor.SavedAsync(Session.Version.TemplateText, Extras, Session.Version.Revision);
        StateHasChanged();
    }

    private async Task KeepMineAsync()
    {
        _dialog = EditorDialog.None;
        Session.KeepMine();
        await SaveNowAsync();
    }

    private async Task TakeTheirsAsync()
    {
        _dialog = EditorDialog.None;
        Session.TakeTheirs();
        await ResetAsync();
    }

    private async Task DiscardDraftAsync()
    {
        _draft = null;
        Session.Reset();
        await ResetAsync();
    }

    private async Task ResetAsync()
    {
        await _editor!.SavedAsync(Session.Text, Extras, Session.Version.Revision);
        await _editor.ReplaceAsync(Session.Text);
        await PreviewAsync(0);
    }

    private async Task ChooseFormatAsync(ChangeEventArgs change)
    {
        Session.Format = change.Value?.ToString() ?? Session.Format;
        await PreviewAsync(0);
    }

    private void CompareWith(VersionSummary version) => (_compared, _tab, _shown) = (version, EditorTab.Compare, "side");

    private void Open(EditorDialog dialog) => _dialog = dialog;

    private void OpenPrompt(string name) => Navigation.NavigateTo(Links.EditByName(name.Split('@')[0]));

    private async Task RevealAsync(Diagnostic finding)
    {
        _shown = "text";
        if (finding.Line is { } line)
            await _editor!.RevealAsync(line, finding.Column);
    }

    private async Task FirstFindingAsync()
    {
        if (Session.Preview?.Diagnostics.FirstOrDefault(finding => finding.Line is not null) is { } finding)
            await RevealAsync(finding);
        else
            _tab = EditorTab.Preview;
    }

    private string? CountOf(EditorTab tab) => tab switch
    {
        EditorTab.Variables when Session.Contract.Variables.Count > 0 => Figures.Count(Session.Contract.Variables.Count),
        EditorTab.Guardrails when Session.Preview?.GuardrailViolations.Count > 0 => Figures.Count(Session.Preview.GuardrailViolations.Count),
        _ => null,
    };

    private static string Milliseconds(TimeSpan time) =>
        (time.TotalMilliseconds < 10 ? time.TotalMilliseconds.ToString("0.0", Languages.Current.Format) : time.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture)) + "\u00a0ms";

    /// <summary>What belongs to a draft beside its text.</summary>
    private sealed record DraftExtras(string Format, string? Contract)
    {
        public static DraftExtras? Read(string? json)
        {
            try
            {
                return json is null ? null : JsonSerializer.Deserialize<DraftExtras>(json);
            }
            catch (JsonException)
            {
                return null;
            }
        }
    }
}
