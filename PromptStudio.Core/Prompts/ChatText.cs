using System.Text.RegularExpressions;

namespace PromptStudio.Core.Prompts;

/// <summary>One message of a chat prompt, as a part of its rendered text.</summary>
/// <param name="Role">Who speaks: <c>system</c>, <c>user</c>, <c>assistant</c>, <c>developer</c> or <c>tool</c>.</param>
/// <param name="Start">Where its words begin in the rendered text.</param>
/// <param name="End">Where they end.</param>
public sealed record ChatMessage(string Role, int Start, int End);

/// <summary>A prompt that is a conversation: its text names a role in front matter before each message.</summary>
/// <remarks>
/// <code>
/// ---
/// role: system
/// ---
/// You are brief.
/// ---
/// role: user
/// ---
/// {{ question }}
/// </code>
/// </remarks>
public static partial class ChatText
{
    /// <summary>The messages of a rendered text; empty when it is none: what stands before the first role must be blank.</summary>
    public static IReadOnlyList<ChatMessage> Read(string text)
    {
        List<ChatMessage> messages = [];
        var heads = Head().Matches(text);
        if (heads.Count == 0 || !string.IsNullOrWhiteSpace(text[..heads[0].Index]))
            return messages;
        for (var n = 0; n < heads.Count; n++)
        {
            var start = heads[n].Index + heads[n].Length;
            var end = n + 1 < heads.Count ? heads[n + 1].Index : text.Length;
            while (end > start && char.IsWhiteSpace(text[end - 1]))
                end--;
            messages.Add(new ChatMessage(heads[n].Groups[1].Value, start, end));
        }
        return messages;
    }

    [GeneratedRegex(@"^---[ \t]*\r?\nrole:[ \t]*(system|user|assistant|developer|tool)[ \t]*\r?\n---[ \t]*(?:\r?\n|\z)", RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex Head();
}
