using System.Text.Json;
using PromptStudio.Prompts;
using PromptStudio.Web;

namespace PromptStudio.Guardrails;

/// <summary>From what somebody sends to a row, and from a row to what the audit log keeps.</summary>
internal static class GuardrailEdits
{
    /// <summary>A new guardrail as a change of everything.</summary>
    public static GuardrailEdit Of(NewGuardrail wanted) => new()
    {
        Name = wanted.Name,
        Description = wanted.Description,
        RuleType = wanted.RuleType,
        RuleConfig = wanted.RuleConfig,
        EnforcementLevel = wanted.EnforcementLevel,
        EnforcementPercentage = wanted.EnforcementPercentage,
        Scope = wanted.Scope,
        Variables = wanted.Variables,
        AppliesTo = wanted.AppliesTo,
        OnError = wanted.OnError,
        Message = wanted.Message,
        Redact = wanted.Redact,
        AllowList = wanted.AllowList,
        IsActive = wanted.IsActive,
        Secret = wanted.Secret,
    };

    /// <summary>Puts everything but the secret into a row; what is the same stays untouched.</summary>
    /// <returns>What cannot be put there; null: nothing.</returns>
    public static Problem? Apply(PromptGuardrail row, GuardrailEdit edit)
    {
        if (edit.RuleConfig is { ValueKind: not JsonValueKind.Object })
            return GuardrailProblem.Invalid("rule_config", "'rule_config' must be an object.");
        if (GuardrailInput.Check(edit.AllowList) is { } invalid)
            return invalid;
        row.Name = edit.Name?.Trim() ?? row.Name;
        row.Description = edit.Description is null ? row.Description : PromptInput.OrNull(edit.Description);
        row.RuleType = edit.RuleType ?? row.RuleType;
        if (edit.RuleConfig?.GetRawText() is { } config && !PromptInput.Same(config, row.RuleConfig))
            row.RuleConfig = config;
        row.EnforcementLevel = edit.EnforcementLevel ?? row.EnforcementLevel;
        row.EnforcementPercentage = edit.EnforcementPercentage ?? row.EnforcementPercentage;
        row.Scope = edit.Scope ?? row.Scope;
        row.Variables = Distinct(edit.Variables) ?? row.Variables;
        row.AppliesTo = Distinct(edit.AppliesTo) ?? row.AppliesTo ?? [];
        row.OnError = edit.OnError ?? row.OnError;
        row.Message = edit.Message is null ? row.Message : PromptInput.OrNull(edit.Message);
        row.Redact = edit.Redact ?? row.Redact;
        if (edit.AllowList is not null && GuardrailInput.Json(edit.AllowList) is var allowed && !PromptInput.Same(allowed, row.AllowList))
            row.AllowList = allowed;
        row.IsActive = edit.IsActive ?? row.IsActive;
        return null;
    }

    /// <summary>A row as the audit log keeps it: never the secret.</summary>
    public static object Written(PromptGuardrail row, bool secretChanged = false) => new
    {
        row.Name,
        row.Description,
        row.RuleType,
        RuleConfig = JsonElement.Parse(row.RuleConfig),
        row.EnforcementLevel,
        row.EnforcementPercentage,
        row.Scope,
        row.Variables,
        AppliesTo = row.AppliesTo ?? [],
        row.OnError,
        row.Message,
        row.Redact,
        AllowList = row.AllowList is null ? (JsonElement?)null : JsonElement.Parse(row.AllowList),
        row.IsActive,
        HasSecret = row.SecretProtected is not null,
        SecretChanged = secretChanged,
    };

    private static string[]? Distinct(IReadOnlyList<string>? names) => names is null ? null : [.. names.Distinct(StringComparer.Ordinal)];
}
