using System.Runtime.CompilerServices;
using PromptStudio.Core.Templating.Jinja.Runtime;

namespace PromptStudio.Core.Templating.Jinja.Library;

/// <summary>What a builtin does with its arguments, in the order of its parameters; what was not given is unset.</summary>
internal delegate Value BuiltinCall(Run run, ReadOnlySpan<Value> a);

/// <summary>Writes what a builtin would give straight to the output; false, with nothing written, when it must be called after all.</summary>
internal delegate bool BuiltinPrint(Run run, ReadOnlySpan<Value> a);

/// <summary>A filter, test, method or global function: a name, parameters and a delegate. The tables of these are all that templates reach.</summary>
internal sealed class Builtin
{
    private readonly BuiltinCall? _call;
    private readonly NativeCall? _raw;
    private readonly string[] _parameters = [];
    private readonly int _required;
    private readonly int _positional;
    private readonly int _named;

    /// <summary>With parameters: <c>"value width= / *"</c> — optional ones end in <c>=</c>, those before <c>/</c> have no names, those after <c>*</c> no places.</summary>
    public Builtin(string name, string signature, BuiltinCall call)
    {
        Name = name;
        _call = call;
        var parameters = new List<string>();
        _positional = -1;
        foreach (var part in signature.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            switch (part)
            {
                case "/":
                    _named = parameters.Count;
                    break;
                case "*":
                    _positional = parameters.Count;
                    break;
                default:
                    parameters.Add(part.TrimEnd('='));
                    _required += part.EndsWith('=') ? 0 : 1;
                    break;
            }
        }

        _parameters = [.. parameters];
        _positional = _positional < 0 ? _parameters.Length : _positional;
    }

    /// <summary>With whatever arguments come.</summary>
    public Builtin(string name, NativeCall raw)
    {
        Name = name;
        _raw = raw;
    }

    public string Name { get; }

    /// <summary>Spares a printed result its string; for unescaped output.</summary>
    public BuiltinPrint? Print { get; init; }

    /// <summary>Changes a printed value where it stands in the output, when there are no arguments but the value.</summary>
    public Action<Run, int>? Change { get; init; }

    /// <summary>How many places a call's arguments take when they come by position; 0 when they must be bound first.</summary>
    public int PlacesFor(int positional) =>
        _raw is null && positional >= _required && positional <= _positional ? _parameters.Length : 0;

    /// <summary>Calls with a value at each place, or none.</summary>
    public Value InvokeBound(Run run, ReadOnlySpan<Value> places) => _call!(run, places);

    public Value Invoke(Run run, in CallArguments arguments)
    {
        if (_raw is not null)
        {
            return _raw(run, arguments);
        }

        var positional = arguments.Positional;
        if (positional.Length > _positional)
        {
            throw Fault.Type($"{Name}() takes {_positional} positional argument(s) but {positional.Length} were given");
        }

        if (positional.Length == _parameters.Length)
        {
            return arguments.Names.Length == 0 ? _call!(run, positional) : throw Unexpected(arguments.Names[0]);
        }

        var bound = default(Bound);
        Span<Value> values = bound;
        positional.CopyTo(values);
        for (var i = 0; i < arguments.Names.Length; i++)
        {
            var at = Array.IndexOf(_parameters, arguments.Names[i], _named);
            if (at < 0)
            {
                throw Unexpected(arguments.Names[i]);
            }

            if (values[at].IsSet)
            {
                throw Fault.Type($"{Name}() got multiple values for argument '{arguments.Names[i]}'");
            }

            values[at] = arguments.Named[i];
        }

        for (var i = 0; i < _required; i++)
        {
            if (!values[i].IsSet)
            {
                throw Fault.Type($"{Name}() misses the required argument '{_parameters[i]}'");
            }
        }

        return _call!(run, values[.._parameters.Length]);
    }

    private Fault Unexpected(string name) => Fault.Type($"{Name}() got an unexpected keyword argument '{name}'");

    [InlineArray(10)]
    private struct Bound
    {
        private Value _first;
    }
}

/// <summary>A method with the value it belongs to.</summary>
internal sealed class BoundMethod(Builtin method, Value self) : PyObject
{
    public override string TypeName => "builtin_function_or_method";

    public override bool IsCallable => true;

    public override string Repr(Run run) => $"<built-in method {method.Name} of {self.TypeName} object>";

    public override Value Call(Run run, in CallArguments arguments)
    {
        var all = new Value[arguments.Positional.Length + 1];
        all[0] = self;
        arguments.Positional.CopyTo(all.AsSpan(1));
        return method.Invoke(run, new CallArguments(all, arguments.Names, arguments.Named));
    }

    public override bool Same(Run run, PyObject other) => ReferenceEquals(this, other);
}

/// <summary>A global function or class.</summary>
internal sealed class GlobalFunction(Builtin builtin, bool isClass = false) : PyObject
{
    public override string TypeName => isClass ? "type" : "function";

    public override bool IsCallable => true;

    public override string Repr(Run run) => isClass ? $"<class '{builtin.Name}'>" : $"<function {builtin.Name}>";

    public override Value Call(Run run, in CallArguments arguments) => builtin.Invoke(run, arguments);

    public override Value Attribute(Run run, string name) => name == "__name__" ? Value.Of(builtin.Name) : default;
}

/// <summary>The type of a value, of which only the name can be had.</summary>
internal sealed class PyType(string name) : PyObject
{
    public override string TypeName => "type";

    public override string Repr(Run run) => name == "Markup" ? "<class 'markupsafe.Markup'>" : $"<class '{name}'>";

    public override Value Attribute(Run run, string attribute) => attribute == "__name__" ? Value.Of(name) : default;

    public override bool Same(Run run, PyObject other) => other is PyType type && type.Repr(run) == Repr(run);
}
