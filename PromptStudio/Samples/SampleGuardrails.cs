using System.Text.Json;
using PromptStudio.Core.Guardrails;
using PromptStudio.Guardrails;

namespace PromptStudio.Samples;

/// <summary>The guardrails of the sample studio: some in force, one being rolled out, one only watched, one off.</summary>
internal static class SampleGuardrails
{
    /// <summary>Each with the share of executions that it finds something in.</summary>
    public static IReadOnlyList<(NewGuardrail Guardrail, double Share)> All { get; } =
    [
        (Of("payment-data") with { Name = "Payment data", Redact = true }, 0.004),
        (Of("personal-data") with { Name = "Personal data in questions", EnforcementPercentage = 25, Redact = true }, 0.012),
        (Of("prompt-injection") with { Name = "Prompt injection", EnforcementLevel = GuardrailWords.Blocking }, 0.006),
        (Of("invisible-text") with { Name = "Invisible text" }, 0.0006),
        (Of("secrets") with { Name = "Keys and passwords", Redact = true }, 0.0015),
        (Of("injection-keywords") with { Name = "Injection phrases, old list", EnforcementLevel = GuardrailWords.Warning }, 0.009),
        (Of("length") with { Name = "Longer than anybody types", EnforcementLevel = GuardrailWords.Warning }, 0.002),
        (Of("network-addresses") with { Name = "Addresses of our network" }, 0.005),
        (Custom("Competitors by name", "Names of other vendors in texts that customers read.", RuleType.Keyword, """{"words": ["Globex", "Initech", "Umbrella"]}""", GuardrailWords.Warning) with { AppliesTo = ["marketing"] }, 0.003),
        (Custom("Order numbers", "Order numbers of the old shop; the pattern looks behind itself, so it backtracks.", RuleType.Regex, """{"patterns": ["(?<!\\d)NW-\\d{6}(?!\\d)"]}""", GuardrailWords.Logging), 0.004),
        (Custom("Free plan asks for code", "Watches how often it happens before it is priced.", RuleType.Custom, """{"expression": "variables.plan == 'Free' and variables.code is defined"}""", GuardrailWords.Logging) with { IsActive = false }, 0),
        (Of("leaked-secrets") with { Name = "Secrets in answers" }, 0.0004),
    ];

    private static NewGuardrail Of(string key)
    {
        var template = RuleTemplates.All.Single(known => known.Key == key);
        return new NewGuardrail
        {
            Name = template.Name,
            Description = template.Description,
            RuleType = template.RuleType,
            RuleConfig = JsonElement.Parse(template.RuleConfig),
            EnforcementLevel = GuardrailWords.Of(template.Level),
            Scope = GuardrailWords.Of(template.Scope),
            Message = template.Message,
        };
    }

    private static NewGuardrail Custom(string name, string description, string type, string config, string level) =>
        new() { Name = name, Description = description, RuleType = type, RuleConfig = JsonElement.Parse(config), EnforcementLevel = level };
}
