using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using PromptStudio.Core.Prompts;
using PromptStudio.Core.Templating;

namespace PromptStudio.Client.Local;

/// <summary>Renders a version of the catalogue as the studio would, with its engines and its rules for variables.</summary>
internal sealed class LocalRenderer(TimeProvider time)
{
    private readonly TemplateCache _templates = new();

    /// <summary>Renders; the answer is the text, its messages and the variables that it was made from, or the problem that the studio would have answered.</summary>
    public (string? Text, IReadOnlyList<PromptMessage> Messages, JsonObject? Variables, int Microseconds, PromptStudioProblem? Problem) Render(KeptVersion version, JsonObject? given, CancellationToken cancellationToken)
    {
        if (TemplateVariables.TryParse(version.TemplateVariables?.GetRawText()) is not { } contract || TemplateEngines.Find(version.TemplateFormat) is not { } engine)
            return (null, [], null, 0, Refused($"Version {version.Version} of '{version.Name}' cannot be rendered by this version of the client."));
        using var document = JsonDocument.Parse((given ?? []).ToJsonString());
        if (contract.Check(document.RootElement) is { Count: > 0 } problems)
            return (null, [], null, 0, Variables(problems));
        var variables = contract.WithDefaults(document.RootElement);
        try
        {
            var template = _templates.Get(engine, version.TemplateText, TemplateOptions.Studio);
            var loader = version.Includes.Count == 0 ? null : new TextTemplateLoader(_templates, engine, version.Includes);
            var started = Stopwatch.GetTimestamp();
            var rendered = template.RenderWithLiterals(new Core.Templating.RenderRequest { Variables = variables, Loader = loader, Time = time, CancellationToken = cancellationToken });
            var elapsed = Stopwatch.GetElapsedTime(started);
            return (rendered.Text, Messages(rendered), JsonObject.Create(variables.Clone()), (int)Math.Min(elapsed.TotalMicroseconds, int.MaxValue), null);
        }
        catch (TemplateException exception)
        {
            return (null, [], null, 0, new PromptStudioProblem
            {
                Code = exception.Error.Kind == TemplateErrorKind.Limit ? ProblemCode.LimitExceeded : ProblemCode.TemplateError,
                Status = 422,
                Detail = exception.Error.ToString(),
                Line = exception.Error.Line,
                Column = exception.Error.Column,
            });
        }
    }

    /// <summary>The client's own: it will not, or cannot, render by itself.</summary>
    public static PromptStudioProblem Refused(string detail) => new() { Code = LocalProblemCode.FallbackRefused, Detail = detail };

    private static IReadOnlyList<PromptMessage> Messages(RenderedText rendered) =>
        [.. ChatText.Read(rendered).Select(message => new PromptMessage(message.Role, rendered.Text[message.Start..message.End]))];

    private static PromptStudioProblem Variables(IReadOnlyList<VariableProblem> problems)
    {
        string[] missing = [.. problems.Where(problem => problem.Kind == VariableProblemKind.Missing).Select(problem => problem.Name)];
        return new PromptStudioProblem
        {
            Code = missing.Length > 0 ? ProblemCode.MissingVariables : ProblemCode.InvalidVariable,
            Status = 422,
            Detail = string.Join(" ", problems.Select(problem => problem.Message)),
            Missing = missing,
            Invalid = [.. problems.Where(problem => problem.Kind == VariableProblemKind.Mistyped).Select(problem => problem.Name)],
        };
    }
}

/// <summary>The codes that local mode adds.</summary>
public static class LocalProblemCode
{
    /// <summary>The studio is down, and the prompt is not rendered here: the detail says why. Its exception is a <see cref="PromptStudioUnavailableException"/>.</summary>
    public const string FallbackRefused = "fallback_refused";

    /// <summary>The application ended before it could be sent, and there is no cache file.</summary>
    public const string NotSent = "not_sent";
}
