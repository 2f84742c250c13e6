using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using PromptStudio.Core.Templating;
using PromptStudio.Tests.Templating;

namespace PromptStudio.Bench.Templating;

/// <summary><c>./studio fuzz [MINUTES] [SEED]</c>: random templates against both engines until the time is over, or one seed again.</summary>
internal sealed class Fuzz
{
    private const int DefaultMinutes = 10;
    private const int CasesBetweenCollections = 5_000;
    private const long MostGrowth = 256L << 20;

    // Of a thread-pool thread: a stack overflow here is one in the server.
    private const int StackBytes = 1 << 20;

    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(60);

    private readonly TemplateFuzz[] _fuzzes;
    private readonly int[] _cases = new int[2];
    private readonly List<string> _failures = [];
    private long _startOfCase;
    private int _seed;

    private Fuzz(IReadOnlyList<string> corpus)
    {
        Console.WriteLine($"{corpus.Count} texts to change, from {string.Join(" and ", Folders())}");
        _fuzzes = [new TemplateFuzz(TemplateEngines.Find("jinja2")!, corpus), new TemplateFuzz(TemplateEngines.Find("scriban")!, corpus)];
    }

    /// <summary>Prints the counts; 1 when anything failed.</summary>
    public static int Run(string? minutes, string? seed)
    {
        var fuzz = new Fuzz([.. Folders().SelectMany(folder => Directory.EnumerateFiles(folder, "jinja_*.json")).SelectMany(Templates)]);
        if (seed is not null)
        {
            return fuzz.Again(int.Parse(seed, CultureInfo.InvariantCulture));
        }

        var length = TimeSpan.FromMinutes(double.Parse(minutes ?? $"{DefaultMinutes}", CultureInfo.InvariantCulture));
        var worker = new Thread(() => fuzz.Work(length), StackBytes) { IsBackground = true };
        worker.Start();
        // Counted in seconds that this thread has lived through: a machine that sleeps is no template that hangs.
        var (watched, seconds) = (0L, 0);
        while (!worker.Join(TimeSpan.FromSeconds(1)))
        {
            var start = Volatile.Read(ref fuzz._startOfCase);
            (watched, seconds) = (start, start == watched ? seconds + 1 : 0);
            if (seconds > Hang.TotalSeconds)
            {
                Console.Error.WriteLine($"seed {fuzz._seed} hangs\n--- template\n{fuzz._fuzzes[fuzz._seed & 1].Text(fuzz._seed)}\n---");
                return 1;
            }
        }

        Console.WriteLine($"{fuzz._cases[0]:N0} Jinja2 and {fuzz._cases[1]:N0} Scriban templates, {fuzz._failures.Count} failed");
        return fuzz._failures.Count == 0 ? 0 : 1;
    }

    private static IEnumerable<string> Folders() => new[] { Path.Combine(AppContext.BaseDirectory, "Cases"), Environment.GetEnvironmentVariable("PROMPTSTUDIO_CASES") }
        .OfType<string>().Where(Directory.Exists);

    private static IEnumerable<string> Templates(string file)
    {
        using var stream = File.OpenRead(file);
        using var document = JsonDocument.Parse(stream);
        return [.. document.RootElement.EnumerateArray().Select(one => one.GetProperty("template").GetString()!)];
    }

    private void Work(TimeSpan length)
    {
        // A process that dies of its stack says nothing more; the file still has the seed.
        var last = Path.Combine(Path.GetTempPath(), "promptstudio-fuzz-seed");
        Console.WriteLine($"the seed under way is in {last}");
        using var note = File.Create(last);
        var watch = Stopwatch.StartNew();
        var before = GC.GetTotalMemory(true);
        for (_seed = (int)(Stopwatch.GetTimestamp() & 0x3fff_ffff); watch.Elapsed < length; _seed++)
        {
            note.Position = 0;
            note.Write(System.Text.Encoding.ASCII.GetBytes($"{_seed,10}\n"));
            note.Flush();
            Volatile.Write(ref _startOfCase, Stopwatch.GetTimestamp());
            var kind = _seed & 1;
            var text = _fuzzes[kind].Text(_seed);
            Report(_seed, text, _fuzzes[kind].Fault(text));
            if (++_cases[kind] % CasesBetweenCollections == 0 && GC.GetTotalMemory(true) - before is > MostGrowth and var growth)
            {
                Report(_seed, "(all so far)", $"memory has grown by {growth:N0} bytes");
                return;
            }
        }
    }

    private int Again(int seed)
    {
        var text = _fuzzes[seed & 1].Text(seed);
        Console.WriteLine(text);
        Report(seed, text, _fuzzes[seed & 1].Fault(text));
        return _failures.Count == 0 ? 0 : 1;
    }

    private void Report(int seed, string text, string? fault)
    {
        if (fault is null)
        {
            return;
        }

        _failures.Add(fault);
        Console.Error.WriteLine($"seed {seed} ({(seed & 1) switch { 0 => "jinja2", _ => "scriban" }}): {fault}\n--- template\n{text}\n---");
    }
}
