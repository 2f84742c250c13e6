using PromptStudio.Core.Templating.Jinja.Library;
using PromptStudio.Core.Templating.Jinja.Runtime;

namespace PromptStudio.Core.Templating.Jinja.Nodes;

/// <summary><c>owner.name</c>: a method or attribute first, then an item.</summary>
internal sealed class AttributeExpr : Expr
{
    private readonly MemberName _member;
    private readonly NameExpr? _ownerName;
    private readonly LoopPart _loopPart;

    public AttributeExpr(Expr owner, string name)
    {
        Owner = owner;
        _ownerName = owner as NameExpr;
        _member = new MemberName(name);
        _loopPart = LoopContext.PartOf(name);
        Height = owner.Height + 1;
        DictMethod = Methods.Find(Kind.Dict, name);
    }

    public Expr Owner { get; }

    public string Name => _member.Text;

    /// <summary>The method of dicts that hides an item of the same name.</summary>
    public Builtin? DictMethod { get; }

    public override Value Eval(Frame frame) => Of(frame, _ownerName is not null ? _ownerName.Eval(frame) : Owner.Eval(frame));

    public Value Of(Frame frame, Value owner)
    {
        if (owner.Ref is PyDict dict && DictMethod is null && dict.TryGet(_member, out var item))
        {
            return item;
        }

        if (owner.Ref is LoopContext loop)
        {
            var value = loop.Attribute(frame.Run, _loopPart);
            if (value.IsSet)
            {
                return value;
            }
        }

        return Get(frame, owner);
    }

    private Value Get(Frame frame, Value owner)
    {
        try
        {
            return Attributes.Get(frame.Run, owner, Name, this);
        }
        catch (Fault fault) when (fault.PassDetail(this))
        {
            throw;
        }
    }
}

/// <summary><c>owner[key]</c>: an item first, then an attribute of that name.</summary>
internal sealed class ItemExpr : Expr
{
    private readonly Expr _owner;
    private readonly Expr _key;
    private readonly MemberName? _name;

    public ItemExpr(Expr owner, Expr key)
    {
        _owner = owner;
        _key = key;
        _name = key is ConstExpr { Value.Kind: Kind.Str } constant ? new MemberName(constant.Value.Text) : null;
        Height = Above(owner, key);
    }

    public override Value Eval(Frame frame)
    {
        var owner = _owner.Eval(frame);
        if (_name is not null && owner.Kind == Kind.Dict && owner.Dict.TryGet(_name, out var item))
        {
            return item;
        }

        try
        {
            return Attributes.Item(frame.Run, owner, _key.Eval(frame), this);
        }
        catch (Fault fault) when (fault.PassDetail(this))
        {
            throw;
        }
    }
}

/// <summary><c>owner[from:to:by]</c>.</summary>
internal sealed class SliceExpr : Expr
{
    private readonly Expr _owner;
    private readonly Expr? _from;
    private readonly Expr? _to;
    private readonly Expr? _by;

    public SliceExpr(Expr owner, Expr? from, Expr? to, Expr? by)
    {
        _owner = owner;
        _from = from;
        _to = to;
        _by = by;
        IsConstant = owner.IsConstant && (from?.IsConstant ?? true) && (to?.IsConstant ?? true) && (by?.IsConstant ?? true);
        Height = 1 + Math.Max(Math.Max(owner.Height, from?.Height ?? 0), Math.Max(to?.Height ?? 0, by?.Height ?? 0));
    }

    public override bool IsConstant { get; }

    public override Value Eval(Frame frame)
    {
        var owner = _owner.Eval(frame);
        var from = _from?.Eval(frame) ?? Value.None;
        var to = _to?.Eval(frame) ?? Value.None;
        var by = _by?.Eval(frame) ?? Value.None;
        try
        {
            return PySequence.Slice(frame.Run, owner, from, to, by);
        }
        catch (Fault fault) when (frame.Run.IsFolding && fault.PythonType == "TypeError")
        {
            return Undefined.OfMember(frame.Run, owner, Value.Of("slice"), this);
        }
        catch (Fault fault) when (fault.PassDetail(this))
        {
            throw;
        }
    }
}

/// <summary>
/// A printed constant with slices in it. Jinja2 works it out before the render, where what cannot be sliced is undefined; when that
/// fails, it is worked out in the render, where it is an error.
/// </summary>
internal sealed class FoldedExpr : Expr
{
    private readonly Expr _constant;

    public FoldedExpr(Expr constant)
    {
        _constant = constant;
        Height = constant.Height + 1;
    }

    public override bool IsConstant => true;

    public override Value Eval(Frame frame)
    {
        frame.Run.IsFolding = true;
        try
        {
            var value = _constant.Eval(frame);
            if (!value.IsUndefined || value.Undefined.Mode != UndefinedMode.Strict)
            {
                return value;
            }
        }
        catch (Fault fault) when (fault.Kind != TemplateErrorKind.Limit && fault.Kind != TemplateErrorKind.Cancelled)
        {
            // Not the render's error yet.
        }
        finally
        {
            frame.Run.IsFolding = false;
        }

        return _constant.Eval(frame);
    }
}

/// <summary>A slice inside an index of several parts, which no value understands.</summary>
internal sealed class BareSliceExpr : Expr
{
    public override Value Eval(Frame frame) => Value.None;
}
