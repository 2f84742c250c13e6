using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using PromptStudio.Core.Templating.Jinja.Runtime;

namespace PromptStudio.Core.Templating.Jinja.Library;

/// <summary>The names that every template has.</summary>
internal static class Globals
{
    private const long LongestSandboxedRange = 100_000;

    private static readonly string[] Words =
        ("lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore et dolore magna aliqua "
        + "enim ad minim veniam quis nostrud exercitation ullamco laboris nisi aliquip ex ea commodo consequat").Split(' ');

    private static readonly FrozenDictionary<string, Value> Jinja = new Dictionary<string, Value>(StringComparer.Ordinal)
    {
        ["range"] = Function(new Builtin("range", "start stop= step= /", Range), true),
        ["dict"] = Function(new Builtin("dict", MakeDict), true),
        ["namespace"] = Function(new Builtin("namespace", (Run run, in CallArguments arguments) => Value.Of(new Namespace(MakeDict(run, arguments).Dict))), true),
        ["cycler"] = Function(new Builtin("cycler", MakeCycler), true),
        ["joiner"] = Function(new Builtin("joiner", "sep=", (_, a) => Value.Of(new Joiner(Arguments.Or(a[0], Value.Of(", "))))), true),
        ["lipsum"] = Function(new Builtin("lipsum", "n= html= min= max=", Lipsum), false),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, Value> Chat = new Dictionary<string, Value>(Jinja, StringComparer.Ordinal)
    {
        ["raise_exception"] = Function(new Builtin("raise_exception", "message", RaiseException), false),
        ["strftime_now"] = Function(new Builtin("strftime_now", "format", (run, a) => Value.Of(DateText.Format(
            run, TimeZoneInfo.ConvertTime(run.Request.Time.GetUtcNow(), run.Request.Time.LocalTimeZone), PyRepr.Text(run, a[0])))), false),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static IEnumerable<string> Names(TemplateOptions options) => Of(options).Keys;

    public static bool Has(TemplateOptions options, string name) => Of(options).ContainsKey(name);

    /// <summary>The global of a name, or missing.</summary>
    public static Value Find(Run run, string name) => Of(run.Options).TryGetValue(name, out var value) ? value : Value.Missing;

    private static FrozenDictionary<string, Value> Of(TemplateOptions options) =>
        options.Profile == TemplateProfile.HuggingFaceChat ? Chat : Jinja;

    private static Value Function(Builtin builtin, bool isClass) => Value.Of(new GlobalFunction(builtin, isClass));

    private static Value Range(Run run, ReadOnlySpan<Value> a)
    {
        var first = Arguments.Int(a[0], "range");
        var (start, stop) = a[1].IsSet ? (first, Arguments.Int(a[1], "range")) : (0, first);
        var step = Arguments.Int(a[2], 1, "range");
        if (step == 0)
        {
            throw Fault.Value("range() arg 3 must not be zero");
        }

        var range = new PyRange(start, stop, step);
        return run.Options.Sandbox != SandboxMode.None && range.Count > LongestSandboxedRange
            ? throw Fault.Overflow($"Range too big. The sandbox blocks ranges larger than MAX_RANGE ({LongestSandboxedRange}).")
            : Value.Of(range);
    }

    private static Value MakeDict(Run run, in CallArguments arguments)
    {
        if (arguments.Positional.Length > 1)
        {
            throw Fault.Type($"dict expected at most 1 argument, got {arguments.Positional.Length}");
        }

        var dict = new PyDict(arguments.Names.Length);
        if (arguments.Positional.Length == 1)
        {
            if (arguments.Positional[0].IsUndefined)
            {
                // Python asks it for its keys, which no undefined value has.
                throw arguments.Positional[0].Undefined.Fault();
            }

            DictMethods.Merge(run, dict, arguments.Positional[0]);
        }

        for (var i = 0; i < arguments.Names.Length; i++)
        {
            dict.Set(run, arguments.Names[i], arguments.Named[i]);
        }

        return Value.Of(dict);
    }

    private static Value MakeCycler(Run run, in CallArguments arguments)
    {
        if (arguments.Positional.Length == 0)
        {
            throw new Fault(TemplateErrorKind.Type, "RuntimeError", "at least one item has to be provided");
        }

        run.ChargeItems(arguments.Positional.Length);
        return Value.Of(new Cycler(arguments.Positional.ToArray()));
    }

    private static Value RaiseException(Run run, ReadOnlySpan<Value> a) =>
        throw new Fault(TemplateErrorKind.Type, "TemplateError", PyRepr.Text(run, a[0]));

    // Paragraphs of filler words.
    private static Value Lipsum(Run run, ReadOnlySpan<Value> a)
    {
        var paragraphs = Arguments.Int(a[0], 5, "n");
        var html = Arguments.Flag(run, a[1], true);
        var least = Arguments.Int(a[2], 20, "min");
        var most = Arguments.Int(a[3], 100, "max");
        if (least >= most)
        {
            throw Fault.Value("empty range for randrange()");
        }

        var text = new StringBuilder();
        for (long i = 0; i < paragraphs; i++)
        {
            var count = Random.Shared.NextInt64(least, most);
            run.ChargeChars(Math.Min(count, int.MaxValue / 32) * 16);
            text.Append(i == 0 ? string.Empty : html ? "\n" : "\n\n").Append(html ? "<p>" : string.Empty);
            for (long word = 0; word < count; word++)
            {
                run.Step();
                var next = Words[Random.Shared.Next(Words.Length)];
                text.Append(word == 0 ? char.ToUpperInvariant(next[0]) + next[1..] : " " + next);
            }

            text.Append('.').Append(html ? "</p>" : string.Empty);
        }

        return html ? Value.Markup(text.ToString()) : Value.Of(text.ToString());
    }
}

/// <summary>Python's <c>strftime</c>, in English.</summary>
internal static class DateText
{
    public static string Format(Run run, DateTimeOffset time, string format)
    {
        run.ChargeChars(format.Length * 32L);
        var text = new StringBuilder();
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
            {
                text.Append(format[i]);
                continue;
            }

            var unpadded = format[++i] == '-' && i + 1 < format.Length;
            var part = Directive(time, unpadded ? format[++i] : format[i]);
            text.Append(unpadded ? part.TrimStart('0') is { Length: > 0 } rest ? rest : "0" : part);
        }

        return text.ToString();
    }

    private static string Directive(DateTimeOffset time, char directive)
    {
        var english = CultureInfo.InvariantCulture;
        return directive switch
        {
            'Y' => time.Year.ToString("0000", english),
            'y' => (time.Year % 100).ToString("00", english),
            'm' => time.ToString("MM", english),
            'd' => time.ToString("dd", english),
            'e' => time.Day.ToString(english).PadLeft(2),
            'H' => time.ToString("HH", english),
            'I' => time.ToString("hh", english),
            'M' => time.ToString("mm", english),
            'S' => time.ToString("ss", english),
            'f' => time.ToString("ffffff", english),
            'p' => time.ToString("tt", english),
            'A' => time.ToString("dddd", english),
            'a' => time.ToString("ddd", english),
            'B' => time.ToString("MMMM", english),
            'b' or 'h' => time.ToString("MMM", english),
            'j' => time.DayOfYear.ToString("000", english),
            'w' => ((int)time.DayOfWeek).ToString(english),
            'u' => (((int)time.DayOfWeek + 6) % 7 + 1).ToString(english),
            'U' => ((time.DayOfYear + 6 - (int)time.DayOfWeek) / 7).ToString("00", english),
            'W' => ((time.DayOfYear + 6 - (((int)time.DayOfWeek + 6) % 7)) / 7).ToString("00", english),
            'V' => ISOWeek.GetWeekOfYear(time.DateTime).ToString("00", english),
            'G' => ISOWeek.GetYear(time.DateTime).ToString("0000", english),
            'D' or 'x' => time.ToString("MM'/'dd'/'yy", english),
            'F' => time.ToString("yyyy'-'MM'-'dd", english),
            'T' or 'X' => time.ToString("HH':'mm':'ss", english),
            'R' => time.ToString("HH':'mm", english),
            'c' => time.ToString("ddd MMM ", english) + time.Day.ToString(english).PadLeft(2) + time.ToString(" HH':'mm':'ss yyyy", english),
            's' => time.ToUnixTimeSeconds().ToString(english),
            'n' => "\n",
            't' => "\t",
            'z' or 'Z' => string.Empty,
            '%' => "%",
            _ => "%" + directive,
        };
    }
}
