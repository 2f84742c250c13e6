using System.Globalization;
using MudBlazor;
using PromptStudio.Core.Guardrails;

namespace PromptStudio.Guardrails.Pages;

/// <summary>What people call the types of rules, levels, scopes and outcomes; each is a key of <see cref="GuardrailPageWords"/>.</summary>
public static class RuleNames
{
    /// <summary>Words that stay as they are when a code becomes a name.</summary>
    private static readonly HashSet<string> Initials =
        ["US", "UK", "CA", "AU", "DE", "ES", "IT", "PL", "IN", "SG", "SSN", "ITIN", "MBI", "NPI", "ABA", "NHS", "NINO", "SIN", "TFN", "ID", "NIF", "PESEL", "PAN", "NRIC", "FIN", "IP", "MAC", "URL", "IBAN", "AWS", "GCP", "JWT", "API"];

    /// <summary>The types that a rule can have, with what they are for, in the order in which they are offered.</summary>
    public static IReadOnlyList<(string Type, string Name, string About, string Icon)> Types { get; } =
    [
        (RuleType.Keyword, "Words and phrases", "A list of words, whatever their case and disguise.", Icons.Material.Outlined.FormatQuote),
        (RuleType.Regex, "Regular expression", "Patterns, in linear time wherever they can be.", Icons.Material.Outlined.Code),
        (RuleType.Pii, "Personal data", "Cards, accounts, addresses and identity numbers, by form and check digits.", Icons.Material.Outlined.Badge),
        (RuleType.Secrets, "Secrets", "Keys, tokens and passwords of many providers.", Icons.Material.Outlined.Key),
        (RuleType.PromptInjection, "Prompt injection", "Phrases that talk a model out of its instructions.", Icons.Material.Outlined.GppMaybe),
        (RuleType.InvisibleText, "Invisible text", "What a reader does not see and a model reads.", Icons.Material.Outlined.VisibilityOff),
        (RuleType.MaxLength, "Length", "More characters or tokens than anybody means.", Icons.Material.Outlined.Straighten),
        (RuleType.Custom, "Condition", "An expression over the prompt, its variables and its template.", Icons.Material.Outlined.Functions),
        (RuleType.ModelCheck, "Model check", "A model says whether the text may pass.", Icons.Material.Outlined.SmartToy),
    ];

    /// <summary>What a type is called.</summary>
    public static string OfType(string type) => Types.FirstOrDefault(known => known.Type == type).Name ?? Spelled(type);

    /// <summary>What a level is called.</summary>
    public static string OfLevel(string level) => level switch
    {
        GuardrailWords.Blocking => "Blocks",
        GuardrailWords.Warning => "Warns",
        _ => "Only logs",
    };

    /// <summary>The chip of a level.</summary>
    public static string LevelStyle(string level) => level switch
    {
        GuardrailWords.Blocking => "blocking",
        GuardrailWords.Warning => "draft",
        _ => "",
    };

    /// <summary>What a scope is called.</summary>
    public static string OfScope(string scope) => scope switch
    {
        GuardrailWords.Variables => "Variables",
        GuardrailWords.Response => "Model's answer",
        _ => "Rendered prompt",
    };

    /// <summary>What an outcome is called.</summary>
    public static string OfOutcome(string outcome) => outcome switch
    {
        ViolationOutcome.Blocked => "Blocked",
        ViolationOutcome.WouldBlock => "Would have blocked",
        ViolationOutcome.Warned => "Warned",
        ViolationOutcome.Logged => "Logged",
        _ => "Could not look",
    };

    /// <summary>The chip of an outcome.</summary>
    public static string OutcomeStyle(string outcome) => outcome switch
    {
        ViolationOutcome.Blocked => "blocking",
        ViolationOutcome.WouldBlock or ViolationOutcome.Warned => "draft",
        _ => "",
    };

    /// <summary>A code as people read it: <c>US_SSN</c> is <c>US SSN</c>, <c>CREDIT_CARD</c> is <c>Credit card</c>.</summary>
    public static string Spelled(string code)
    {
        var words = code.Split('_', '-').Select(word => Initials.Contains(word.ToUpperInvariant()) ? word.ToUpperInvariant() : word.ToLowerInvariant()).ToList();
        words[0] = words[0].Length > 0 ? char.ToUpper(words[0][0], CultureInfo.InvariantCulture) + words[0][1..] : words[0];
        return string.Join(' ', words);
    }
}
