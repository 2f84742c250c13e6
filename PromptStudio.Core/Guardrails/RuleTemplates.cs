namespace PromptStudio.Core.Guardrails;

/// <summary>A rule that is ready to be taken over.</summary>
/// <param name="Key">Stays the same; lower case with hyphens.</param>
/// <param name="Name">What the guardrail would be called.</param>
/// <param name="Description">What it finds, and when to take it: a sentence or two.</param>
/// <param name="RuleType">One of <see cref="Guardrails.RuleType"/>.</param>
/// <param name="RuleConfig">JSON.</param>
/// <param name="Level">What is suggested to be done about a hit.</param>
/// <param name="Scope">Which text it is meant for.</param>
/// <param name="Message">What is told about a hit instead of the rule's own words.</param>
public sealed record RuleTemplate(string Key, string Name, string Description, string RuleType, string RuleConfig, EnforcementLevel Level, GuardrailScope Scope, string? Message = null);

/// <summary>Rules that are ready to be taken over.</summary>
public static class RuleTemplates
{
    /// <summary>Every one, in the order in which they are offered.</summary>
    public static IReadOnlyList<RuleTemplate> All { get; } =
    [
        new("us-ssn-regex", "US social security numbers", "Three, two and four digits with hyphens between them. Simple and quick; \"Personal data\" also checks which numbers can exist.",
            Guardrails.RuleType.Regex, """{"patterns": ["\\b\\d{3}-\\d{2}-\\d{4}\\b"]}""", EnforcementLevel.Blocking, GuardrailScope.Variables, "SSN detected"),
        new("injection-keywords", "Prompt injection by keywords", "Phrases that talk a model out of its instructions, in any disguise of letters. Extend the list by what you see.",
            Guardrails.RuleType.Keyword, """{"words": ["ignore previous", "disregard instructions"]}""", EnforcementLevel.Blocking, GuardrailScope.Variables),
        new("toxicity-model", "Toxicity by a model", "Asks a service that answers as Perspective does how toxic a text is. Put in the address of yours: Google's own closes on 31 December 2026. Its key is the guardrail's secret.",
            Guardrails.RuleType.ModelCheck, """{"url": "https://commentanalyzer.googleapis.com/v1alpha1/comments:analyze", "shape": "perspective", "thresholds": {"TOXICITY": 0.7}}""",
            EnforcementLevel.Warning, GuardrailScope.Variables, "The text is toxic."),
        new("moderation-model", "Moderation by a model", "Asks OpenAI's moderation, or a server that answers as it does, about hate, harassment, violence, self-harm and sexual content. The key is the guardrail's secret.",
            Guardrails.RuleType.ModelCheck, """{"url": "https://api.openai.com/v1/moderations", "shape": "openai_moderation", "model": "omni-moderation-latest", "threshold": 0.7}""",
            EnforcementLevel.Warning, GuardrailScope.RenderedPrompt),
        new("prompt-injection", "Prompt injection", "Attempts to make a model forget its instructions or tell them, in several languages. What says it in words of its own passes: a mitigation, not a wall.",
            Guardrails.RuleType.PromptInjection, "{}", EnforcementLevel.Warning, GuardrailScope.Variables),
        new("personal-data", "Personal data", "Cards, bank accounts, e-mail addresses, phone numbers and the identity numbers of the United States and the United Kingdom, by form and check digits.",
            Guardrails.RuleType.Pii, """{"entities": ["CREDIT_CARD", "IBAN_CODE", "US_SSN", "US_ITIN", "US_PASSPORT", "US_MBI", "UK_NHS", "UK_NINO", "UK_PASSPORT", "EMAIL_ADDRESS", "PHONE_NUMBER"], "min_score": 0.4}""",
            EnforcementLevel.Blocking, GuardrailScope.Variables),
        new("payment-data", "Payment data", "Card numbers and bank accounts that pass their check digits.",
            Guardrails.RuleType.Pii, """{"entities": ["CREDIT_CARD", "IBAN_CODE", "ABA_ROUTING_NUMBER", "US_BANK_NUMBER", "CRYPTO"], "min_score": 0.5}""", EnforcementLevel.Blocking, GuardrailScope.RenderedPrompt),
        new("identity-numbers", "Identity numbers of many countries", "Social security, tax, health and passport numbers. Those that any number could be count only where a word before them says what they are.",
            Guardrails.RuleType.Pii, """{"entities": ["US_SSN", "US_ITIN", "US_PASSPORT", "US_DRIVER_LICENSE", "US_MBI", "UK_NHS", "UK_NINO", "UK_PASSPORT", "CA_SIN", "AU_TFN", "DE_TAX_ID", "ES_NIF", "IT_FISCAL_CODE", "PL_PESEL", "IN_AADHAAR", "IN_PAN", "SG_NRIC_FIN"], "min_score": 0.5}""",
            EnforcementLevel.Warning, GuardrailScope.Variables),
        new("network-addresses", "Network addresses", "IP addresses, addresses of network cards and web addresses: for prompts that leave your network.",
            Guardrails.RuleType.Pii, """{"entities": ["IP_ADDRESS", "MAC_ADDRESS", "URL"], "min_score": 0.5}""", EnforcementLevel.Logging, GuardrailScope.RenderedPrompt),
        new("secrets", "Secrets", "API keys and tokens of many providers, private keys, passwords in addresses and assignments.",
            Guardrails.RuleType.Secrets, "{}", EnforcementLevel.Blocking, GuardrailScope.RenderedPrompt),
        new("leaked-secrets", "Secrets in answers", "The same in what the model answered.",
            Guardrails.RuleType.Secrets, "{}", EnforcementLevel.Warning, GuardrailScope.Response),
        new("invisible-text", "Invisible text", "What a reader does not see and a model reads: tag characters, overrides of direction, zero-width payloads. Emoji, flags and the joiners of other scripts are left alone.",
            Guardrails.RuleType.InvisibleText, "{}", EnforcementLevel.Blocking, GuardrailScope.Variables),
        new("length", "Length", "Texts that are too long to be meant.",
            Guardrails.RuleType.MaxLength, """{"characters": 20000}""", EnforcementLevel.Blocking, GuardrailScope.RenderedPrompt),
        new("condition", "Condition", "An expression of your own over the prompt, its variables and its template.",
            Guardrails.RuleType.Custom, """{"expression": "variables.age is defined and variables.age < 18"}""", EnforcementLevel.Warning, GuardrailScope.Variables),
    ];
}
