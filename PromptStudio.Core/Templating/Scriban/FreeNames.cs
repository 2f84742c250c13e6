using System.Runtime.CompilerServices;
using Scriban.Parsing;
using Scriban.Syntax;

namespace PromptStudio.Core.Templating.Scriban;

/// <summary>
/// Finds the names that a render would look up in its variables, and the prompts that a text includes. A name counts unless the template has
/// surely set it before: in all branches, not only in a loop. Names inside <c>with</c> and after <c>import</c> are left out, because only a
/// render can tell whose members they are. Functions are read last, since they see what is set before they are called.
/// </summary>
internal sealed class FreeNames : ScriptVisitor
{
    private readonly Dictionary<string, int> _free = [];
    private readonly List<TemplateReference> _references = [];
    private readonly Queue<(ScriptFunction Function, HashSet<string> Set, int Open)> _functions = [];
    private HashSet<string> _set = [];
    private int _open;

    /// <summary>All names of the text: of variables and of members.</summary>
    public HashSet<string> All { get; } = new(StringComparer.Ordinal);

    /// <summary>In order of first use.</summary>
    public IReadOnlyList<string> Free => [.. _free.OrderBy(name => name.Value).Select(name => name.Key)];

    public IReadOnlyList<TemplateReference> References => _references;

    /// <exception cref="InsufficientExecutionStackException">The template is nested too deeply.</exception>
    public void Read(ScriptPage page)
    {
        Visit((ScriptNode)page);
        var end = _set;
        while (_functions.TryDequeue(out var next))
        {
            _set = [.. end, .. next.Set, .. (next.Function.Parameters ?? []).OfType<ScriptParameter>().Select(parameter => parameter.Name?.Name).OfType<string>()];
            _open = next.Open;
            Visit(next.Function.Body);
        }
    }

    public override void Visit(ScriptNode? node)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        base.Visit(node);
    }

    public override void Visit(ScriptVariableGlobal node) => Use(node, null);

    public override void Visit(ScriptMemberExpression node)
    {
        All.Add(node.Member?.Name ?? "");
        if (node.Target is ScriptVariableGlobal variable)
        {
            Use(variable, node.Member?.Name);
        }
        else
        {
            Visit(node.Target);
        }
    }

    public override void Visit(ScriptNamedArgument node) => Visit(node.Value);

    public override void Visit(ScriptObjectMember node) => Visit(node.Value);

    public override void Visit(ScriptReadOnlyStatement node)
    {
        // Names a variable without reading it.
    }

    public override void Visit(ScriptAssignExpression node)
    {
        Visit(node.Value);
        if (node.EqualToken.TokenType != TokenType.Equal)
        {
            Visit(node.Target);
        }

        Assign(node.Target);
    }

    public override void Visit(ScriptIncrementDecrementExpression node)
    {
        base.Visit(node);
        Assign(node.Right);
    }

    public override void Visit(ScriptCaptureStatement node)
    {
        Visit(node.Body);
        Assign(node.Target);
    }

    public override void Visit(ScriptForStatement node) => Loop(node, "for");

    public override void Visit(ScriptTableRowStatement node) => Loop(node, "tablerow");

    public override void Visit(ScriptWhileStatement node)
    {
        var before = Branch("while");
        Visit(node.Condition);
        Visit(node.Body);
        _set = before;
    }

    public override void Visit(ScriptIfStatement node)
    {
        Visit(node.Condition);
        Choose(node.Then, node.Else);
    }

    public override void Visit(ScriptWhenStatement node)
    {
        Visit(node.Values);
        Choose(node.Body, node.Next);
    }

    public override void Visit(ScriptWithStatement node)
    {
        Visit(node.Name);
        var before = Branch();
        _open++;
        Visit(node.Body);
        _open--;
        _set = before;
    }

    public override void Visit(ScriptImportStatement node)
    {
        Visit(node.Expression);
        _open++;
    }

    public override void Visit(ScriptFunction node)
    {
        Assign(node.NameOrDoToken as ScriptVariableGlobal);
        _functions.Enqueue((node, [.. _set], _open));
    }

    public override void Visit(ScriptPipeCall node)
    {
        if (IsInclude(node.To) || (node.To is ScriptFunctionCall call && IsInclude(call.Target)))
        {
            Refer(node.From, node);
        }

        base.Visit(node);
    }

    public override void Visit(ScriptFunctionCall node)
    {
        if (IsInclude(node.Target) && !(node.Parent is ScriptPipeCall pipe && ReferenceEquals(pipe.To, node)))
        {
            Refer(node.Arguments.Count > 0 ? node.Arguments[0] : null, node);
        }

        base.Visit(node);
    }

    private static bool IsInclude(ScriptExpression? node) => node is ScriptVariableGlobal { Name: "include" };

    private void Refer(ScriptExpression? name, ScriptNode at) =>
        _references.Add(new TemplateReference(TemplateReferenceKind.Include, (name as ScriptLiteral)?.Value as string, at.Span.Start.Line + 1, false));

    private void Use(ScriptVariableGlobal node, string? member)
    {
        All.Add(node.Name);
        if (_open > 0 || _set.Contains(node.Name) || Builtins.Has(node.Name, member))
        {
            return;
        }

        var offset = node.Span.Start.Offset;
        if (!_free.TryGetValue(node.Name, out var first) || offset < first)
        {
            _free[node.Name] = offset;
        }
    }

    private void Assign(ScriptExpression? target)
    {
        if (target is ScriptVariableGlobal variable)
        {
            _set.Add(variable.Name);
        }
        else
        {
            Visit(target);
        }
    }

    private void Loop(ScriptForStatement node, string name)
    {
        Visit(node.Iterator);
        Visit(node.NamedArguments);
        var before = Branch(name);
        Assign(node.Variable);
        Visit(node.Body);
        _set = [.. before];
        Visit(node.Else);
        _set = before;
    }

    private void Choose(ScriptNode? first, ScriptNode? second)
    {
        var before = Branch();
        Visit(first);
        var afterFirst = _set;
        _set = before;
        Visit(second);
        _set.IntersectWith(afterFirst);
    }

    // What was set stays set; what is set from here on can be forgotten by going back to the answer.
    private HashSet<string> Branch(string? alsoSet = null)
    {
        var before = _set;
        _set = [.. before];
        if (alsoSet is not null)
        {
            _set.Add(alsoSet);
        }

        return before;
    }
}
