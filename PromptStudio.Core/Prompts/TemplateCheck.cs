using PromptStudio.Core.Templating;

namespace PromptStudio.Core.Prompts;

/// <summary>What <see cref="TemplateCheck"/> found.</summary>
public enum TemplateFindingKind
{
    /// <summary>The version cannot be rendered.</summary>
    Error,

    /// <summary>The template reads a variable that the contract does not name: callers that keep the contract do not send it.</summary>
    Undeclared,

    /// <summary>The contract asks for a variable that the template does not read.</summary>
    Unused,
}

/// <summary>One finding.</summary>
/// <param name="Kind">What kind.</param>
/// <param name="Message">One sentence for people.</param>
/// <param name="Line">The line in the template, from 1; null: it is about the contract.</param>
/// <param name="Column">The column, from 1; null: it is about the contract.</param>
public sealed record TemplateFinding(TemplateFindingKind Kind, string Message, int? Line = null, int? Column = null);

/// <summary>Holds a version's text against the variables that it declares, without rendering it.</summary>
public static class TemplateCheck
{
    /// <summary>Checks a version.</summary>
    /// <param name="format">Its <c>template_format</c>.</param>
    /// <param name="text">Its <c>template_text</c>.</param>
    /// <param name="variables">Its <c>template_variables</c>; a version that declares none takes any.</param>
    /// <param name="options">How the text is read; null: as the studio renders it.</param>
    /// <returns>The findings, errors first; empty when text and contract agree.</returns>
    public static IReadOnlyList<TemplateFinding> Run(string format, string text, string? variables, TemplateOptions? options = null)
    {
        options ??= TemplateOptions.Studio;
        if (TemplateEngines.Find(format) is not { } engine)
            return [new TemplateFinding(TemplateFindingKind.Error, $"There is no template engine '{format}'.")];
        TemplateVariables contract;
        try
        {
            contract = TemplateVariables.Parse(variables);
        }
        catch (FormatException exception)
        {
            return [new TemplateFinding(TemplateFindingKind.Error, exception.Message)];
        }
        var errors = engine.Check(text, options);
        if (errors.Count > 0)
            return [.. errors.Select(error => new TemplateFinding(TemplateFindingKind.Error, error.Message, error.Line, error.Column))];
        return contract.All.Count == 0 ? [] : [.. Compare(engine.Parse(text, options), contract)];
    }

    private static IEnumerable<TemplateFinding> Compare(ITemplate template, TemplateVariables contract)
    {
        foreach (var name in template.FreeVariables.Where(name => contract.Find(name) is null))
            yield return new TemplateFinding(TemplateFindingKind.Undeclared, $"The template reads '{name}', which is not declared.");
        // What it includes may read the rest.
        if (template.References.Count > 0)
            yield break;
        foreach (var variable in contract.All.Where(variable => !template.FreeVariables.Contains(variable.Name)))
            yield return new TemplateFinding(TemplateFindingKind.Unused, $"'{variable.Name}' is declared, and the template does not read it.");
    }
}
