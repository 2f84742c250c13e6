using System.Globalization;
using System.Text.Json;
using PromptStudio.Core.Executions;
using PromptStudio.Core.Prompts;
using PromptStudio.Core.Templating;
using PromptStudio.Web;

namespace PromptStudio.Prompts;

/// <summary>What a prompt's texts must keep to be saved at all; a template with errors may be saved as a draft.</summary>
internal static class PromptInput
{
    public static Problem? Name(string name) => PromptName.IsValid(name) ? null : PromptProblem.Invalid("name", PromptName.Rule);

    /// <summary>Whatever of these is given keeps its bounds.</summary>
    public static Problem? Texts(string? text, string? format, string? message, string? description, string? category) =>
        TooLong("template_text", text, PromptText.TemplateMaxLength)
        ?? (format is not null && TemplateEngines.Find(format) is null ? PromptProblem.Invalid("template_format", "'template_format' must be 'jinja2' or 'scriban'.") : null)
        ?? TooLong("message", message, PromptText.MessageMaxLength)
        ?? TooLong("description", description, PromptText.DescriptionMaxLength)
        ?? TooLong("category", category, PromptText.CategoryMaxLength);

    /// <summary>Whether a form of storage is one, when any is given.</summary>
    public static Problem? Form(string? form) => form is null || StoredForm.All.Contains(form)
        ? null
        : PromptProblem.Invalid("store_rendered_prompt", $"'store_rendered_prompt' must be one of {string.Join(", ", StoredForm.All)}.");

    /// <summary>Whether variables are a contract, when any are given.</summary>
    public static Problem? Variables(JsonElement variables)
    {
        if (variables.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
            return null;
        try
        {
            TemplateVariables.Parse(variables);
            return null;
        }
        catch (FormatException exception)
        {
            return PromptProblem.Invalid("template_variables", exception.Message);
        }
    }

    /// <summary>The JSON of a contract for its column.</summary>
    public static string? Json(JsonElement variables) => variables.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null ? null : variables.GetRawText();

    /// <summary>Whether two columns hold the same contract, however it is written.</summary>
    public static bool Same(string? one, string? other) =>
        one is null || other is null ? one == other : JsonElement.DeepEquals(JsonElement.Parse(one), JsonElement.Parse(other));

    /// <summary>An empty text is none.</summary>
    public static string? OrNull(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;

    private static Problem? TooLong(string member, string? text, int most) => text?.Length > most
        ? PromptProblem.Invalid(member, string.Create(CultureInfo.InvariantCulture, $"'{member}' may have {most:N0} characters."))
        : null;
}
