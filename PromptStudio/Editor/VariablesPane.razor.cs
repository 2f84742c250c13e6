using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;
using PromptStudio.Core.Prompts;
using PromptStudio.Editor.Samples;
using PromptStudio.Shell;

namespace PromptStudio.Editor;

/// <summary>What the preview fills the template with: a field for each variable, or JSON; and where else values come from.</summary>
public sealed partial class VariablesPane : IDisposable
{
    private readonly CancellationTokenSource _gone = new();
    private IReadOnlyList<ExecutedValues> _recent = [];
    private bool _raw;
    private bool _rawIsWrong;
    private string _text = "";
    private string _name = "";
    private string? _taken;
    private string? _problem;

    [Inject]
    public required TimeProvider Clock { get; init; }

    [Inject]
    public required IStringLocalizer<ShellWords> Frame { get; init; }

    [Parameter, EditorRequired]
    public required EditorSession Session { get; set; }

    /// <summary>The preview is no longer that of the values.</summary>
    [Parameter, EditorRequired]
    public EventCallback OnChanged { get; set; }

    /// <summary>The declared variables, and those that the text reads without a declaration.</summary>
    private List<ContractVariable> Fields =>
    [
        .. Session.Contract.Variables.Where(variable => variable.Name.Length > 0),
        .. (Session.Preview?.DetectedVariables ?? []).Where(name => Session.Contract.Variables.All(variable => variable.Name != name)).Select(name => new ContractVariable { Name = name }),
    ];

    protected override async Task OnInitializedAsync() => _recent = await Session.RecentAsync(_gone.Token);

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    private Task SetAsync(ContractVariable variable, ChangeEventArgs change)
    {
        Session.Values.Set(variable.Name, variable.Type, change.Value?.ToString() ?? "");
        return OnChanged.InvokeAsync();
    }

    private void ShowRaw() => (_raw, _rawIsWrong, _text) = (true, false, Session.Values.Text);

    private async Task TypeRawAsync(ChangeEventArgs change)
    {
        _text = change.Value?.ToString() ?? "";
        _rawIsWrong = !Session.Values.TryReplace(_text);
        if (!_rawIsWrong)
            await OnChanged.InvokeAsync();
    }

    private async Task TakeAsync(ChangeEventArgs change)
    {
        var chosen = change.Value?.ToString() ?? "";
        var values = chosen switch
        {
            ['s', ':', ..] => Session.Samples.FirstOrDefault(sample => sample.Name == chosen[2..])?.Variables,
            ['e', ':', ..] => _recent.FirstOrDefault(execution => execution.Id.ToString() == chosen[2..])?.Variables,
            "c" => VariableValues.Of(TemplateVariables.TryParse(Session.ContractJson) ?? TemplateVariables.None).Json,
            _ => null,
        };
        if (values is not { } json)
            return;
        _taken = chosen is ['s', ':', ..] ? chosen[2..] : null;
        _name = _taken ?? _name;
        Session.Values.TryReplace(json.GetRawText());
        ShowRawIfOpen();
        await OnChanged.InvokeAsync();
    }

    private void ShowRawIfOpen()
    {
        if (_raw)
            ShowRaw();
    }

    private async Task SaveSampleAsync()
    {
        var name = _name.Trim();
        _problem = (await Session.SaveSampleAsync(name, _gone.Token))?.Detail;
        if (_problem is null)
            _taken = name;
    }

    private async Task DeleteSampleAsync()
    {
        _problem = (await Session.DeleteSampleAsync(_taken!, _gone.Token))?.Detail;
        _taken = null;
    }
}
