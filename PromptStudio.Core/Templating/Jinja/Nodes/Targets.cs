using PromptStudio.Core.Templating.Jinja.Binding;
using PromptStudio.Core.Templating.Jinja.Runtime;

namespace PromptStudio.Core.Templating.Jinja.Nodes;

/// <summary>What a value can be set to.</summary>
internal abstract class Target : Node
{
    public abstract void Assign(Frame frame, Value value);

    /// <summary>Fails when nothing can be assigned: asked before the value is worked out.</summary>
    public virtual void Check(Frame frame)
    {
    }

    public abstract void Declare(ScopeBuilder scope, bool asParameter);

    /// <summary>Makes the names that it sets known to other templates.</summary>
    public virtual void Export(Frame frame)
    {
    }
}

internal sealed class NameTarget(NameExpr name) : Target
{
    public NameExpr Name => name;

    public override void Assign(Frame frame, Value value) => name.Set(frame, value);

    public override void Declare(ScopeBuilder scope, bool asParameter)
    {
        if (asParameter)
        {
            scope.Parameter(name);
        }
        else
        {
            scope.Store(name);
        }
    }

    public override void Export(Frame frame) => frame.Context.Set(name.Name, frame.Slots[name.Slot], true);
}

/// <summary>Several names, each of which gets an element.</summary>
internal sealed class TupleTarget(Target[] parts) : Target
{
    public TupleTarget Copy(Converter<Target, Target> copyPart) => new(Array.ConvertAll(parts, copyPart));

    public override void Assign(Frame frame, Value value)
    {
        if (value.Kind == Kind.Tuple && value.Tuple.Items.Length == parts.Length)
        {
            for (var i = 0; i < parts.Length; i++)
            {
                parts[i].Assign(frame, value.Tuple.Items[i]);
            }

            return;
        }

        var run = frame.Run;
        var iterator = PySequence.TryIterate(run, value)
            ?? throw Fault.Type($"cannot unpack non-iterable {value.TypeName} object");
        var values = new Value[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            if (!iterator.Next(run, out values[i]))
            {
                throw Fault.Value($"not enough values to unpack (expected {parts.Length}, got {i})");
            }
        }

        if (iterator.Next(run, out _))
        {
            throw Fault.Value($"too many values to unpack (expected {parts.Length})");
        }

        for (var i = 0; i < parts.Length; i++)
        {
            parts[i].Assign(frame, values[i]);
        }
    }

    public override void Declare(ScopeBuilder scope, bool asParameter)
    {
        foreach (var part in parts)
        {
            part.Declare(scope, asParameter);
        }
    }

    public override void Export(Frame frame)
    {
        foreach (var part in parts)
        {
            part.Export(frame);
        }
    }
}

/// <summary>An attribute of a namespace.</summary>
internal sealed class NamespaceTarget(NameExpr space, string attribute) : Target
{
    public override void Assign(Frame frame, Value value) => SpaceOf(frame).Set(frame.Run, attribute, value);

    public override void Check(Frame frame) => SpaceOf(frame);

    private Namespace SpaceOf(Frame frame) =>
        space.Eval(frame).Ref as Namespace ?? throw Fault.Runtime("cannot assign attribute on non-namespace object");

    public override void Declare(ScopeBuilder scope, bool asParameter) => scope.Load(space);
}

/// <summary><c>set target = value</c>.</summary>
internal sealed class SetStmt(Target target, Expr value, NameRange names) : Stmt
{
    private bool _exports;

    public override void Declare(ScopeBuilder scope)
    {
        scope.Load(names);
        target.Declare(scope, false);
        _exports = scope.IsTop;
    }

    public override Signal Execute(Frame frame)
    {
        frame.Run.Step();
        target.Check(frame);
        target.Assign(frame, value.Eval(frame));
        if (_exports && frame.Context.IsShared)
        {
            target.Export(frame);
        }

        return Signal.None;
    }
}

/// <summary><c>set target</c> … <c>endset</c>: the text between, filtered.</summary>
internal sealed class SetBlockStmt(Target target, Expr? filter, BlockTextExpr text, NameRange names, Body body, EscapeMode escape) : Stmt
{
    private EntryStep[] _entry = [];
    private bool _exports;

    public override void Declare(ScopeBuilder scope)
    {
        target.Declare(scope, false);
        _exports = scope.IsTop;
    }

    public override void BindInner(ScopeBuilder scope)
    {
        var inner = new ScopeBuilder(scope.Result, scope.Function, scope);
        inner.Load(names);
        body.Declare(inner);
        _entry = inner.Finish();
        body.BindInner(inner);
        text.Slot = scope.Function.NewSlot();
    }

    public override Signal Execute(Frame frame)
    {
        frame.Run.Step();
        var mark = frame.Run.Output.Length;
        frame.Enter(_entry);
        var signal = body.Execute(frame);
        var cut = frame.Run.Output.Cut(mark, frame.Run);
        var value = Wrap(frame, cut, escape);
        target.Check(frame);
        if (filter is not null)
        {
            frame.Slots[text.Slot] = value;
            value = filter.Eval(frame);
            value = frame.Context.Autoescape ? Value.Markup(PyRepr.Text(frame.Run, value)) : value;
        }

        target.Assign(frame, value);
        if (_exports && frame.Context.IsShared)
        {
            target.Export(frame);
        }

        return signal;
    }

    public static Value Wrap(Frame frame, string text, EscapeMode escape) =>
        escape == EscapeMode.On || (escape == EscapeMode.Volatile && frame.Context.Autoescape) ? Value.Markup(text) : Value.Of(text);
}
