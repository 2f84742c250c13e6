using Scriban;
using Scriban.Runtime;
using Scriban.Syntax;

namespace PromptStudio.Core.Templating.Scriban;

/// <summary>A text search of Scriban's whose worst case, text times pattern, is refused beforehand: no token can stop one under way.</summary>
internal sealed class BoundedSearch(IScriptCustomFunction search) : IScriptCustomFunction
{
    // Characters compared at worst; about a tenth of a second.
    private const long MostComparisons = 1_000_000_000;

    private readonly int _comparison = search.ParameterCount == 5 ? 4 : -1;

    public int RequiredParameterCount => search.RequiredParameterCount;

    public int ParameterCount => search.ParameterCount;

    public ScriptVarParamKind VarParamKind => search.VarParamKind;

    public Type ReturnType => search.ReturnType;

    public ScriptParameterInfo GetParameterInfo(int index) => search.GetParameterInfo(index);

    public object? Invoke(TemplateContext context, ScriptNode? callerContext, ScriptArray arguments, ScriptBlockStatement? blockStatement)
    {
        if (arguments.Count > 1 && arguments[0] is string text && arguments[1] is string pattern && (long)text.Length * pattern.Length > MostComparisons)
        {
            throw ScribanFault.OverLimit(
                callerContext?.Span ?? context.CurrentSpan,
                nameof(RenderLimits.Steps),
                $"a search for {pattern.Length:N0} characters in {text.Length:N0} is too much work");
        }

        if (_comparison >= 0 && _comparison < arguments.Count)
        {
            // Linguistic comparison depends on the machine's culture and is quadratic.
            arguments[_comparison] = (arguments[_comparison] as string) is "OrdinalIgnoreCase" or "InvariantCultureIgnoreCase" or "CurrentCultureIgnoreCase"
                ? "OrdinalIgnoreCase" : "Ordinal";
        }

        return search.Invoke(context, callerContext, arguments, blockStatement);
    }

    public ValueTask<object?> InvokeAsync(
        TemplateContext context, ScriptNode? callerContext, ScriptArray arguments, ScriptBlockStatement? blockStatement) =>
        ValueTask.FromResult(Invoke(context, callerContext, arguments, blockStatement));
}
