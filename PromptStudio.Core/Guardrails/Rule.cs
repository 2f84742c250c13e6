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

/// <summary>What a rule looks at: a text, and what it was made from. For one thread.</summary>
public sealed class RuleInput
{
    /// <summary>A text, without a limit of time.</summary>
    public RuleInput(string text)
        : this(text, null, default)
    {
    }

    /// <param name="text">The text.</param>
    /// <param name="isPlain">Whether nothing can be hidden in it; null: that is not known yet.</param>
    /// <param name="deadline">When the look at it has to end.</param>
    internal RuleInput(string text, bool? isPlain, Deadline deadline) => (Text, Deadline) = (new TextViews(text, isPlain, deadline), deadline);

    /// <summary>The text, in its views.</summary>
    public TextViews Text { get; }

    /// <summary>When all rules together have to be done with the text. A rule that could take long keeps it: <see cref="Guardrails.Deadline.Keep"/>.</summary>
    public Deadline Deadline { get; }

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

    /// <summary>
    /// Texts of two characters or more; each simple text (see <see cref="MayFind"/>) that the rule finds something in has one of them, as it is or clean, in whatever case.
    /// Null: none are known. A set of rules looks for all of them at once.
    /// </summary>
    public virtual IReadOnlyList<string>? Literals => null;

    /// <summary>Whether it can take long on some texts: it then looks after the others, so that a text made for it cannot take their time.</summary>
    public virtual bool IsSlow => false;

    /// <summary>A first look at a simple text: one with nothing hidden, encoded or escaped in it. Allocates nothing.</summary>
    /// <param name="text">The text.</param>
    /// <param name="clean">The text without accents and other disguises (<see cref="TextViews.Clean"/>), where case may be ignored one character at a time; the text itself when it is plain.</param>
    /// <param name="deadline">When the look has to end.</param>
    /// <returns>False: <see cref="Find"/> would find nothing.</returns>
    /// <exception cref="RuleException">As <see cref="Find"/>.</exception>
    public virtual bool MayFind(ReadOnlySpan<char> text, ReadOnlySpan<char> clean, Deadline deadline) => true;

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

    /// <summary>Puts hits into the order of the text: each view is looked through by itself.</summary>
    protected internal static void Sort(List<Hit> hits)
    {
        if (hits.Count > 1)
            hits.Sort((one, other) => (one.Span ?? default).Start.CompareTo((other.Span ?? default).Start) is var order and not 0 ? order : (one.Span ?? default).End.CompareTo((other.Span ?? default).End));
    }
}

/// <summary>A rule could not be kept on a text; what then happens is the guardrail's <c>on_error</c>.</summary>
public sealed class RuleException(string message, Exception? inner = null) : Exception(message, inner);
