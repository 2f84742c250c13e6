using Scriban.Syntax;

namespace PromptStudio.Core.Templating.Scriban;

/// <summary>Tells whether a template names a default for a value: only then may it be missing when missing values fail.</summary>
internal static class Defaults
{
    /// <summary>Whether a node is the left side of <c>??</c>, or piped into <c>object.default</c>.</summary>
    public static bool Has(ScriptNode? node) => node?.Parent switch
    {
        ScriptBinaryExpression { Operator: ScriptBinaryOperator.EmptyCoalescing } binary => ReferenceEquals(binary.Left, node),
        ScriptPipeCall pipe => ReferenceEquals(pipe.From, node) && pipe.To is ScriptFunctionCall { Target: ScriptMemberExpression target }
            && target.Member?.Name == "default" && target.Target is ScriptVariableGlobal { Name: "object" },
        _ => false,
    };
}
