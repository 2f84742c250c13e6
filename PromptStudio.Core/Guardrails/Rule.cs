using System.Text.Json;
using PromptStudio.Core.Guardrails.Text;

namespace PromptStudio.Core.Guardrails;

/// <summary>What a rule found.</summary>
/// <param name="Message">One sentence for people. Never what was found.</param>
/// <param name="Span">Where, in UTF-16 units of the original; null: the text as a whole.</param>
/// <param name="Entity">What kind of thing, e.g. <c>CREDIT_CARD</c>; null: the rule has one kind only.</param>
public sealed record Hit(string Message, TextSpan? Span = null, string? Entity = null);

/// <summary>What a text was made from.</summary>
/// <param name="Variables">The variables, a JSON object; null: none.</param>
/// <param name="Template">The template's <c>name</c>, <c>version</c> and <c>category</c>, a JSON object; null: none.</param>
public readonly record struct RuleContext(JsonElement? Variables, JsonElement? Template);

/// <summary>What a rule looks at: a text, and what it was made from.</summary>
public sealed class RuleInput(string text)
{
    /// <summary>The text, in its views.</summary>
    public TextViews Text { get; } = new(text);

    /// <summary>The variables, a JSON object; for expressions.</summary>
    public JsonElement? Variables { get; init; }

    /// <summary>The template's name, version and category; for expressions.</summary>
    public JsonElement? Template { get; init; }

    /// <summary>Observed while rules work.</summary>
    public CancellationToken CancellationToken { get; init; }
}

/// <summary>A guardrail's rule, built once from its <c>rule_config</c>; immutable, used by many at once.</summary>
public abstract class Rule
{
    /// <summary>Places that a rule reports of one text; more would say nothing new.</summary>
    public const int MaxHits = 100;

    /// <summary>Looks at a text.</summary>
    /// <param name="input">The text.</param>
    /// <param name="hits">Gets what is found, in the order of the text.</param>
    /// <exception cref="RuleException">The rule could not be kept: it ran out of its time, or its expression failed.</exception>
    public abstract void Find(RuleInput input, List<Hit> hits);

    /// <summary>Adds a hit unless the same place is there already: several views see the same words.</summary>
    protected static void Add(List<Hit> hits, Hit hit)
    {
        if (hits.Count < MaxHits && !hits.Exists(known => known.Entity == hit.Entity && known.Span is { } one && hit.Span is { } other && one.Overlaps(other)))
            hits.Add(hit);
    }
}

/// <summary>A rule could not be kept on a text; what then happens is the guardrail's <c>on_error</c>.</summary>
public sealed class RuleException(string message, Exception? inner = null) : Exception(message, inner);
