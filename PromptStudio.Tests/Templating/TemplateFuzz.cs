using System.Diagnostics;
using System.Text;
using System.Text.Json;
using PromptStudio.Core.Templating;

namespace PromptStudio.Tests.Templating;

/// <summary>Random templates, the same for the same seed: by a loose grammar, or texts of a corpus changed at random.</summary>
/// <param name="engine">The language.</param>
/// <param name="corpus">Texts to change; may be empty.</param>
internal sealed class TemplateFuzz(ITemplateEngine engine, IReadOnlyList<string> corpus)
{
    // A render that takes longer has failed, though its deadline is far earlier; not once, or it was the machine that was busy.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    private const int Turns = 5;
    private const long MostBytes = 256L << 20;

    private static readonly RenderLimits Limits = new()
    {
        OutputCharacters = 20_000,
        Steps = 50_000,
        AllocatedBytes = 16L << 20,
        CallDepth = 40,
        TemplateDepth = 5,
        Deadline = TimeSpan.FromMilliseconds(300),
    };

    private static readonly JsonElement Variables = JsonElement.Parse("""
        {
          "x": [1, "a", null, 2.5, {"k": [1]}, true], "name": "Zoë 🎉", "n": 7, "big": 123456789012345678901234567890, "f": 0.1, "no": null,
          "user": {"name": "Ada", "roles": ["admin", "dev"], "age": 36}, "messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": ""}]
        }
        """);

    private readonly FuzzGrammar _grammar = engine.Format == "scriban" ? FuzzGrammar.Scriban : FuzzGrammar.Jinja;
    private readonly TextTemplateLoader _loader = new(new TemplateCache(), engine, new Dictionary<string, string>
    {
        ["a"] = "A{{ name }}",
        ["loop"] = engine.Format == "scriban" ? "{{ include 'loop' }}" : "{% include 'loop' %}",
        ["bad"] = "{{ (",
    });

    /// <summary>The template of a seed.</summary>
    public string Text(int seed)
    {
        var random = new Random(seed);
        var text = random.Next(3) switch
        {
            0 when corpus.Count > 0 => corpus[random.Next(corpus.Count)],
            1 => Soup(random),
            _ => _grammar.Template(random),
        };
        for (var changes = random.Next(4); changes > 0; changes--)
        {
            text = Change(random, text);
        }

        return text;
    }

    /// <summary>What is wrong with how the engine takes a text; null when nothing is: any text or typed error is an answer.</summary>
    public string? Fault(string text)
    {
        var least = TimeSpan.MaxValue;
        for (var turn = 0; turn < Turns && least > Longest; turn++)
        {
            if (Fault(text, out var taken) is { } fault)
            {
                return fault;
            }

            least = taken < least ? taken : least;
        }

        return least > Longest ? $"took {least} at best" : null;
    }

    private string? Fault(string text, out TimeSpan taken)
    {
        taken = default;
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();
        try
        {
            var options = (text.Length & 1) == 0 ? TemplateOptions.Studio : TemplateOptions.Jinja;
            _ = engine.Parse(text, options).Render(new RenderRequest { Variables = Variables, Limits = Limits, Loader = _loader });
        }
        catch (Exception e) when (e is TemplateException or OperationCanceledException)
        {
            // An answer too.
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return e.ToString();
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        taken = watch.Elapsed;
        return allocated > MostBytes ? $"allocated {allocated:N0} bytes" : null;
    }

    private string Soup(Random random)
    {
        var text = new StringBuilder();
        for (var left = random.Next(1, 40); left > 0; left--)
        {
            text.Append(_grammar.Piece(random));
        }

        return text.ToString();
    }

    private string Change(Random random, string text)
    {
        var at = random.Next(text.Length + 1);
        var length = Math.Min(text.Length - at, random.Next(12));
        return random.Next(5) switch
        {
            0 => text.Remove(at, length),
            1 => text.Insert(at, _grammar.Piece(random)),
            2 => text.Insert(at, text.Substring(at, length)),
            3 => string.Concat(text.AsSpan(0, at), _grammar.Expression(random, 3), text.AsSpan(at + length)),
            _ => string.Concat(text.AsSpan(0, at), _grammar.Template(random), text.AsSpan(at + length)),
        };
    }
}
