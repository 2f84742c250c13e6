using PromptStudio.Core.Prompts;
using PromptStudio.Guardrails;

namespace PromptStudio.Editor;

/// <summary>A stretch of the rendered text.</summary>
/// <param name="Text">As it is.</param>
/// <param name="Found">What guardrails found there; empty: nothing.</param>
public sealed record PreviewPart(string Text, IReadOnlyList<Violation> Found)
{
    /// <summary>The strictest level of what was found; null: nothing.</summary>
    public string? Level => GuardrailWords.Levels.FirstOrDefault(level => Found.Any(violation => violation.EnforcementLevel == level));
}

/// <summary>A message of a chat prompt, or the whole text.</summary>
/// <param name="Role">Null: the prompt is no chat.</param>
/// <param name="Parts">Its text.</param>
public sealed record PreviewMessage(string? Role, IReadOnlyList<PreviewPart> Parts);

/// <summary>The rendered text in pieces: by message, and by what guardrails found in it.</summary>
public static class PreviewText
{
    /// <summary>Places that are shown; more would make the page slow, and nobody reads them.</summary>
    private const int MostPlaces = 1_000;

    /// <summary>The messages of a rendered text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="chat">Its messages; empty: it is no chat.</param>
    /// <param name="violations">Their places are in code points.</param>
    public static IReadOnlyList<PreviewMessage> Read(string text, IReadOnlyList<ChatMessage> chat, IReadOnlyList<Violation> violations)
    {
        var places = Places(text, violations);
        return chat.Count == 0
            ? [new PreviewMessage(null, Parts(text, 0, text.Length, places))]
            : [.. chat.Select(message => new PreviewMessage(message.Role, Parts(text, message.Start, message.End, places)))];
    }

    private static List<(int Start, int End, Violation Violation)> Places(string text, IReadOnlyList<Violation> violations)
    {
        var found = violations.Where(violation => violation is { Scope: GuardrailWords.RenderedPrompt, Start: not null, End: not null })
            .Take(MostPlaces).ToList();
        if (found.Count == 0)
            return [];
        // From code points to the places of a .NET text.
        var wanted = found.SelectMany(violation => new[] { violation.Start!.Value, violation.End!.Value }).Distinct().Order().ToList();
        var at = new Dictionary<int, int>();
        int point = 0, next = 0;
        for (var index = 0; index <= text.Length && next < wanted.Count; index++)
        {
            if (index < text.Length && index > 0 && char.IsSurrogatePair(text[index - 1], text[index]))
                continue;
            while (next < wanted.Count && wanted[next] == point)
                at[wanted[next++]] = index;
            point++;
        }
        return [.. found.Where(violation => at.ContainsKey(violation.Start!.Value) && at.ContainsKey(violation.End!.Value))
            .Select(violation => (at[violation.Start!.Value], at[violation.End!.Value], violation))];
    }

    private static List<PreviewPart> Parts(string text, int start, int end, List<(int Start, int End, Violation Violation)> places)
    {
        var here = places.Where(place => place.Start < end && place.End > start).ToList();
        var cuts = here.SelectMany(place => new[] { Math.Max(place.Start, start), Math.Min(place.End, end) }).Append(start).Append(end).Distinct().Order().ToList();
        var parts = new List<PreviewPart>();
        for (var n = 0; n + 1 < cuts.Count; n++)
        {
            var (from, to) = (cuts[n], cuts[n + 1]);
            parts.Add(new PreviewPart(text[from..to], [.. here.Where(place => place.Start <= from && place.End >= to).Select(place => place.Violation)]));
        }
        return parts;
    }
}
