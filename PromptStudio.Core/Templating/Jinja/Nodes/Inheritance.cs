using PromptStudio.Core.Templating.Jinja.Binding;
using PromptStudio.Core.Templating.Jinja.Runtime;

namespace PromptStudio.Core.Templating.Jinja.Nodes;

/// <summary><c>block</c>: a part that a child template may replace.</summary>
internal sealed class BlockStmt : Stmt
{
    private EntryStep[] _entry = [];
    private VisibleName[] _visible = [];
    private int _selfSlot = -1;
    private int _superSlot = -1;
    private bool _mayExtend;

    public required string Name { get; init; }

    public required Body Body { get; init; }

    public required bool IsScoped { get; init; }

    public required bool IsRequired { get; init; }

    public required bool UsesSelf { get; init; }

    public required bool UsesSuper { get; init; }

    public FunctionScope Function { get; } = new(null);

    public override void Declare(ScopeBuilder scope)
    {
        scope.Result.Blocks.Add(this);
        _mayExtend = scope.IsTop && scope.MayExtend;
    }

    public override void BindInner(ScopeBuilder scope) => _visible = IsScoped ? scope.Visible() : [];

    /// <summary>Binds the block's own function; blocks inside it are found meanwhile.</summary>
    public void Bind(BindingResult result)
    {
        var scope = new ScopeBuilder(result, Function, null);
        _selfSlot = UsesSelf ? scope.Parameter("self") : -1;
        _superSlot = UsesSuper ? scope.Parameter("super") : -1;
        Body.Declare(scope);
        _entry = scope.Finish(isFunctionEntry: true);
        Body.BindInner(scope);
    }

    public override Signal Execute(Frame frame)
    {
        frame.Run.Step();
        if (_mayExtend && frame.HasParent)
        {
            return Signal.None;
        }

        var context = IsScoped ? frame.Context.Derive(frame, _visible) : frame.Context;
        var versions = context.Blocks![Name];
        if (IsRequired && versions.Count <= 1)
        {
            throw Fault.Runtime($"Required block '{Name}' not found");
        }

        versions[0].Render(context);
        return Signal.None;
    }

    /// <summary>Writes the block's text.</summary>
    public void Render(RenderContext context)
    {
        var run = context.Run;
        run.Enter();
        var frame = new Frame(Function, null, context);
        frame.Enter(_entry);
        if (_selfSlot >= 0)
        {
            frame.Slots[_selfSlot] = Value.Of(new SelfReference(context));
        }

        if (_superSlot >= 0)
        {
            frame.Slots[_superSlot] = BlockReference.Super(context, Name, this);
        }

        try
        {
            Body.Execute(frame);
        }
        catch (Fault fault) when (fault.PassFrame($"block '{Name}'", context, Line))
        {
            throw;
        }

        run.Leave();
    }
}

/// <summary><c>extends</c>: names the parent template.</summary>
internal sealed class ExtendsStmt(Expr template, NameRange names, Stmt? before) : Stmt
{
    public override void Declare(ScopeBuilder scope) => scope.Load(names);

    public override Signal Execute(Frame frame)
    {
        if (frame.HasParent)
        {
            // Jinja2 names the line of the statement before.
            var fault = Fault.Runtime("extended multiple times");
            fault.Pass(before ?? this, null);
            throw fault;
        }

        var context = frame.Context;
        var parent = Loading.One(context, template.Eval(frame));
        frame.Parent = parent;
        foreach (var block in parent.Template.Blocks)
        {
            context.AddBlock(block);
        }

        return Signal.None;
    }
}
