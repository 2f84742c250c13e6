using Scriban;
using Scriban.Parsing;
using Scriban.Runtime;

namespace PromptStudio.Core.Templating.Scriban;

/// <summary>An array of the variables.</summary>
internal sealed class Items : ScriptArray
{
    /// <summary>Whether it holds elements only: templates can give arrays members too, which clearing leaves behind.</summary>
    public bool IsPlain { get; private set; } = true;

    public override bool TrySetValue(TemplateContext? context, SourceSpan span, string member, object? value, bool readOnly)
    {
        IsPlain = false;
        return base.TrySetValue(context, span, member, value, readOnly);
    }
}
