using System.Runtime.CompilerServices;
using PromptStudio.Core.Templating.Jinja.Library;
using PromptStudio.Core.Templating.Jinja.Runtime;

namespace PromptStudio.Core.Templating.Jinja.Nodes;

/// <summary>Arguments evaluated in place, without an array for the usual few.</summary>
[InlineArray(Count)]
internal struct FewValues
{
    public const int Count = 6;

    private Value _first;
}

/// <summary>Arguments of what takes no more than three: what is on the stack must be cleared first, and most filters take few.</summary>
[InlineArray(Count)]
internal struct ThreeValues
{
    public const int Count = 3;

    private Value _first;
}

/// <summary>The arguments of a call, as they are written.</summary>
internal sealed class ArgumentList(Expr[] positional, string[] names, Expr[] named, Expr? star, Expr? doubleStar)
{
    public static readonly ArgumentList None = new([], [], [], null, null);

    public bool IsPlain => names.Length == 0 && star is null && doubleStar is null && positional.Length < FewValues.Count;

    public Expr[] Positional => positional;

    public bool IsConstant => star is null && doubleStar is null && Array.TrueForAll(positional, expr => expr.IsConstant)
        && Array.TrueForAll(named, expr => expr.IsConstant);

    public int Height
    {
        get
        {
            var height = Math.Max(star?.Height ?? 0, doubleStar?.Height ?? 0);
            foreach (var expr in positional)
            {
                height = Math.Max(height, expr.Height);
            }

            foreach (var expr in named)
            {
                height = Math.Max(height, expr.Height);
            }

            return height;
        }
    }

    /// <summary>Evaluates all; a first value may go before them, a keyword after them.</summary>
    public void Eval(Frame frame, Value before, (string Name, Value Value)? extra, out Value[] values, out string[] keywords, out Value[] keywordValues)
    {
        var run = frame.Run;
        var list = new List<Value>(positional.Length + 1);
        if (before.IsSet)
        {
            list.Add(before);
        }

        foreach (var expr in positional)
        {
            list.Add(expr.Eval(frame));
        }

        var keys = new List<string>(names);
        var items = new List<Value>(named.Length);
        foreach (var expr in named)
        {
            items.Add(expr.Eval(frame));
        }

        if (extra is { } more)
        {
            keys.Add(more.Name);
            items.Add(more.Value);
        }

        if (star is not null)
        {
            list.AddRange(PySequence.ToList(run, star.Eval(frame)).Items);
        }

        if (doubleStar is not null)
        {
            AddKeywords(run, doubleStar.Eval(frame), keys, items);
        }

        values = [.. list];
        keywords = [.. keys];
        keywordValues = [.. items];
    }

    private static void AddKeywords(Run run, Value mapping, List<string> keys, List<Value> items)
    {
        if (mapping.IsUndefined)
        {
            mapping.Undefined.Use();
        }

        if (mapping.Kind != Kind.Dict)
        {
            throw Fault.Type($"argument after ** must be a mapping, not {mapping.TypeName}");
        }

        run.Charge(mapping.Dict.Count * 32L);
        for (var i = 0; i < mapping.Dict.Places; i++)
        {
            if (!mapping.Dict.PairAt(i, out var key, out var value))
            {
                continue;
            }

            if (!key.IsString)
            {
                throw Fault.Type("keywords must be strings");
            }

            if (keys.Contains(key.Text))
            {
                throw Fault.Type($"got multiple values for keyword argument '{key.Text}'");
            }

            keys.Add(key.Text);
            items.Add(value);
        }
    }
}

/// <summary>A call of a value: a function, a macro, a method.</summary>
internal sealed class CallExpr : Expr
{
    private readonly Expr _callee;
    private readonly ArgumentList _arguments;

    public CallExpr(Expr callee, ArgumentList arguments)
    {
        _callee = callee;
        _arguments = arguments;
        Height = Math.Max(callee.Height, arguments.Height) + 1;
    }

    public override Value Eval(Frame frame) => Eval(frame, null);

    /// <summary>Calls with the caller macro of a call block.</summary>
    public Value Eval(Frame frame, (string Name, Value Value)? caller)
    {
        try
        {
            return Call(frame, caller);
        }
        catch (Fault fault) when (fault.PassDetail(this))
        {
            throw;
        }
    }

    private Value Call(Frame frame, (string Name, Value Value)? caller)
    {
        var run = frame.Run;
        run.Step();
        Value callee;
        Value self = default;
        if (_callee is AttributeExpr attribute)
        {
            // Methods of plain values are called without making a bound method first.
            self = attribute.Owner.Eval(frame);
            var method = self.Kind == Kind.Dict ? attribute.DictMethod : self.Kind is Kind.Object or Kind.Undefined ? null
                : Methods.Find(self.Kind, attribute.Name);
            if (method is not null && Methods.IsAllowed(run, self, attribute.Name))
            {
                return Invoke(frame, method, self, caller);
            }

            callee = attribute.Of(frame, self);
        }
        else
        {
            callee = _callee.Eval(frame);
        }

        run.Call(frame.Context);
        if (_arguments.IsPlain && caller is null)
        {
            var few = default(FewValues);
            Span<Value> values = few;
            var count = _arguments.Positional.Length;
            for (var i = 0; i < count; i++)
            {
                values[i] = _arguments.Positional[i].Eval(frame);
            }

            run.Call(frame.Context);
            return Callable(callee).Call(run, new CallArguments(values[..count]));
        }

        _arguments.Eval(frame, default, caller, out var all, out var keywords, out var keywordValues);
        run.Call(frame.Context);
        return Callable(callee).Call(run, new CallArguments(all, keywords, keywordValues));
    }

    // Asked only when the arguments have their values, as in Python.
    private static PyObject Callable(Value callee) => callee.Kind switch
    {
        Kind.Object => callee.Object,
        Kind.Undefined => throw callee.Undefined.Fault(),
        _ => throw Fault.Type($"'{callee.TypeName}' object is not callable"),
    };

    private Value Invoke(Frame frame, Builtin method, Value self, (string Name, Value Value)? caller)
    {
        if (_arguments.IsPlain && caller is null)
        {
            var few = default(FewValues);
            Span<Value> values = few;
            values[0] = self;
            var count = _arguments.Positional.Length;
            for (var i = 0; i < count; i++)
            {
                values[i + 1] = _arguments.Positional[i].Eval(frame);
            }

            frame.Run.Autoescape = frame.Context.Autoescape;
            return method.Invoke(frame.Run, new CallArguments(values[..(count + 1)]));
        }

        _arguments.Eval(frame, self, caller, out var all, out var keywords, out var keywordValues);
        frame.Run.Autoescape = frame.Context.Autoescape;
        return method.Invoke(frame.Run, new CallArguments(all, keywords, keywordValues));
    }
}

/// <summary>A filter or a test applied to a value.</summary>
internal sealed class BuiltinExpr : Expr
{
    private readonly Expr _value;
    private readonly string _name;
    private readonly Builtin? _builtin;
    private readonly ArgumentList _arguments;
    private readonly bool _isTest;
    private readonly int _places;
    private readonly Action<Run, int>? _change;
    private readonly BuiltinPrint? _print;

    public BuiltinExpr(Expr value, string name, Builtin? builtin, ArgumentList arguments, bool isTest)
    {
        _value = value;
        _name = name;
        _builtin = builtin;
        _arguments = arguments;
        _isTest = isTest;
        _places = builtin is not null && arguments.IsPlain ? builtin.PlacesFor(arguments.Positional.Length + 1) : 0;
        _change = _places > 0 && arguments.Positional.Length == 0 ? builtin!.Change : null;
        _print = _places is > 0 and <= ThreeValues.Count ? builtin!.Print : null;
        Height = Math.Max(value.Height, arguments.Height) + 1;
    }

    public override bool IsConstant => _builtin is not null && _value.IsConstant && _arguments.IsConstant
        && _name is not ("map" or "select" or "reject" or "selectattr" or "rejectattr" or "random");

    public override Value Eval(Frame frame)
    {
        var run = frame.Run;
        run.Step();
        var value = _value.Eval(frame);
        try
        {
            switch (_places)
            {
                case 1:
                    run.Call(frame.Context);
                    return _builtin!.InvokeBound(run, new ReadOnlySpan<Value>(in value));
                case 2 or ThreeValues.Count:
                    return OfThree(frame, in value);
                default:
                    return Bind(frame, in value);
            }
        }
        catch (Fault fault) when (fault.PassDetail(this))
        {
            throw;
        }
    }

    public override void Print(Frame frame)
    {
        var run = frame.Run;
        if (_change is not null)
        {
            run.Step();
            var mark = run.Output.Length;
            _value.Print(frame);
            _change(run, mark);
        }
        else if (_print is not null)
        {
            PrintWith(frame, _print);
        }
        else
        {
            base.Print(frame);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void PrintWith(Frame frame, BuiltinPrint print)
    {
        var run = frame.Run;
        run.Step();
        var three = default(ThreeValues);
        Span<Value> values = three;
        values[0] = _value.Eval(frame);
        try
        {
            EvalArguments(frame, values);
            var places = values[.._places];
            if (!print(run, places))
            {
                var value = _builtin!.InvokeBound(run, places);
                PyRepr.Write(run, in value);
            }
        }
        catch (Fault fault) when (fault.PassDetail(this))
        {
            throw;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Value OfThree(Frame frame, in Value value)
    {
        var three = default(ThreeValues);
        Span<Value> values = three;
        values[0] = value;
        EvalArguments(frame, values);
        return _builtin!.InvokeBound(frame.Run, values[.._places]);
    }

    private void EvalArguments(Frame frame, Span<Value> values)
    {
        var positional = _arguments.Positional;
        for (var i = 0; i < positional.Length; i++)
        {
            values[i + 1] = positional[i].Eval(frame);
        }

        frame.Run.Call(frame.Context);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Value Bind(Frame frame, in Value value)
    {
        var run = frame.Run;
        if (_builtin is null)
        {
            throw Fault.Runtime($"No {(_isTest ? "test" : "filter")} named '{_name}' found.");
        }

        if (_arguments.IsPlain)
        {
            var few = default(FewValues);
            Span<Value> values = few;
            values[0] = value;
            var count = _arguments.Positional.Length;
            for (var i = 0; i < count; i++)
            {
                values[i + 1] = _arguments.Positional[i].Eval(frame);
            }

            run.Call(frame.Context);
            return _builtin.Invoke(run, new CallArguments(values[..(count + 1)]));
        }

        _arguments.Eval(frame, value, null, out var all, out var keywords, out var keywordValues);
        run.Call(frame.Context);
        return _builtin.Invoke(run, new CallArguments(all, keywords, keywordValues));
    }
}

/// <summary>The text of the block that a filter is applied to.</summary>
internal sealed class BlockTextExpr : Expr
{
    /// <summary>The slot that holds the text.</summary>
    public int Slot { get; set; }

    public override Value Eval(Frame frame) => frame.Slots[Slot];
}
