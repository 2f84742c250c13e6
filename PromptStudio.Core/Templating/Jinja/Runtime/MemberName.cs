using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace PromptStudio.Core.Templating.Jinja.Runtime;

/// <summary>The name of a member, to be looked for in JSON as in dicts.</summary>
internal sealed class MemberName
{
    private readonly byte[] _utf8;
    private readonly ulong _start;
    private readonly ulong _mask;

    public MemberName(string text)
    {
        Text = text;
        _utf8 = Encoding.UTF8.GetBytes(text);
        Span<byte> start = stackalloc byte[sizeof(ulong)];
        Span<byte> mask = stackalloc byte[sizeof(ulong)];
        start.Clear();
        mask.Clear();
        var length = Math.Min(sizeof(ulong), _utf8.Length + 1);
        mask[..length].Fill(byte.MaxValue);
        ((ReadOnlySpan<byte>)[.. _utf8, (byte)'"'])[..length].CopyTo(start);

        // In JSON a quote inside a name is escaped: what has one is not to be found by its bytes.
        var isPlain = !text.Contains('"', StringComparison.Ordinal);
        _start = isPlain ? MemoryMarshal.Read<ulong>(start) : 1;
        _mask = isPlain ? MemoryMarshal.Read<ulong>(mask) : 0;
    }

    public string Text { get; }

    /// <summary>Whether JSON without escapes has this name behind a quote. Eight bytes or more follow the quote: they are read unchecked.</summary>
    /// <param name="json">All of the JSON.</param>
    /// <param name="quote">Where the quote is.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsAt(byte[] json, int quote) =>
        (Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(json), quote + 1)) & _mask) == _start
        && (_utf8.Length < sizeof(ulong) || IsWholeAt(json.AsSpan(quote + 1)));

    private bool IsWholeAt(ReadOnlySpan<byte> json) => json.StartsWith(_utf8) && json[_utf8.Length] == '"';
}
