using System.Globalization;
using Microsoft.AspNetCore.Components;

namespace PromptStudio.Guardrails.Pages;

/// <summary>What a rule looks for: a form for each type.</summary>
public sealed partial class RuleForm
{
    [Parameter, EditorRequired]
    public required string Type { get; set; }

    [Parameter, EditorRequired]
    public required RuleDraft Rule { get; set; }

    /// <summary>What the studio says of the patterns as they are now; null: nothing yet.</summary>
    [Parameter]
    public TestedGuardrail? Regex { get; set; }

    /// <summary>Something was typed.</summary>
    [Parameter, EditorRequired]
    public EventCallback OnChanged { get; set; }

    private Task SetAsync(Action<bool> set, ChangeEventArgs change)
    {
        set(change.Value is true);
        return OnChanged.InvokeAsync();
    }

    private Task ScoreAsync(string? chosen)
    {
        Rule.MinScore = double.TryParse(chosen, CultureInfo.InvariantCulture, out var score) ? score : Rule.MinScore;
        return OnChanged.InvokeAsync();
    }

    private Task ChooseAsync(HashSet<string> chosen, string one, ChangeEventArgs change)
    {
        if (change.Value is true)
            chosen.Add(one);
        else
            chosen.Remove(one);
        return OnChanged.InvokeAsync();
    }

    private Task AllAsync(IReadOnlyList<string> all, HashSet<string> chosen, bool isChosen)
    {
        chosen.Clear();
        if (isChosen)
            chosen.UnionWith(all);
        return OnChanged.InvokeAsync();
    }
}
