using Scriban.Runtime;

namespace PromptStudio.Core.Templating.Scriban;

/// <summary>An object of a template. Scriban puts values into its own error messages, where nothing bounds how deep it prints them.</summary>
internal sealed class Members() : ScriptObject(0, false)
{
    public override string ToString(string? format, IFormatProvider? formatProvider) =>
        formatProvider is ScribanContext ? base.ToString(format, formatProvider) : "object";
}
