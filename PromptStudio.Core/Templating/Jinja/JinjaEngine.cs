using System.Text;
using System.Text.Json;

namespace PromptStudio.Core.Templating.Jinja;

/// <summary>
/// The part of Jinja2 that prompts without logic need: text, comments, and output of variables with members and items,
/// strict about what is undefined. Everything else is a syntax error that says so.
/// </summary>
public sealed class JinjaEngine : ITemplateEngine
{
    /// <inheritdoc/>
    public string Format => "jinja2";

    /// <inheritdoc/>
    public ITemplate Parse(string text, TemplateOptions options) => new JinjaTemplate(new JinjaParser(text, options).Parse());
}

/// <summary>A piece of a template: constant text, or a variable's path.</summary>
/// <param name="Text">Constant text; null for a variable.</param>
/// <param name="Path">The variable's name, then member names (string) and list positions (int).</param>
/// <param name="Line">The line of the output tag.</param>
/// <param name="Column">The column of the variable.</param>
internal sealed record JinjaPart(string? Text, object[] Path, int Line, int Column);

internal sealed class JinjaTemplate(IReadOnlyList<JinjaPart> parts) : ITemplate
{
    /// <inheritdoc/>
    public IReadOnlyList<string> FreeVariables { get; } =
        [.. parts.Where(part => part.Text is null).Select(part => (string)part.Path[0]).Distinct(StringComparer.Ordinal)];

    /// <inheritdoc/>
    public string Render(RenderRequest request)
    {
        var output = new StringBuilder();
        foreach (var part in parts)
        {
            request.CancellationToken.ThrowIfCancellationRequested();
            var text = part.Text ?? Print(part, request.Variables);
            if (output.Length + text.Length > request.Limits.OutputCharacters)
                throw Error(part, TemplateErrorKind.Limit, $"The rendered text is longer than the limit of {request.Limits.OutputCharacters} characters (OutputCharacters).");
            output.Append(text);
        }
        return output.ToString();
    }

    private static string Print(JinjaPart part, JsonElement variables)
    {
        var value = variables;
        for (var i = 0; i < part.Path.Length; i++)
        {
            if (!TryStep(value, part.Path[i], out value))
                throw Error(part, TemplateErrorKind.Undefined, i == 0 ? $"'{part.Path[0]}' is undefined" : $"'{part.Path[i - 1]}' has no '{part.Path[i]}'");
        }
        return value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!,
            JsonValueKind.Number => value.GetRawText(),
            JsonValueKind.True => "True",
            JsonValueKind.False => "False",
            JsonValueKind.Null => "None",
            _ => throw Error(part, TemplateErrorKind.Type, $"'{part.Path[^1]}' is a list or an object; print one of its items"),
        };
    }

    private static bool TryStep(JsonElement value, object step, out JsonElement next)
    {
        next = default;
        if (step is string name)
            return value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out next);
        var index = (int)step;
        if (value.ValueKind != JsonValueKind.Array)
            return false;
        var length = value.GetArrayLength();
        index = index < 0 ? index + length : index;
        if (index < 0 || index >= length)
            return false;
        next = value[index];
        return true;
    }

    private static TemplateException Error(JinjaPart part, TemplateErrorKind kind, string message) =>
        new(new TemplateError(kind, message, part.Line, part.Column));
}
