using System.Runtime.CompilerServices;
using PromptStudio.Core.Templating.Jinja.Library;
using PromptStudio.Core.Templating.Jinja.Runtime;

namespace PromptStudio.Core.Templating.Jinja.Nodes;

/// <summary><c>owner.name</c>: a method or attribute first, then an item.</summary>
internal sealed class AttributeExpr : Expr
{
    private readonly NameExpr? _ownerName;

    public AttributeExpr(Expr owner, string name)
    {
        Owner = owner;
        Name = name;
        Height = owner.Height + 1;
        DictMethod = Methods.Find(Kind.Dict, name);
        _ownerName = DictMethod is null ? owner as NameExpr : null;
    }

    public Expr Owner { get; }

    public string Name { get; }

    /// <summary>The method of dicts that hides an item of the same name.</summary>
    public Builtin? DictMethod { get; }

    public override Value Eval(Frame frame)
    {
        ref var item = ref Find(frame);
        return Unsafe.IsNullRef(in item) ? Of(frame, Owner.Eval(frame)) : item;
    }

    public override void Print(Frame frame)
    {
        ref var item = ref Find(frame);
        if (Unsafe.IsNullRef(in item))
        {
            base.Print(frame);
        }
        else
        {
            PyRepr.Write(frame.Run, in item);
        }
    }

    public Value Of(Frame frame, Value owner)
    {
        if (owner.Kind == Kind.Dict && DictMethod is null && owner.Dict.TryGet(Name, out var item))
        {
            return item;
        }

        if (owner.Ref is LoopContext loop)
        {
            var value = loop.Attribute(frame.Run, Name);
            if (value.IsSet)
            {
                return value;
            }
        }

        return Get(frame, owner);
    }

    // The item of a dict that a name holds, where it lies; a null reference in every other case.
    private ref Value Find(Frame frame)
    {
        if (_ownerName is not null)
        {
            ref var owner = ref _ownerName.SlotOf(frame);
            if (!Unsafe.IsNullRef(in owner) && owner.Kind == Kind.Dict)
            {
                return ref owner.Dict.Find(Name);
            }
        }

        return ref Unsafe.NullRef<Value>();
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
    private readonly string? _name;

    public ItemExpr(Expr owner, Expr key)
    {
        _owner = owner;
        _key = key;
        _name = key is ConstExpr { Value.Kind: Kind.Str } constant ? constant.Value.Text : null;
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
    private readonly bool _isConstant;

    public SliceExpr(Expr owner, Expr? from, Expr? to, Expr? by)
    {
        _owner = owner;
        _from = from;
        _to = to;
        _by = by;
        _isConstant = owner.IsConstant && (from?.IsConstant ?? true) && (to?.IsConstant ?? true)
            && (by?.IsConstant ?? true);
        Height = 1 + Math.Max(Math.Max(owner.Height, from?.Height ?? 0), Math.Max(to?.Height ?? 0, by?.Height ?? 0));
    }

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
        catch (Fault fault) when (_isConstant && fault.PythonType == "TypeError")
        {
            // Jinja2 looks constants up before the render, where what fails is undefined.
            return Undefined.OfMember(frame.Run, owner, Value.Of("slice"), this);
        }
        catch (Fault fault) when (fault.PassDetail(this))
        {
            throw;
        }
    }
}

/// <summary>A slice inside an index of several parts, which no value understands.</summary>
internal sealed class BareSliceExpr : Expr
{
    public override Value Eval(Frame frame) => Value.None;
}
