using PromptStudio.Core.Templating.Jinja.Binding;
using PromptStudio.Core.Templating.Jinja.Runtime;

namespace PromptStudio.Core.Templating.Jinja.Nodes;

/// <summary>The code of a macro or of a call block.</summary>
internal sealed class MacroCode
{
    public required string? Name { get; init; }

    public required NameExpr[] Parameters { get; init; }

    /// <summary>Defaults of the last parameters.</summary>
    public required Expr[] Defaults { get; init; }

    public required NameRange DefaultNames { get; init; }

    public required Body Body { get; init; }

    public required EscapeMode Escape { get; init; }

    public required bool UsesCaller { get; init; }

    public required bool UsesKwargs { get; init; }

    public required bool UsesVarargs { get; init; }

    /// <summary>The body or the parameters speak of a caller.</summary>
    public bool AcceptsCaller => UsesCaller || CallerIsParameter;

    /// <summary><c>caller</c> is a parameter, with a default.</summary>
    public bool CallerIsParameter { get; private set; }

    public FunctionScope Function { get; private set; } = null!;

    public EntryStep[] Entry { get; private set; } = [];

    public int CallerSlot { get; private set; } = -1;

    public int KwargsSlot { get; private set; } = -1;

    public int VarargsSlot { get; private set; } = -1;

    public Stmt Statement { get; set; } = null!;

    public void Bind(ScopeBuilder scope)
    {
        var inner = scope.InnerFunction();
        Function = inner.Function;
        foreach (var parameter in Parameters)
        {
            inner.Parameter(parameter);
            CallerIsParameter |= parameter.Name == "caller";
        }

        CallerSlot = UsesCaller && !CallerIsParameter ? inner.Parameter("caller") : -1;
        KwargsSlot = UsesKwargs && !IsParameter("kwargs") ? inner.Parameter("kwargs") : -1;
        VarargsSlot = UsesVarargs && !IsParameter("varargs") ? inner.Parameter("varargs") : -1;
        inner.Load(DefaultNames);
        Body.Declare(inner);
        Entry = inner.Finish(isFunctionEntry: true);
        Body.BindInner(inner);
    }

    private bool IsParameter(string name) => Array.Exists(Parameters, parameter => parameter.Name == name);
}

/// <summary><c>macro</c>.</summary>
internal sealed class MacroStmt(NameExpr name, MacroCode code) : Stmt
{
    private bool _exports;

    public override void Declare(ScopeBuilder scope)
    {
        scope.Store(name);
        _exports = scope.IsTop;
    }

    public override void BindInner(ScopeBuilder scope) => code.Bind(scope);

    public override Signal Execute(Frame frame)
    {
        frame.Run.Charge(64);
        var macro = Value.Of(new Macro(code, frame));
        if (_exports && frame.Context.IsShared)
        {
            frame.Context.Set(name.Name, macro, true);
        }

        name.Set(frame, macro);
        return Signal.None;
    }
}

/// <summary><c>call</c>: calls a macro and hands it the block as <c>caller</c>.</summary>
internal sealed class CallBlockStmt(CallExpr call, NameRange names, MacroCode code) : Stmt
{
    public static void WriteText(Run run, Value value)
    {
        if (!value.IsString)
        {
            throw value.IsUndefined ? Fault.Type($"expected str instance, {value.TypeName} found")
                : Fault.Type($"sequence item 0: expected str instance, {value.TypeName} found");
        }

        run.Output.Write(value.Text);
    }

    public override void Declare(ScopeBuilder scope) => scope.Load(names);

    public override void BindInner(ScopeBuilder scope) => code.Bind(scope);

    public override Signal Execute(Frame frame)
    {
        frame.Run.Step();
        WriteText(frame.Run, call.Eval(frame, ("caller", Value.Of(new Macro(code, frame)))));
        return Signal.None;
    }
}
