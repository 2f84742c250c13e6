using Scriban;
using Scriban.Runtime;
using Scriban.Syntax;

namespace PromptStudio.Core.Templating.Scriban;

/// <summary><c>array.join</c>: texts, which most lists hold, are joined in one piece; all else is left to Scriban.</summary>
internal sealed class PlainJoin(IScriptCustomFunction join) : IScriptCustomFunction
{
    public int RequiredParameterCount => join.RequiredParameterCount;

    public int ParameterCount => join.ParameterCount;

    public ScriptVarParamKind VarParamKind => join.VarParamKind;

    public Type ReturnType => join.ReturnType;

    public ScriptParameterInfo GetParameterInfo(int index) => join.GetParameterInfo(index);

    public object? Invoke(TemplateContext context, ScriptNode? callerContext, ScriptArray arguments, ScriptBlockStatement? blockStatement) =>
        arguments.Count > 1 && arguments[0] is ScriptArray list && arguments[1] is string between && (arguments.Count == 2 || arguments[2] is null)
            && blockStatement is null && LengthOf(list, between) is var length && length >= 0 && length < context.LimitToString
            ? Join(list, between, (int)length) : join.Invoke(context, callerContext, arguments, blockStatement);

    public ValueTask<object?> InvokeAsync(
        TemplateContext context, ScriptNode? callerContext, ScriptArray arguments, ScriptBlockStatement? blockStatement) =>
        ValueTask.FromResult(Invoke(context, callerContext, arguments, blockStatement));

    // -1 when not all are texts.
    private static long LengthOf(ScriptArray list, string between)
    {
        long length = 0;
        for (var i = 0; i < list.Count; i++)
        {
            if (list[i] is not string text)
            {
                return -1;
            }

            length += text.Length + (i > 0 ? between.Length : 0);
        }

        return length;
    }

    private static string Join(ScriptArray list, string between, int length) => string.Create(length, (list, between), static (joined, parts) =>
    {
        for (var i = 0; i < parts.list.Count; i++)
        {
            if (i > 0)
            {
                parts.between.CopyTo(joined);
                joined = joined[parts.between.Length..];
            }

            var text = (string)parts.list[i]!;
            text.CopyTo(joined);
            joined = joined[text.Length..];
        }
    });
}
