using Microsoft.AspNetCore.Components;
using PromptStudio.Core.Prompts;

namespace PromptStudio.Editor;

/// <summary>The contract of the version: which variables it declares, and what it says of each.</summary>
public sealed partial class ContractPane
{
    private string? _problem;

    [Parameter, EditorRequired]
    public required EditorSession Session { get; set; }

    [Parameter, EditorRequired]
    public EventCallback OnChanged { get; set; }

    /// <summary>What the text reads and the contract lacks.</summary>
    private List<string> Undeclared =>
        [.. (Session.Preview?.DetectedVariables ?? []).Where(name => Session.Contract.Variables.All(variable => variable.Name != name))];

    private static string Typed(ChangeEventArgs change) => change.Value?.ToString() ?? "";

    private Task DeclareAsync() => ChangeAsync(() => Session.Contract.Add(Undeclared));

    private Task AddAsync() => ChangeAsync(() => Session.Contract.Variables.Add(new ContractVariable()));

    private async Task ChangeAsync(Action change)
    {
        change();
        _problem = null;
        try
        {
            TemplateVariables.Parse(Session.ContractJson);
        }
        catch (FormatException exception)
        {
            _problem = exception.Message;
        }
        await OnChanged.InvokeAsync();
    }
}
