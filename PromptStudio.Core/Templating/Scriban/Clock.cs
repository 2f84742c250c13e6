using System.Globalization;
using Scriban;
using Scriban.Runtime;
using Scriban.Syntax;

namespace PromptStudio.Core.Templating.Scriban;

/// <summary>The request's time in UTC as text.</summary>
internal sealed class Clock(string format) : IScriptCustomFunction
{
    public int RequiredParameterCount => 0;

    public int ParameterCount => 0;

    public ScriptVarParamKind VarParamKind => ScriptVarParamKind.None;

    public Type ReturnType => typeof(string);

    public ScriptParameterInfo GetParameterInfo(int index) => throw new ArgumentOutOfRangeException(nameof(index));

    public object? Invoke(TemplateContext context, ScriptNode? callerContext, ScriptArray arguments, ScriptBlockStatement? blockStatement) =>
        ((ScribanContext)context).Request.Time.GetUtcNow().UtcDateTime.ToString(format, CultureInfo.InvariantCulture);

    public ValueTask<object?> InvokeAsync(
        TemplateContext context, ScriptNode? callerContext, ScriptArray arguments, ScriptBlockStatement? blockStatement) =>
        ValueTask.FromResult(Invoke(context, callerContext, arguments, blockStatement));
}
