using PromptStudio.Core.Templating.Jinja;
using PromptStudio.Core.Templating.Scriban;

namespace PromptStudio.Core.Templating;

/// <summary>The engines that the studio has, by <c>template_format</c>.</summary>
public static class TemplateEngines
{
    private static readonly ITemplateEngine[] All = [new JinjaEngine(), new ScribanEngine()];

    /// <summary>The engine of a format, or null when there is none.</summary>
    public static ITemplateEngine? Find(string format) => Array.Find(All, engine => engine.Format == format);
}
