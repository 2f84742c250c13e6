using PromptStudio.Core.Templating.Jinja.Binding;
using PromptStudio.Core.Templating.Jinja.Runtime;

namespace PromptStudio.Core.Templating.Jinja.Nodes;

/// <summary><c>include</c>: another template's text in place.</summary>
internal sealed class IncludeStmt(Expr template, NameRange names, bool ignoreMissing, bool withContext) : Stmt
{
    private VisibleName[] _visible = [];

    public override void Declare(ScopeBuilder scope) => scope.Load(names);

    public override void BindInner(ScopeBuilder scope) => _visible = withContext ? scope.Visible() : [];

    public override Signal Execute(Frame frame)
    {
        frame.Run.Step();
        var context = frame.Context;
        var loaded = Loading.Any(context, template.Eval(frame), ignoreMissing);
        if (loaded is null)
        {
            return Signal.None;
        }

        try
        {
            if (withContext)
            {
                loaded.Template.RenderInto(new RenderContext(context.Run, loaded, context, context.Locals(frame, _visible)));
            }
            else
            {
                frame.Run.Output.Write(Loading.Module(context.Run, loaded).Body);
            }
        }
        catch (Fault fault) when (fault.PassFrame($"include '{loaded.Name}'", context, Line))
        {
            throw;
        }

        return Signal.None;
    }
}

/// <summary><c>import</c>: another template's macros and variables as one object.</summary>
internal sealed class ImportStmt(Expr template, NameRange names, NameExpr target, bool withContext) : Stmt
{
    private VisibleName[] _visible = [];
    private bool _exports;

    public override void Declare(ScopeBuilder scope)
    {
        scope.Load(names);
        scope.Store(target);
        _exports = scope.IsTop;
    }

    public override void BindInner(ScopeBuilder scope) => _visible = withContext ? scope.Visible() : [];

    public override Signal Execute(Frame frame)
    {
        frame.Run.Step();
        var module = Value.Of(FromImportStmt.Load(frame, template, withContext ? _visible : null, Line));
        target.Set(frame, module);
        if (_exports && frame.Context.IsShared)
        {
            frame.Context.Set(target.Name, module, false);
        }

        return Signal.None;
    }
}

/// <summary><c>from … import</c>: some macros and variables of another template.</summary>
internal sealed class FromImportStmt(Expr template, NameRange names, string[] sources, NameExpr[] targets, bool withContext) : Stmt
{
    private VisibleName[] _visible = [];
    private bool _exports;

    public static PyModule Load(Frame frame, Expr template, VisibleName[]? visible, int line)
    {
        var context = frame.Context;
        var loaded = Loading.One(context, template.Eval(frame));
        try
        {
            return visible is null ? Loading.Module(context.Run, loaded)
                : PyModule.Make(new RenderContext(context.Run, loaded, context.Snapshot(), context.Locals(frame, visible)));
        }
        catch (Fault fault) when (fault.PassFrame($"import '{loaded.Name}'", context, line))
        {
            throw;
        }
    }

    public override void Declare(ScopeBuilder scope)
    {
        scope.Load(names);
        foreach (var target in targets)
        {
            scope.Store(target);
        }

        _exports = scope.IsTop;
    }

    public override void BindInner(ScopeBuilder scope) => _visible = withContext ? scope.Visible() : [];

    public override Signal Execute(Frame frame)
    {
        frame.Run.Step();
        var module = Load(frame, template, withContext ? _visible : null, Line);
        for (var i = 0; i < sources.Length; i++)
        {
            var value = module.Attribute(frame.Run, sources[i]);
            if (!value.IsSet)
            {
                value = Value.Of(new Undefined(
                    frame.Run.Options.Undefined, $"the template '{module.Name}' does not export the requested name '{sources[i]}'"));
            }

            targets[i].Set(frame, value);
            if (_exports && frame.Context.IsShared)
            {
                frame.Context.Set(targets[i].Name, value, false);
            }
        }

        return Signal.None;
    }
}
