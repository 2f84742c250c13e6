using System.Buffers;
using System.Text;
using System.Text.Json;
using PromptStudio.Core.Prompts;
using PromptStudio.Guardrails;

namespace PromptStudio.Rendering;

/// <summary>Writes the answer to a render: the same bytes that the serializer makes of a <see cref="RenderedPrompt"/>.</summary>
public static class RenderAnswer
{
    /// <summary>What a text can have without being escaped: the serializer escapes what is beyond ASCII, and what HTML could take for its own.</summary>
    private static readonly SearchValues<char> Plain = SearchValues.Create([.. Enumerable.Range(' ', '~' - ' ' + 1).Select(code => (char)code).Except("\"&'+<>\\`")]);

    private static ReadOnlySpan<byte> Hexadecimal => "0123456789ABCDEF"u8;

    /// <summary>Bytes that an answer may need at most.</summary>
    public static int MaxLength(string text, IReadOnlyList<ChatMessage> messages, ReadOnlySpan<byte> about, ReadOnlySpan<byte> told) =>
        // What messages say is part of the text.
        (6 * text.Length * (messages.Count == 0 ? 1 : 2)) + (64 * messages.Count) + about.Length + told.Length + 1024;

    /// <summary>Violations as an answer has them.</summary>
    public static byte[] Told(IReadOnlyList<Violation> told) => told.Count == 0 ? None : JsonSerializer.SerializeToUtf8Bytes(told, RenderingJson.Default.IReadOnlyListViolation);

    private static byte[] None { get; } = [.. "[]"u8];

    /// <summary>What each answer of a version says of the version: everything behind the text, up to the group.</summary>
    public static byte[] About(Guid id, string name, int version)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("template_id", id);
            writer.WriteString("template_name", name);
            writer.WriteNumber("template_version", version);
            writer.WriteEndObject();
        }
        // Between the braces.
        return [(byte)',', .. buffer.ToArray().AsSpan()[1..^1]];
    }

    /// <summary>Writes an answer.</summary>
    /// <returns>Its length.</returns>
    public static int Write(Span<byte> to, string text, IReadOnlyList<ChatMessage> messages, ReadOnlySpan<byte> about, string? group, Guid? experiment, Guid? execution, ReadOnlySpan<byte> told)
    {
        var at = 0;
        Add(to, ref at, "{\"rendered_prompt\":\""u8);
        at += Escape(text, to[at..]);
        to[at++] = (byte)'"';
        if (messages.Count > 0)
            Add(to, ref at, text, messages);
        Add(to, ref at, about);
        Add(to, ref at, ",\"ab_test_group\":"u8);
        if (group is null)
        {
            Add(to, ref at, "null"u8);
        }
        else
        {
            to[at++] = (byte)'"';
            at += Escape(group, to[at..]);
            to[at++] = (byte)'"';
        }
        Add(to, ref at, ",\"experiment_id\":"u8);
        Add(to, ref at, experiment);
        Add(to, ref at, ",\"execution_id\":"u8);
        Add(to, ref at, execution);
        Add(to, ref at, ",\"guardrail_violations\":"u8);
        Add(to, ref at, told);
        to[at++] = (byte)'}';
        return at;
    }

    /// <summary>Writes a text as the inside of a JSON string.</summary>
    public static int Escape(ReadOnlySpan<char> text, Span<byte> to)
    {
        var at = 0;
        while (true)
        {
            var plain = text.IndexOfAnyExcept(Plain);
            Ascii.FromUtf16(plain < 0 ? text : text[..plain], to[at..], out var written);
            at += written;
            if (plain < 0)
                return at;
            do
            {
                EscapeOne(text[plain++], to, ref at);
            }
            while (plain < text.Length && !Plain.Contains(text[plain]));
            text = text[plain..];
        }
    }

    private static void EscapeOne(char character, Span<byte> to, ref int at)
    {
        var known = character switch { '\n' => 'n', '\\' => '\\', '\t' => 't', '\r' => 'r', '\b' => 'b', '\f' => 'f', _ => '\0' };
        to[at++] = (byte)'\\';
        if (known != '\0')
        {
            to[at++] = (byte)known;
            return;
        }
        to[at++] = (byte)'u';
        for (var shift = 12; shift >= 0; shift -= 4)
            to[at++] = Hexadecimal[(character >> shift) & 0xf];
    }

    private static void Add(Span<byte> to, ref int at, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(to[at..]);
        at += bytes.Length;
    }

    private static void Add(Span<byte> to, ref int at, string text, IReadOnlyList<ChatMessage> messages)
    {
        Add(to, ref at, ",\"messages\":["u8);
        for (var n = 0; n < messages.Count; n++)
        {
            Add(to, ref at, n == 0 ? "{\"role\":\""u8 : ",{\"role\":\""u8);
            at += Escape(messages[n].Role, to[at..]);
            Add(to, ref at, "\",\"content\":\""u8);
            at += Escape(text.AsSpan(messages[n].Start..messages[n].End), to[at..]);
            Add(to, ref at, "\"}"u8);
        }
        to[at++] = (byte)']';
    }

    private static void Add(Span<byte> to, ref int at, Guid? id)
    {
        if (id is not { } known)
        {
            Add(to, ref at, "null"u8);
            return;
        }
        to[at++] = (byte)'"';
        known.TryFormat(to[at..], out var length);
        at += length;
        to[at++] = (byte)'"';
    }
}
