using System.Text.RegularExpressions;
using PromptStudio.Core.Templating;

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
/// Only the template begins a message: the lines of dashes and <c>role:</c> must be its own text, so that nobody speaks for another by sending such lines in a variable.
/// The name of the role alone may be a value, as in a loop over what was said before. A head that names no role, or that is a value's in part, is text of the message that it stands in.
/// </remarks>
public static partial class ChatText
{
    /// <summary>The messages of a rendered text; empty when it is none: what stands before the first role must be blank.</summary>
    public static IReadOnlyList<ChatMessage> Read(RenderedText rendered)
    {
        var (text, literals) = rendered;
        if (literals.Count == 0)
            return [];
        List<ChatMessage> messages = [];
        for (var head = Head().Match(text); head.Success;)
        {
            var (open, close) = (head.Groups["open"], head.Groups["close"]);
            if (!IsLiteral(literals, open) || !IsLiteral(literals, close))
            {
                // Its last line may be the first one of a head.
                head = Head().Match(text, head.Index + 1);
                continue;
            }
            if (messages.Count == 0 && !string.IsNullOrWhiteSpace(text[..head.Index]))
                return [];
            End(text, messages, head.Index);
            messages.Add(new ChatMessage(head.Groups["role"].Value, head.Index + head.Length, text.Length));
            head = head.NextMatch();
        }
        End(text, messages, text.Length);
        return messages;
    }

    /// <summary>Whether a text would be a chat if all of it were the template's own; otherwise it is none, whatever rendered it.</summary>
    public static bool MayBe(string text) => Read(new RenderedText(text, [new TextSpan(0, text.Length)])).Count > 0;

    private static void End(string text, List<ChatMessage> messages, int end)
    {
        if (messages.Count == 0)
            return;
        var last = messages[^1];
        while (end > last.Start && char.IsWhiteSpace(text[end - 1]))
            end--;
        messages[^1] = last with { End = end };
    }

    private static bool IsLiteral(IReadOnlyList<TextSpan> literals, Capture part)
    {
        // The last that begins at the part or before it.
        var (low, high) = (0, literals.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = literals[middle].Start <= part.Index ? (middle + 1, high) : (low, middle);
        }
        return low > 0 && literals[low - 1].End >= part.Index + part.Length;
    }

    // What repeats in it ends where the next begins, so it takes one way only.
    [GeneratedRegex(@"^(?<open>---[ \t]*\r?\nrole:)[ \t]*(?<role>system|user|assistant|developer|tool)[ \t]*(?<close>\r?\n---[ \t]*(?:\r?\n|\z))", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Head();
}
