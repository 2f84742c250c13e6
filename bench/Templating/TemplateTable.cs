using System.Globalization;
using PromptStudio.Core.Templating;

namespace PromptStudio.Bench.Templating;

/// <summary><c>./studio bench templates</c>: both engines and real Jinja2 on the same prompt, in turns, in one table.</summary>
internal static class TemplateTable
{
    private const int Rounds = 3;

    private static readonly RenderRequest Request = new() { Variables = SamplePrompt.Variables };

    /// <summary>Prints the table; 1 when an output is wrong or a target is missed.</summary>
    public static int Run()
    {
        var jinja = TemplateEngines.Find("jinja2")!;
        var scriban = TemplateEngines.Find("scriban")!;
        var text = Render(jinja);
        var (python, reason) = PythonJinja.Measure();
        if (python is not null && python.Output != text)
        {
            Console.Error.WriteLine("The outputs of Python's Jinja2 and of the studio differ; nothing is measured.");
            return 1;
        }

        if (Render(scriban) != text)
        {
            Console.Error.WriteLine("The outputs of the two engines differ; nothing is measured.");
            return 1;
        }

        Say($"{SamplePrompt.Jinja.Length:N0} characters of template, {text.Length:N0} of output, the same from all; the processor's time, best of {Rounds} rounds of 15 series");
        Say("both render a compiled template; Python finds its variables as a dict, the studio as the bytes of a request's JSON, which each render reads again");
        Say(python is null ? $"Python's Jinja2 is not measured: {reason}" : $"Python's Jinja2 is {python.Version}");
        var (own, other) = (new Figures(jinja), new Figures(scriban));
        for (var round = 0; round < Rounds; round++)
        {
            own.Measure();
            other.Measure();
            python = round > 0 && python is not null ? Best(python, PythonJinja.Measure().Measured) : python;
        }

        Say("");
        Say($"{"",-22}{"cached render",16}{"",12}{"parse + render",18}{"",12}");
        Say($"{"",-22}{"µs",16}{"bytes",12}{"µs",18}{"bytes",12}");
        if (python is not null)
        {
            Say($"{"Jinja2 in Python",-22}{python.Render,16:N1}{"",12}{python.ParseAndRender,18:N1}");
        }

        Say($"{"jinja2",-22}{own.Render.Microseconds,16:N2}{own.Render.Bytes,12:N0}{own.Both.Microseconds,18:N1}{own.Both.Bytes,12:N0}");
        Say($"{"scriban",-22}{other.Render.Microseconds,16:N2}{other.Render.Bytes,12:N0}{other.Both.Microseconds,18:N1}{other.Both.Bytes,12:N0}");
        Say("");
        var isMet = true;
        if (python is not null)
        {
            isMet &= Target("jinja2: cached render, times as fast as Python's", python.Render / own.Render.Microseconds, 12, isLeast: true);
            isMet &= Target("jinja2: parse + render, times as fast as Python's", python.ParseAndRender / own.Both.Microseconds, 60, isLeast: true);
        }

        isMet &= Target("jinja2: bytes a cached render", own.Render.Bytes, 8 * 1024, isLeast: false);
        isMet &= Target("scriban: µs a cached render", other.Render.Microseconds, 12, isLeast: false);
        isMet &= Target("scriban: bytes a cached render", other.Render.Bytes, 4 * 1024, isLeast: false);
        return isMet ? 0 : 1;
    }

    private static string Render(ITemplateEngine engine) => engine.Parse(SamplePrompt.TextOf(engine.Format), TemplateOptions.Studio).Render(Request);

    private static PythonJinja Best(PythonJinja one, PythonJinja? other) => other is null ? one : one with
    {
        Render = Math.Min(one.Render, other.Render),
        ParseAndRender = Math.Min(one.ParseAndRender, other.ParseAndRender),
    };

    private static bool Target(string what, double reached, double target, bool isLeast)
    {
        var isMet = isLeast ? reached >= target : reached <= target;
        Say($"{what,-54}{reached,10:N1}   {(isLeast ? "at least" : "at most"),8} {target,6:N0}   {(isMet ? "met" : "MISSED")}");
        return isMet;
    }

    private static void Say(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    private static void Say(string line) => Console.WriteLine(line);

    private sealed class Figures(ITemplateEngine engine)
    {
        private readonly string _text = SamplePrompt.TextOf(engine.Format);
        private readonly ITemplate _template = engine.Parse(SamplePrompt.TextOf(engine.Format), TemplateOptions.Studio);

        public Stopwatched Render { get; private set; } = new(double.MaxValue, 0);

        public Stopwatched Both { get; private set; } = new(double.MaxValue, 0);

        public void Measure()
        {
            Render = Stopwatched.Of(() => _template.Render(Request)).Or(Render);
            Both = Stopwatched.Of(() => engine.Parse(_text, TemplateOptions.Studio).Render(Request)).Or(Both);
        }
    }
}
