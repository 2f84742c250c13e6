using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;

namespace PromptStudio.Bench.Templating;

/// <summary>What real Jinja2 makes of the sample prompt.</summary>
/// <param name="Version">Jinja2's version.</param>
/// <param name="Output">The rendered text.</param>
/// <param name="Render">Microseconds of a compiled template's render.</param>
/// <param name="ParseAndRender">Microseconds of <c>from_string</c> and render.</param>
internal sealed record PythonJinja(string Version, string Output, double Render, double ParseAndRender)
{
    private const string Interpreter = "/usr/bin/python3";

    private const string Script = """
        import json, sys, time
        import jinja2

        given = json.load(sys.stdin)
        environment = jinja2.Environment(trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined)
        compiled = environment.from_string(given["template"])
        variables = given["variables"]

        def best(action, turns):
            least = float("inf")
            for _ in range(15):
                start = time.process_time()
                for _ in range(turns):
                    action()
                least = min(least, (time.process_time() - start) / turns)
            return least * 1e6

        json.dump({
            "Version": jinja2.__version__,
            "Output": compiled.render(variables),
            "Render": best(lambda: compiled.render(variables), 2000),
            "ParseAndRender": best(lambda: environment.from_string(given["template"]).render(variables), 10),
        }, sys.stdout)
        """;

    /// <summary>Measures once; null, with the reason, where Debian's Python has no Jinja2.</summary>
    public static (PythonJinja? Measured, string? Reason) Measure()
    {
        var start = new ProcessStartInfo(Interpreter) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(Script);
        try
        {
            using var python = Process.Start(start)!;
            var errors = python.StandardError.ReadToEndAsync();
            using (var input = python.StandardInput)
            {
                input.Write(JsonSerializer.Serialize(new { template = SamplePrompt.Jinja, variables = SamplePrompt.Variables }));
            }

            var answer = python.StandardOutput.ReadToEnd();
            python.WaitForExit();
            return python.ExitCode == 0 ? (JsonSerializer.Deserialize<PythonJinja>(answer), null)
                : (null, errors.GetAwaiter().GetResult().TrimEnd().Split('\n')[^1]);
        }
        catch (Win32Exception e)
        {
            return (null, e.Message);
        }
    }
}
