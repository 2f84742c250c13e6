using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace PromptStudio.Core.Templating;

/// <summary>
/// Parsed templates by (engine, options, SHA-256 of the text); holds a bounded number of them, of a bounded length together, as a parsed template
/// takes some twenty times the memory of its text. The least recently used leave first.
/// </summary>
/// <param name="capacity">The most templates that are kept.</param>
/// <param name="characters">The most characters that their texts have; a longer one is kept alone.</param>
public sealed class TemplateCache(int capacity = 1024, long characters = 8_000_000)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Key, LinkedListNode<(Key Key, ITemplate Template, int Length)>> _entries = [];
    private readonly LinkedList<(Key Key, ITemplate Template, int Length)> _byUse = new();

    private long _length;
    private long _hits;
    private long _misses;

    /// <summary>The number of templates held.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _entries.Count;
            }
        }
    }

    /// <summary>How often a text was held already.</summary>
    public long Hits => Interlocked.Read(ref _hits);

    /// <summary>How often one had to be parsed.</summary>
    public long Misses => Interlocked.Read(ref _misses);

    /// <summary>The parsed template of a text; parses it when it is not held.</summary>
    /// <exception cref="TemplateException">The text is not a template; failures are not kept.</exception>
    public ITemplate Get(ITemplateEngine engine, string text, TemplateOptions options)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(MemoryMarshal.AsBytes(text.AsSpan()), hash);
        var parts = MemoryMarshal.Cast<byte, ulong>(hash);
        var key = new Key(engine.Format, options, parts[0], parts[1], parts[2], parts[3]);
        lock (_gate)
        {
            if (_entries.TryGetValue(key, out var held))
            {
                if (held != _byUse.First)
                {
                    _byUse.Remove(held);
                    _byUse.AddFirst(held);
                }

                Interlocked.Increment(ref _hits);
                return held.Value.Template;
            }
        }

        Interlocked.Increment(ref _misses);

        // Parsed outside the lock: two threads may parse the same text, the first to finish is kept.
        var template = engine.Parse(text, options);
        lock (_gate)
        {
            if (_entries.TryGetValue(key, out var other))
            {
                return other.Value.Template;
            }

            _entries.Add(key, _byUse.AddFirst((key, template, text.Length)));
            _length += text.Length;
            while (_entries.Count > 1 && (_entries.Count > capacity || _length > characters))
            {
                var last = _byUse.Last!.Value;
                _entries.Remove(last.Key);
                _byUse.RemoveLast();
                _length -= last.Length;
            }

            return template;
        }
    }

    private readonly record struct Key(string Format, TemplateOptions Options, ulong A, ulong B, ulong C, ulong D);
}
