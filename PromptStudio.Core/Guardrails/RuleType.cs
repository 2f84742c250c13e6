using System.Text.Json;
using PromptStudio.Core.Guardrails.Injection;
using PromptStudio.Core.Guardrails.ModelCheck;
using PromptStudio.Core.Guardrails.Pii;
using PromptStudio.Core.Guardrails.Secrets;

namespace PromptStudio.Core.Guardrails;

/// <summary>The types of rules, as <c>rule_type</c> names them.</summary>
public static class RuleType
{
    public const string Regex = "regex";
    public const string Keyword = "keyword";
    public const string MaxLength = "max_length";
    public const string Custom = "custom";
    public const string InvisibleText = "invisible_text";
    public const string PromptInjection = "prompt_injection";
    public const string Pii = "pii";
    public const string Secrets = "secrets";

    /// <summary>The one type that asks somebody else.</summary>
    public const string ModelCheck = "model_check";

    /// <summary>Builds a rule.</summary>
    /// <param name="type">Its <c>rule_type</c>.</param>
    /// <param name="config">Its <c>rule_config</c>, JSON.</param>
    /// <param name="time">The clock by which rules end; null: the system's.</param>
    /// <exception cref="FormatException">The config is no such rule's; the message names the field.</exception>
    public static Rule Parse(string type, string config, TimeProvider? time = null)
    {
        try
        {
            using var document = JsonDocument.Parse(config);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new FormatException("rule_config must be an object.");
            var fields = new RuleConfig(document.RootElement);
            return type switch
            {
                Regex => new RegexRule(fields, time ?? TimeProvider.System),
                Keyword => new KeywordRule(fields),
                MaxLength => new MaxLengthRule(fields),
                Custom => new CustomRule(fields),
                InvisibleText => new InvisibleTextRule(fields),
                PromptInjection => new PromptInjectionRule(fields),
                Pii => new PiiRule(fields),
                Secrets => new SecretsRule(fields),
                ModelCheck => new ModelCheckRule(fields),
                _ => throw new FormatException($"There is no rule type '{type}'."),
            };
        }
        catch (JsonException exception)
        {
            throw new FormatException($"rule_config is not JSON: {exception.Message}", exception);
        }
    }
}
