using PromptStudio.Core.Templating.Jinja.Nodes;

namespace PromptStudio.Core.Templating.Jinja.Runtime;

/// <summary>A macro, or the block of a call: its code and the frame that it was defined in.</summary>
internal sealed class Macro(MacroCode code, Frame outer) : PyObject
{
    public override string TypeName => "Macro";

    public override bool IsCallable => true;

    private string Called => code.Name is null ? "the block of a call" : $"macro '{code.Name}'";

    public override string Repr(Run run) => code.Name is null ? "<Macro anonymous>" : $"<Macro '{code.Name}'>";

    public override Value Attribute(Run run, string name) => name switch
    {
        "name" => code.Name is null ? Value.None : Value.Of(code.Name),
        "arguments" => Value.Of(new PyTuple(Array.ConvertAll(code.Parameters, parameter => Value.Of(parameter.Name)))),
        "catch_kwargs" => Value.Of(code.UsesKwargs),
        "catch_varargs" => Value.Of(code.UsesVarargs),
        "caller" => Value.Of(code.AcceptsCaller),
        _ => default,
    };

    public override Value Call(Run run, in CallArguments arguments)
    {
        run.Enter();
        run.Charge(128 + (code.Function.SlotCount * 24L));
        var escapes = run.Caller?.Autoescape ?? outer.Context.Autoescape;
        var frame = new Frame(code.Function, outer, outer.Context);
        Bind(run, arguments, frame);
        var mark = run.Output.Length;
        try
        {
            FillDefaults(frame);
            code.Body.Execute(frame);
        }
        catch (Fault fault) when (fault.Pass(code.Statement, code.Body.Source) || fault.PassFrame(Called, outer.Context, code.Statement.Line))
        {
            throw;
        }

        run.Leave();
        var text = run.Output.Cut(mark, run);
        return escapes ? Value.Markup(text) : Value.Of(text);
    }

    private void Bind(Run run, in CallArguments arguments, Frame frame)
    {
        var parameters = code.Parameters;
        var positional = arguments.Positional;
        var given = Math.Min(positional.Length, parameters.Length);
        for (var i = 0; i < given; i++)
        {
            frame.Slots[parameters[i].Slot] = positional[i];
        }

        for (var i = given; i < parameters.Length; i++)
        {
            frame.Slots[parameters[i].Slot] = Value.Missing;
        }

        var kwargs = code.KwargsSlot >= 0 ? new PyDict(arguments.Names.Length) : null;
        var caller = Value.None;
        for (var i = 0; i < arguments.Names.Length; i++)
        {
            var name = arguments.Names[i];
            var at = Array.FindIndex(parameters, given, parameter => parameter.Name == name);
            if (at >= 0)
            {
                frame.Slots[parameters[at].Slot] = arguments.Named[i];
            }
            else if (name == "caller" && code.CallerSlot >= 0)
            {
                caller = arguments.Named[i];
            }
            else if (kwargs is not null)
            {
                kwargs.Set(run, name, arguments.Named[i]);
            }
            else
            {
                throw name == "caller" && code.CallerIsParameter
                    ? Fault.Type($"{Called} was invoked with two values for the special caller argument")
                    : Fault.Type($"{Called} takes no keyword argument '{name}'");
            }
        }

        if (code.CallerSlot >= 0)
        {
            frame.Slots[code.CallerSlot] = caller.IsNone
                ? Value.Of(new Undefined(run.Options.Undefined, "No caller defined")) : caller;
        }

        if (kwargs is not null)
        {
            frame.Slots[code.KwargsSlot] = Value.Of(kwargs);
        }

        if (code.VarargsSlot >= 0)
        {
            frame.Slots[code.VarargsSlot] = Value.Of(new PyTuple(positional[given..].ToArray()));
        }
        else if (positional.Length > parameters.Length)
        {
            throw Fault.Type($"{Called} takes not more than {parameters.Length} argument(s)");
        }

        frame.Enter(code.Entry);
    }

    private void FillDefaults(Frame frame)
    {
        var first = code.Parameters.Length - code.Defaults.Length;
        for (var i = 0; i < code.Parameters.Length; i++)
        {
            var parameter = code.Parameters[i];
            if (frame.Slots[parameter.Slot].Kind == Kind.Missing)
            {
                frame.Slots[parameter.Slot] = i >= first ? code.Defaults[i - first].Eval(frame)
                    : Value.Of(new Undefined(frame.Run.Options.Undefined, $"parameter '{parameter.Name}' was not provided"));
            }
        }
    }
}
