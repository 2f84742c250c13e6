using PromptStudio.Core.Templating.Jinja.Binding;
using PromptStudio.Core.Templating.Jinja.Runtime;

namespace PromptStudio.Core.Templating.Jinja.Nodes;

/// <summary><c>with</c>: names for a while.</summary>
internal sealed class WithStmt(Target[] targets, Expr[] values, NameRange names, Body body) : Stmt
{
    private EntryStep[] _entry = [];

    public override void Declare(ScopeBuilder scope) => scope.Load(names);

    public override void BindInner(ScopeBuilder scope)
    {
        var inner = scope.Inner();
        foreach (var target in targets)
        {
            target.Declare(inner, true);
        }

        body.Declare(inner);
        _entry = inner.Finish();
        body.BindInner(inner);
    }

    public override Signal Execute(Frame frame)
    {
        frame.Run.Step();
        frame.Enter(_entry);
        for (var i = 0; i < targets.Length; i++)
        {
            targets[i].Assign(frame, values[i].Eval(frame));
        }

        return body.Execute(frame);
    }
}

/// <summary>A scope without names of its own, such as <c>generation</c>.</summary>
internal sealed class ScopeStmt(Body body) : Stmt
{
    private EntryStep[] _entry = [];

    public override void BindInner(ScopeBuilder scope)
    {
        var inner = scope.Inner();
        body.Declare(inner);
        _entry = inner.Finish();
        body.BindInner(inner);
    }

    public override Signal Execute(Frame frame)
    {
        frame.Enter(_entry);
        return body.Execute(frame);
    }
}

/// <summary><c>autoescape</c>.</summary>
internal sealed class AutoescapeStmt(Expr value, NameRange names, Body body) : Stmt
{
    private EntryStep[] _entry = [];

    public override void BindInner(ScopeBuilder scope)
    {
        var inner = scope.Inner();
        inner.Load(names);
        body.Declare(inner);
        _entry = inner.Finish();
        body.BindInner(inner);
    }

    public override Signal Execute(Frame frame)
    {
        frame.Run.Step();
        frame.Enter(_entry);
        var context = frame.Context;
        var before = context.Autoescape;
        context.Autoescape = PyCompare.Truth(frame.Run, value.Eval(frame));
        var signal = body.Execute(frame);
        context.Autoescape = before;
        return signal;
    }
}

/// <summary><c>filter</c>: the text between, filtered.</summary>
internal sealed class FilterBlockStmt(Expr filter, BlockTextExpr text, NameRange names, Body body, EscapeMode escape) : Stmt
{
    private EntryStep[] _entry = [];

    public override void Declare(ScopeBuilder scope) => scope.Load(names);

    public override void BindInner(ScopeBuilder scope)
    {
        var inner = scope.Inner();
        body.Declare(inner);
        _entry = inner.Finish();
        body.BindInner(inner);
        text.Slot = scope.Function.NewSlot();
    }

    public override Signal Execute(Frame frame)
    {
        var run = frame.Run;
        run.Step();
        var mark = run.Output.Length;
        frame.Enter(_entry);
        var signal = body.Execute(frame);
        frame.Slots[text.Slot] = SetBlockStmt.Wrap(frame, run.Output.Cut(mark, run), escape);
        CallBlockStmt.WriteText(run, filter.Eval(frame));
        return signal;
    }
}
