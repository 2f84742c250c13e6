using PromptStudio.Core.Templating.Jinja.Runtime;

namespace PromptStudio.Core.Templating.Jinja.Nodes;

internal sealed class ConstExpr(Value value) : Expr
{
    public Value Value => value;

    public override bool IsConstant => true;

    public override string Describe => "a constant";

    public override Value Eval(Frame frame) => value;
}

internal sealed class ListExpr : Expr
{
    public ListExpr(Expr[] items)
    {
        Items = items;
        Height = Above(items);
    }

    public Expr[] Items { get; }

    public override bool IsConstant => Array.TrueForAll(Items, item => item.IsConstant);

    public override string Describe => "a list";

    public override Value Eval(Frame frame)
    {
        frame.Run.ChargeItems(Items.Length + 2);
        var items = new List<Value>(Items.Length);
        foreach (var item in Items)
        {
            items.Add(item.Eval(frame));
        }

        return Value.Of(new PyList(items));
    }
}

internal sealed class TupleExpr : Expr
{
    public TupleExpr(Expr[] items)
    {
        Items = items;
        Height = Above(items);
    }

    public Expr[] Items { get; }

    public override bool IsConstant => Array.TrueForAll(Items, item => item.IsConstant);

    public override string Describe => "a tuple";

    public override Value Eval(Frame frame)
    {
        frame.Run.ChargeItems(Items.Length + 1);
        var values = new Value[Items.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Items[i].Eval(frame);
        }

        return Value.Of(new PyTuple(values));
    }
}

internal sealed class DictExpr : Expr
{
    private readonly Expr[] _keys;
    private readonly Expr[] _values;

    public DictExpr(Expr[] keys, Expr[] values)
    {
        _keys = keys;
        _values = values;
        Height = Math.Max(Above(keys), Above(values));
    }

    public override bool IsConstant => Array.TrueForAll(_keys, key => key.IsConstant) && Array.TrueForAll(_values, value => value.IsConstant);

    public override string Describe => "a dict";

    public override Value Eval(Frame frame)
    {
        frame.Run.Charge(64 + (_keys.Length * 64L));
        var dict = new PyDict(_keys.Length);
        for (var i = 0; i < _keys.Length; i++)
        {
            var key = _keys[i].Eval(frame);
            dict.Set(frame.Run, key, _values[i].Eval(frame));
        }

        return Value.Of(dict);
    }
}
