using Scriban;
using Scriban.Runtime;
using Scriban.Syntax;

namespace PromptStudio.Core.Templating.Scriban;

/// <summary><c>include 'name' [arguments]</c>: the text of another stored prompt. There is no way to a file.</summary>
internal sealed class StoredInclude : IScriptCustomFunction
{
    public int RequiredParameterCount => 1;

    public int ParameterCount => 1;

    public ScriptVarParamKind VarParamKind => ScriptVarParamKind.Direct;

    public Type ReturnType => typeof(string);

    public ScriptParameterInfo GetParameterInfo(int index) =>
        index == 0 ? new ScriptParameterInfo(typeof(string), "name") : new ScriptParameterInfo(typeof(object), "value");

    public object? Invoke(TemplateContext context, ScriptNode? callerContext, ScriptArray arguments, ScriptBlockStatement? blockStatement)
    {
        var caller = callerContext ?? context.CurrentNode;
        var span = caller?.Span ?? default;
        return arguments.Count > 0 && arguments[0] is string { Length: > 0 } name
            ? ((ScribanContext)context).Include(name, arguments, caller)
            : throw new ScribanFault(span, TemplateErrorKind.Type, "a template's name must be a string");
    }

    public ValueTask<object?> InvokeAsync(
        TemplateContext context, ScriptNode? callerContext, ScriptArray arguments, ScriptBlockStatement? blockStatement) =>
        ValueTask.FromResult(Invoke(context, callerContext, arguments, blockStatement));
}
