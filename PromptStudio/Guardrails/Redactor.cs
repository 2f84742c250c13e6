using System.Buffers;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using PromptStudio.Core.Guardrails;

namespace PromptStudio.Guardrails;

/// <summary>
/// Blacks out what redacting guardrails find, in texts that are about to be stored. What one of them found in one text is blacked out in all: a prompt and its
/// variables hold the same words. When in doubt it takes too much: a text that a guardrail could not look at is not stored at all.
/// </summary>
public sealed class Redactor(GuardrailChecks checks)
{
    /// <summary>Words that are looked for in all texts, beyond what the rules find in each of them.</summary>
    private const int MostWords = 200;

    /// <summary>A rule names a limited number of places at once; what was found is covered, and the rule asked again, this often.</summary>
    private const int MostRounds = 20;

    /// <summary>What stands for a character that was found, while the rules are asked again. Places stay where they are.</summary>
    private const char Covered = '█';

    /// <summary>All texts together; what is not looked at in time is blacked out as a whole.</summary>
    private static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(250);

    /// <summary>Looks at all texts that belong together.</summary>
    /// <param name="redactors">The guardrails; null: none.</param>
    /// <param name="texts">The most important first.</param>
    /// <param name="context">For expressions.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Blackouts Look(RuleSet? redactors, IEnumerable<string> texts, in RuleContext context, CancellationToken cancellationToken)
    {
        if (redactors is null)
            return Blackouts.None;
        var started = Stopwatch.GetTimestamp();
        var byText = new Dictionary<string, IReadOnlyList<Blackout>>(StringComparer.Ordinal);
        var words = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var text in texts)
        {
            if (text.Length == 0 || byText.ContainsKey(text))
                continue;
            var found = byText.Count > 0 && Stopwatch.GetElapsedTime(started) > Budget
                ? [Blackout.Whole(text, "NOT CHECKED")]
                : Find(redactors, text, context, cancellationToken);
            byText.Add(text, found);
            foreach (var one in found)
            {
                if (!one.IsWhole && one.End - one.Start >= Blackouts.SharedLength && words.Count < MostWords)
                    words.TryAdd(text[one.Start..one.End], one.Label);
            }
        }
        return byText.Values.Any(found => found.Count > 0) ? new Blackouts(byText, words) : Blackouts.None;
    }

    private List<Blackout> Find(RuleSet redactors, string text, in RuleContext context, CancellationToken cancellationToken)
    {
        List<Blackout> found = [];
        var covered = text;
        for (var round = 0; round < MostRounds; round++)
        {
            var before = found.Count;
            foreach (var finding in checks.Find(redactors, covered, context, cancellationToken))
            {
                var name = finding.Guardrail.Guardrail.Name;
                if (finding.Error is not null || finding.Hits.Any(hit => hit.Span is null))
                    return [Blackout.Whole(text, name)];
                foreach (var hit in finding.Hits)
                {
                    var (start, end) = (Math.Clamp(hit.Span!.Value.Start, 0, text.Length), Math.Clamp(hit.Span.Value.End, 0, text.Length));
                    if (start < end && covered.AsSpan(start, end - start).ContainsAnyExcept(Covered))
                        found.Add(new Blackout(start, end, hit.Entity ?? name));
                }
            }
            if (found.Count == before)
                return found;
            covered = Cover(text, found);
        }
        return [Blackout.Whole(text, found[0].Label)];
    }

    private static string Cover(string text, List<Blackout> found) => string.Create(text.Length, (text, found), static (characters, state) =>
    {
        state.text.CopyTo(characters);
        foreach (var one in state.found)
            characters[one.Start..one.End].Fill(Covered);
    });
}

/// <summary>A part of a text that is not stored, in UTF-16 units, and what is stored instead.</summary>
internal readonly record struct Blackout(int Start, int End, string Label, bool IsWhole = false)
{
    /// <summary>The text as a whole, without a word that would have to be looked for elsewhere.</summary>
    public static Blackout Whole(string text, string label) => new(0, text.Length, label, IsWhole: true);
}

/// <summary>What is blacked out in texts that belong together.</summary>
public sealed class Blackouts
{
    /// <summary>Characters from which on a word is looked for in the other texts too; a shorter one would be found everywhere.</summary>
    public const int SharedLength = 4;

    private readonly Dictionary<string, IReadOnlyList<Blackout>> _byText;
    private readonly Dictionary<string, string> _words;
    private readonly SearchValues<string>? _search;

    internal Blackouts(Dictionary<string, IReadOnlyList<Blackout>> byText, Dictionary<string, string> words)
    {
        (_byText, _words) = (byText, words);
        _search = words.Count > 0 ? SearchValues.Create([.. words.Keys], StringComparison.Ordinal) : null;
    }

    /// <summary>Nothing.</summary>
    public static Blackouts None { get; } = new([], []);

    /// <summary>Whether anything is blacked out at all.</summary>
    public bool Any => _byText.Count > 0;

    /// <summary>A text as it is stored.</summary>
    public string Of(string text)
    {
        if (!Any || text.Length == 0)
            return text;
        List<Blackout> found = [.. _byText.GetValueOrDefault(text) ?? []];
        AddWords(text, found);
        if (found.Count == 0)
        {
            // A value may be a part of what was found: "SSN: …" in the prompt, and the number alone in its variable.
            return text.Length >= SharedLength && _words.FirstOrDefault(word => word.Key.Contains(text, StringComparison.Ordinal)) is { Key: not null } whole ? $"[{whole.Value}]" : text;
        }
        found.Sort((one, other) => one.Start != other.Start ? one.Start.CompareTo(other.Start) : other.End.CompareTo(one.End));
        var stored = new StringBuilder(text.Length);
        var at = 0;
        foreach (var one in found)
        {
            if (one.Start >= at)
                stored.Append(text, at, one.Start - at).Append('[').Append(one.Label).Append(']');
            at = Math.Max(at, one.End);
        }
        return stored.Append(text, at, text.Length - at).ToString();
    }

    /// <summary>A variable's path as it is stored, and told: the name of a member may be what was found.</summary>
    public string? OfPath(string? path)
    {
        if (path is null || !Any)
            return path;
        var whole = _byText.FirstOrDefault(text => text.Value is [{ IsWhole: true }] && path.Contains(text.Key, StringComparison.Ordinal));
        return whole.Key is null ? Of(path) : $"[{whole.Value[0].Label}]";
    }

    /// <summary>Variables as they are stored, JSON.</summary>
    public string Of(JsonElement variables) => Any ? VariableTexts.Rewrite(variables, Of) : variables.GetRawText();

    private void AddWords(string text, List<Blackout> found)
    {
        if (_search is null)
            return;
        for (var at = 0; at < text.Length;)
        {
            var next = text.AsSpan(at).IndexOfAny(_search);
            if (next < 0)
                return;
            at += next;
            var (length, label) = (1, "");
            foreach (var (word, its) in _words)
            {
                if (word.Length > length && string.CompareOrdinal(text, at, word, 0, word.Length) == 0)
                    (length, label) = (word.Length, its);
            }
            if (label.Length > 0)
                found.Add(new Blackout(at, at + length, label));
            at += length;
        }
    }
}
