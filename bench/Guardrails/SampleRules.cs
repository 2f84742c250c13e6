using System.Text;
using System.Text.Json;
using PromptStudio.Core.Guardrails;

namespace PromptStudio.Bench.Guardrails;

/// <summary>Rules as teams have them, texts as prompts are, and both as somebody hostile would make them.</summary>
internal static class SampleRules
{
    /// <summary>Ten rules of regexes, keywords and lengths.</summary>
    public static IReadOnlyList<Guardrail> Typical { get; } =
    [
        Rule(RuleType.Regex, new { patterns = new[] { @"\b\d{3}-\d{2}-\d{4}\b" } }),
        Rule(RuleType.Regex, new { patterns = new[] { @"\b(?:\d[ -]?){13,16}\b" } }),
        Rule(RuleType.Regex, new { patterns = new[] { @"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}" } }),
        Rule(RuleType.Regex, new { patterns = new[] { "(?i)(?:api[_-]?key|password|secret)\\s*[:=]\\s*\\S+" } }),
        Rule(RuleType.Regex, new { patterns = new[] { @"\bAKIA[0-9A-Z]{16}\b", @"\bgh[pousr]_[A-Za-z0-9]{36}\b" } }),
        Rule(RuleType.Keyword, new { words = new[] { "ignore previous instructions", "disregard all prior", "jailbreak", "developer mode" } }),
        Rule(RuleType.Keyword, new { words = new[] { "confidential", "internal only", "do not distribute" } }),
        Rule(RuleType.Keyword, new { words = new[] { "acme corp", "globex", "initech" } }),
        Rule(RuleType.MaxLength, new { characters = 8_000 }),
        Rule(RuleType.MaxLength, new { tokens = 4_000 }),
    ];

    /// <summary>Every kind of rule that looks at a text without asking a service.</summary>
    public static IReadOnlyList<Guardrail> Full { get; } =
    [
        .. Typical.Where(rule => rule.RuleType != RuleType.MaxLength),
        Rule(RuleType.MaxLength, new { characters = 50_000, tokens = 12_000 }),
        Rule(RuleType.Regex, new { patterns = new[] { @"(?<!\d)(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?!\d)" } }),
        Rule(RuleType.Keyword, new { words = Words(300) }),
        Rule(RuleType.PromptInjection, new { }),
        Rule(RuleType.InvisibleText, new { }),
        Rule(RuleType.Custom, new { expression = "variables.tier == 'free' and prompt|length > 100000" }),
    ];

    private static readonly string[] Sentences =
    [
        "You are a careful assistant that reads the resume of an applicant and sums it up in five points.",
        "Answer in the language of the question, and say so when the text does not hold the answer.",
        "The customer wrote on 12 March that order 4711 had not come yet; look up its state - and be kind.",
        "Use at most 120 words, no lists inside of lists, and never make up a source.",
        "Here is the text:\n\n- The museum opens at 10:00 and closes at 18:00.\n- Tickets cost 12.50 (children: 6.00).",
        "Extract the topics as JSON: {\"topics\": [\"...\"], \"sentiment\": 0.5}. Think about it step by step.",
        "What were the three main reasons for the delay, and which of them are within our control?",
    ];

    public static string Prompt(int length)
    {
        var prompt = new StringBuilder();
        for (var turn = 0; prompt.Length < length; turn++)
            prompt.Append(Sentences[turn % Sentences.Length]).Append(turn % 3 == 2 ? "\n\n" : " ");
        return prompt.ToString(0, length);
    }

    public static IEnumerable<(string Name, string Text)> LongTexts(int length)
    {
        var plain = Prompt(length);
        yield return ("plain", plain);
        yield return ("accents and an entity", plain.Replace("resume", "résumé", StringComparison.Ordinal).Replace(" and ", " &amp; ", StringComparison.Ordinal)[..length]);
        yield return ("Russian", string.Concat(Enumerable.Repeat("Прочитайте текст и ответьте на вопрос кратко, не добавляя ничего от себя. ", length))[..length]);
    }

    public static string[] Words(int count) => [.. Enumerable.Range(0, count).Select(index => $"{(char)('a' + (index % 26))}{(char)('a' + (index * 7 % 26))}zq{index * 7919 % 100_003}")];

    /// <summary>A hundred pairs: regexes known to take exponential or polynomial time, or large ones, on texts that make them.</summary>
    public static IEnumerable<(string Pattern, string Text)> Hostile()
    {
        string[] patterns =
        [
            "^(a+)+$", "(a|aa)+$", @"^(([a-z])+.)+[A-Z]([a-z])+$", @"^(\w+\s?)*$", "(x+x+)+y", @"(?=(a+))\1+b$", @"^(?!.*b)(a+)+c$", @"(a+)+\1b", "(.*)*x(?=y)", @"(?>a+)(a|aa)+$(?<!x)",
            "[0-9a-f]{5000}", ".{0,999}a.{0,999}b", @"(?:a?){200}a{200}", @"(\w+\s+)+(?=;)", "a{1,10000}b", @"(?<!(a|aa)+)b(a|aa)+c", @"(\w*\d*)*(?!\w)$", @"(a*)*b", "(([a-z]+)*[a-z]+)*(?=!)", @"((\w+\.)+)+(?=@)",
        ];
        string[] texts =
        [
            new string('a', 60), new string('a', 50_000), string.Concat(Enumerable.Repeat("x", 100_000)), string.Concat(Enumerable.Repeat("aA a0.", 5_000)) + "!", new string('\u0430', 1_000_000),
        ];
        return patterns.SelectMany(pattern => texts.Select(text => (pattern, text)));
    }

    public static Guardrail Rule(string type, object config) => new() { Id = Guid.Empty, Name = type, RuleType = type, RuleConfig = JsonSerializer.Serialize(config) };
}
