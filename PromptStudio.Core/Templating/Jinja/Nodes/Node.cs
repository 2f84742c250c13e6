using PromptStudio.Core.Templating.Jinja.Binding;
using PromptStudio.Core.Templating.Jinja.Runtime;
using PromptStudio.Core.Templating.Jinja.Syntax;

namespace PromptStudio.Core.Templating.Jinja.Nodes;

/// <summary>A part of a parsed template, with its place. The tree is what is executed: nothing in it changes once it is bound.</summary>
internal abstract class Node
{
    /// <summary>The line that Jinja2 gives it, from 1.</summary>
    public int Line { get; set; }

    public int Start { get; set; }

    public int End { get; set; }
}

/// <summary>An expression.</summary>
internal abstract class Expr : Node
{
    /// <summary>The longest way down to a leaf: what evaluating it takes of the stack.</summary>
    public int Height { get; protected init; } = 1;

    /// <summary>Jinja2 computes it before the render.</summary>
    public virtual bool IsConstant => false;

    /// <summary>How the grammar calls it in messages.</summary>
    public virtual string Describe => "an expression";

    public abstract Value Eval(Frame frame);

    /// <summary>Writes its value to the output, unescaped.</summary>
    public virtual void Print(Frame frame) => PyRepr.Write(frame.Run, Eval(frame));

    /// <summary>Whether its value counts as true.</summary>
    public virtual bool Holds(Frame frame) => PyCompare.Truth(frame.Run, Eval(frame));

    protected static int Above(Expr a, Expr b) => Math.Max(a.Height, b.Height) + 1;

    protected static int Above(ReadOnlySpan<Expr> children)
    {
        var height = 0;
        foreach (var child in children)
        {
            height = Math.Max(height, child.Height);
        }

        return height + 1;
    }
}

internal enum Signal : byte
{
    None,
    Break,
    Continue,
}

/// <summary>The expressions' names of a statement: a part of all names of the template, in their order.</summary>
internal readonly record struct NameRange(int From, int To);

/// <summary>A statement.</summary>
internal abstract class Stmt : Node
{
    public abstract Signal Execute(Frame frame);

    /// <summary>Tells the scope which names it reads and sets there, in order; inner scopes excepted.</summary>
    public virtual void Declare(ScopeBuilder scope)
    {
    }

    /// <summary>Binds its inner scopes, once the scope around is known whole.</summary>
    public virtual void BindInner(ScopeBuilder scope)
    {
    }
}

/// <summary>Statements one after the other.</summary>
internal sealed class Body(Stmt[] statements, SourceText? source)
{
    public static readonly Body Empty = new([], null);

    private readonly Step[] _steps = [.. StepsOf(statements)];

    public SourceText? Source => source;

    public Stmt[] Statements => statements;

    public Signal Execute(Frame frame)
    {
        // What the filter below reads lives in memory: it is written once a step, and what is read at each is another variable.
        var at = 0;
        try
        {
            var steps = _steps;
            for (var i = 0; i < steps.Length; i++)
            {
                at = i;
                ref var step = ref steps[i];
                step.Text?.Execute(frame);

                // Most statements print: a call that need not look for its target is half as long.
                var signal = step.Statement is PrintStmt print ? print.Execute(frame) : step.Statement.Execute(frame);
                if (signal != Signal.None)
                {
                    return signal;
                }
            }

            return Signal.None;
        }
        catch (Fault fault) when (fault.Pass(_steps[at].Statement, source))
        {
            throw;
        }
    }

    public void Declare(ScopeBuilder scope)
    {
        foreach (var statement in statements)
        {
            statement.Declare(scope);
        }
    }

    public void BindInner(ScopeBuilder scope)
    {
        foreach (var statement in statements)
        {
            statement.BindInner(scope);
        }
    }

    private static IEnumerable<Step> StepsOf(Stmt[] statements)
    {
        TextStmt? before = null;
        for (var i = 0; i < statements.Length; i++)
        {
            if (before is null && statements[i] is TextStmt text && i + 1 < statements.Length)
            {
                before = text;
            }
            else
            {
                yield return new Step(before, statements[i]);
                before = null;
            }
        }
    }

    // A statement with the text before it.
    private readonly record struct Step(TextStmt? Text, Stmt Statement);
}
