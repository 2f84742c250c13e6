using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;
using Microsoft.JSInterop;
using PromptStudio.Prompts;
using PromptStudio.Shell;

namespace PromptStudio.Editor;

/// <summary>What the browser kept of a text that was not saved.</summary>
/// <param name="Text">The text.</param>
/// <param name="Extras">What <see cref="MonacoEditor.Extras"/> was.</param>
/// <param name="Revision">What it began with.</param>
/// <param name="At">When.</param>
public sealed record EditorDraft(string Text, string? Extras, int Revision, DateTimeOffset At);

/// <summary>
/// The text editor, wrapped once. Keystrokes stay in the browser, which also keeps the draft; this hears of the text when its person pauses. Answers carry the number of
/// the text that they are about, and the browser drops those that came too late.
/// </summary>
public sealed partial class MonacoEditor : IAsyncDisposable
{
    private ElementReference _host;
    private IJSObjectReference? _module;
    private IJSObjectReference? _editor;
    private DotNetObjectReference<MonacoEditor>? _self;
    private string _format = "";
    private string? _extras;
    private bool _left;
    private bool _isShown;

    [Inject]
    public required IJSRuntime Browser { get; init; }

    [Inject]
    public required IStringLocalizer<EditorWords> Words { get; init; }

    /// <summary>What it begins with; later it has a text of its own.</summary>
    [Parameter, EditorRequired]
    public required string Text { get; set; }

    [Parameter, EditorRequired]
    public required string Format { get; set; }

    [Parameter]
    public bool ReadOnly { get; set; }

    /// <summary>Under which name the browser keeps the draft; null: it keeps none.</summary>
    [Parameter]
    public string? DraftKey { get; set; }

    [Parameter]
    public int Revision { get; set; }

    /// <summary>What belongs to the draft beside the text.</summary>
    [Parameter]
    public string? Extras { get; set; }

    /// <summary>What completion and hover know; written as JSON.</summary>
    [Parameter]
    public object? Context { get; set; }

    [Parameter, EditorRequired]
    public required Func<int, string, Task> OnTyped { get; set; }

    [Parameter, EditorRequired]
    public required Func<int, string, Task> OnSave { get; set; }

    /// <summary>A prompt that the text includes is to be opened.</summary>
    [Parameter]
    public EventCallback<string> OnOpenPrompt { get; set; }

    /// <summary>Names of prompts that contain what was typed.</summary>
    [Parameter]
    public Func<string, Task<IReadOnlyList<string>>>? Names { get; set; }

    /// <summary>It is there; with the draft that the browser had, if any.</summary>
    [Parameter]
    public EventCallback<EditorDraft?> OnReady { get; set; }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
            return;
        _self = DotNetObjectReference.Create(this);
        try
        {
            _module = await Browser.InvokeAsync<IJSObjectReference>("import", "/editor/editor.js");
            (_format, _extras) = (Format, Extras);
            _editor = await _module.InvokeAsync<IJSObjectReference?>("create", _host, _self, new
            {
                Text,
                Format,
                ReadOnly,
                DraftKey,
                Revision,
                Extras,
                Context,
                Label = Words["Text of the prompt"].Value,
                Placeholder = Words["Write the prompt. Variables stand in double braces."].Value,
                Words = new
                {
                    Position = Words["Ln {0}, Col {1}", "{0}", "{1}"].Value,
                    Length = Words["{0} characters", "{0}"].Value,
                    Unsaved = Words["Unsaved"].Value,
                    Saved = Words["Saved"].Value,
                },
            });
            if (_left || _editor is null)
                return;
            _isShown = true;
            StateHasChanged();
            await OnReady.InvokeAsync(await _editor.InvokeAsync<EditorDraft?>("draft"));
        }
        catch (JSDisconnectedException)
        {
            // The page is gone.
        }
    }

    protected override async Task OnParametersSetAsync()
    {
        if (_editor is null)
            return;
        if (_format != Format)
            await CallAsync("language", _format = Format);
        if (_extras != Extras)
            await CallAsync("extras", _extras = Extras);
    }

    /// <summary>Tells completion what it knows now.</summary>
    public Task TellAsync(object context) => CallAsync("context", context);

    /// <summary>Shows what is wrong with the text of this number; 0: with whatever text there is.</summary>
    public Task MarkAsync(int sequence, IEnumerable<Diagnostic> findings) =>
        CallAsync("markers", sequence, findings.Where(finding => finding.TemplateName is null).Select(finding => new { finding.Kind, finding.Message, finding.Line, finding.Column }));

    /// <summary>Puts another text into the editor, as an edit that can be undone.</summary>
    public Task ReplaceAsync(string text) => CallAsync("replace", text);

    /// <summary>What is stored now, so that the draft is what differs from it.</summary>
    public Task SavedAsync(string text, string? extras, int revision) => CallAsync("saved", text, _extras = extras, revision);

    public Task ForgetDraftAsync() => CallAsync("forgetDraft");

    public Task RevealAsync(int line, int? column) => CallAsync("reveal", line, column);

    public Task FocusAsync() => CallAsync("focus");

    [JSInvokable]
    public Task TypedAsync(int sequence, string text) => OnTyped(sequence, text);

    [JSInvokable]
    public Task SaveTextAsync(int sequence, string text) => OnSave(sequence, text);

    [JSInvokable]
    public async Task<IReadOnlyList<string>> PromptNamesAsync(string typed) => Names is null ? [] : await Names(typed);

    [JSInvokable]
    public Task OpenPromptAsync(string name) => OnOpenPrompt.InvokeAsync(name);

    /// <summary>The text as it stands in the browser.</summary>
    public async Task<string> CurrentAsync() => _editor is null ? Text : await _editor.InvokeAsync<string>("text");

    public async ValueTask DisposeAsync()
    {
        _left = true;
        await _editor.EndAsync("dispose");
        await _module.EndAsync();
        _self?.Dispose();
    }

    private async Task CallAsync(string function, params object?[] arguments)
    {
        if (_editor is null || _left)
            return;
        try
        {
            await _editor.InvokeVoidAsync(function, arguments);
        }
        catch (JSDisconnectedException)
        {
            // The page is gone.
        }
    }
}
