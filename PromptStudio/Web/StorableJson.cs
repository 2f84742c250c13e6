using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace PromptStudio.Web;

/// <summary>What PostgreSQL's jsonb and text cannot hold, although JSON allows it: refused at the door instead of failing at the commit.</summary>
public static class StorableJson
{
    /// <summary>jsonb keeps numbers as decimals: a huge exponent would be a huge number.</summary>
    private const int MaxExponent = 400;

    private const int MaxNumberLength = 1_000;

    /// <summary>Looks through a JSON text once.</summary>
    /// <returns>What is wrong with it, or null.</returns>
    /// <exception cref="JsonException">It is no JSON, or nested too deep.</exception>
    public static string? Problem(ReadOnlySpan<byte> json, int maxDepth)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = maxDepth });
        while (reader.Read())
        {
            if (Problem(ref reader) is { } problem)
                return problem;
        }
        return null;
    }

    /// <summary>Whether PostgreSQL can hold the value, or the name, that a reader is at.</summary>
    public static bool IsStorable(ref Utf8JsonReader reader) => Problem(ref reader) is null;

    private static string? Problem(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String or JsonTokenType.PropertyName when reader.ValueIsEscaped => TextProblem(ref reader),
        JsonTokenType.Number => NumberProblem(reader.ValueSpan),
        _ => null,
    };

    /// <summary>Looks through a text.</summary>
    /// <returns>What PostgreSQL cannot hold of it, or null.</returns>
    public static string? Problem(ReadOnlySpan<char> text)
    {
        if (text.Contains('\0'))
            return "the character U+0000";
        for (var at = text.IndexOfAnyInRange('\ud800', '\udfff'); at >= 0 && at < text.Length; at++)
        {
            if (!char.IsSurrogate(text[at]))
                continue;
            if (Rune.DecodeFromUtf16(text[at..], out _, out var length) != OperationStatus.Done)
                return "half of a surrogate pair, which is no character";
            at += length - 1;
        }
        return null;
    }

    private static string? TextProblem(ref Utf8JsonReader reader)
    {
        var buffer = ArrayPool<char>.Shared.Rent(reader.ValueSpan.Length);
        try
        {
            var length = reader.CopyString(buffer);
            return buffer.AsSpan(0, length).Contains('\0') ? "Text may not contain the character U+0000." : null;
        }
        catch (InvalidOperationException)
        {
            // What the reader throws for \ud800 without its other half.
            return "Text contains half of a surrogate pair, which is no character.";
        }
        finally
        {
            ArrayPool<char>.Shared.Return(buffer);
        }
    }

    private static string? NumberProblem(ReadOnlySpan<byte> number)
    {
        if (number.Length > MaxNumberLength)
            return "A number has more than 1,000 digits.";
        var exponent = number.IndexOfAny((byte)'e', (byte)'E');
        if (exponent < 0)
            return null;
        var digits = number[(exponent + 1)..];
        if (digits[0] == (byte)'+')
            digits = digits[1..];
        return Utf8Parser.TryParse(digits, out int value, out _) && Math.Abs(value) <= MaxExponent ? null : "A number's exponent is beyond 400.";
    }
}
