using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;
using PromptStudio.Guardrails;

namespace PromptStudio.Editor;

/// <summary>Each guardrail of the prompt, and what it finds in the preview.</summary>
public sealed partial class GuardrailsPane
{
    [Inject]
    public required IStringLocalizer<EditorWords> Words { get; init; }

    [Parameter, EditorRequired]
    public required EditorSession Session { get; set; }

    private List<Violation> HitsOf(EditorRule rule) => [.. (Session.Preview?.GuardrailViolations ?? []).Where(violation => violation.Name == rule.Name)];

    private string LevelOf(EditorRule rule) => rule.Level switch
    {
        GuardrailWords.Blocking => Words["blocks"],
        GuardrailWords.Warning => Words["warns"],
        _ => Words["logs"],
    };

    private string ScopeOf(EditorRule rule) => rule.Scope switch
    {
        GuardrailWords.Variables => Words["the variables"],
        GuardrailWords.Response => Words["the response"],
        _ => Words["the rendered prompt"],
    };
}
