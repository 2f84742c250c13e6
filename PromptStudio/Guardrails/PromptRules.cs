using PromptStudio.Core.Guardrails;
using PromptStudio.Core.Guardrails.ModelCheck;

namespace PromptStudio.Guardrails;

/// <summary>The guardrails of one prompt, by the texts that they look at; immutable, used by many renders at once.</summary>
public sealed class PromptRules
{
    /// <param name="guardrails">Those of the prompt, in the order in which they report.</param>
    public PromptRules(IReadOnlyList<CompiledGuardrail> guardrails)
    {
        Models = [.. guardrails.Where(one => one.Rule is ModelCheckRule)];
        AsksModels = Models.Any(one => one.Guardrail.Scope != GuardrailScope.Response);
        guardrails = [.. guardrails.Except(Models)];
        Prompt = Set(guardrails.Where(one => one.Guardrail.Scope == GuardrailScope.RenderedPrompt));
        Variables =
        [
            .. guardrails.Where(one => one.Guardrail.Scope == GuardrailScope.Variables)
                .GroupBy(one => string.Join('\n', one.Guardrail.Variables), StringComparer.Ordinal)
                .Select(group => new VariableRules(group.First().Guardrail.Variables, new RuleSet(group))),
        ];
        Response = Set(guardrails.Where(one => one.Guardrail.Scope == GuardrailScope.Response));
        PromptRedactors = Set(guardrails.Where(one => one.Guardrail.Redact && one.Guardrail.Scope != GuardrailScope.Response));
        ResponseRedactors = Set(guardrails.Where(one => one.Guardrail.Redact));
    }

    /// <summary>Those that look at the rendered prompt; null: none.</summary>
    public RuleSet? Prompt { get; }

    /// <summary>Those that look at the values of variables, by the variables that they name.</summary>
    public IReadOnlyList<VariableRules> Variables { get; }

    /// <summary>Those that look at what the model answered; null: none.</summary>
    public RuleSet? Response { get; }

    /// <summary>Those that black out what they find in what is stored of a render; null: none.</summary>
    public RuleSet? PromptRedactors { get; }

    /// <summary>Those that black out what they find in a response, which may repeat what was in the prompt; null: none.</summary>
    public RuleSet? ResponseRedactors { get; }

    /// <summary>Those that ask a model, of all scopes: they are in none of the sets, which are quick and need not be awaited.</summary>
    public IReadOnlyList<CompiledGuardrail> Models { get; }

    /// <summary>Whether a render has to wait for a model.</summary>
    public bool AsksModels { get; }

    /// <summary>Whether any of them looks at a render, or blacks out what is stored of it.</summary>
    public bool LooksAtRenders => Prompt is not null || Variables.Count > 0 || AsksModels;

    private static RuleSet? Set(IEnumerable<CompiledGuardrail> guardrails) => guardrails.ToList() is { Count: > 0 } some ? new RuleSet(some) : null;
}

/// <summary>Guardrails that look at the same variables.</summary>
/// <param name="Names">Paths such as <c>query</c> or <c>user.email</c>, with all that is below them; empty: all variables.</param>
/// <param name="Rules">The guardrails.</param>
public sealed record VariableRules(IReadOnlyList<string> Names, RuleSet Rules)
{
    /// <summary>Whether they look at the value at a path.</summary>
    public bool Covers(string path) => Covers(Names, path);

    /// <summary>Whether variables that are named so have the value at a path; none are named: all have it.</summary>
    internal static bool Covers(IReadOnlyList<string> names, string path)
    {
        if (names.Count == 0)
            return true;
        foreach (var name in names)
        {
            if (path.StartsWith(name, StringComparison.Ordinal) && (path.Length == name.Length || path[name.Length] is '.' or '['))
                return true;
        }
        return false;
    }
}
