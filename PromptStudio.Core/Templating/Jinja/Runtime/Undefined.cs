namespace PromptStudio.Core.Templating.Jinja.Runtime;

/// <summary>A name, attribute or item without a value; remembers what was asked for.</summary>
/// <param name="mode">What it allows.</param>
/// <param name="message">What its error says.</param>
/// <param name="pythonType">The error it raises: <c>UndefinedError</c> or <c>SecurityError</c>.</param>
internal sealed class Undefined(UndefinedMode mode, string message, string pythonType = "UndefinedError") : Referent(Kind.Undefined)
{
    public UndefinedMode Mode => mode;

    /// <summary>What the debug mode prints.</summary>
    public string? DebugText { get; init; }

    /// <summary>The name that was asked for.</summary>
    public Value Name { get; init; } = Value.None;

    /// <summary>Where other names are known; they are only compared when it fails.</summary>
    public RenderContext? Context { get; init; }

    /// <summary>The dict that has no such key.</summary>
    public PyDict? Owner { get; init; }

    /// <summary>The expression that found no value.</summary>
    public Nodes.Node? Origin { get; init; }

    /// <summary>The value that has no such member: its message is only made when it is needed.</summary>
    private (Run Run, Value Owner)? Member { get; init; }

    private string Message => Member is not { } member ? message
        : Name.IsString ? $"'{TypeOf(member.Owner)}' has no attribute {PyRepr.Of(member.Run, Name)}"
        : $"{TypeOf(member.Owner)} has no element {PyRepr.Of(member.Run, Name)}";

    public bool IsSecurity => pythonType == "SecurityError";

    public string TypeName => mode switch
    {
        UndefinedMode.Strict => "StrictUndefined",
        UndefinedMode.Chainable => "ChainableUndefined",
        UndefinedMode.Debug => "DebugUndefined",
        _ => "Undefined",
    };

    public Fault Fault() => new(IsSecurity ? TemplateErrorKind.Security : TemplateErrorKind.Undefined, pythonType, Message)
    {
        Suggestion = !Name.IsString ? null : Owner is not null ? Suggest(Owner, Name.Text) : Context?.SuggestName(Name.Text),
        Detail = Origin,
    };

    /// <summary>What it prints as.</summary>
    public string Print() => mode switch
    {
        UndefinedMode.Strict => throw Fault(),
        UndefinedMode.Debug when Member is { } member =>
            $"{{{{ no such element: {TypeOf(member.Owner)}[{PyRepr.Of(member.Run, Name)}] }}}}",
        UndefinedMode.Debug => $"{{{{ {DebugText ?? "undefined value printed: " + message} }}}}",
        _ => string.Empty,
    };

    /// <summary>Fails when the mode allows no empty use.</summary>
    public void Use()
    {
        if (mode == UndefinedMode.Strict)
        {
            throw Fault();
        }
    }

    /// <summary>Of an attribute or item of a value.</summary>
    public static Value OfMember(Run run, Value owner, Value member, Nodes.Node? origin)
    {
        if (owner.IsUndefined)
        {
            if (owner.Undefined.Mode == UndefinedMode.Chainable)
            {
                return owner;
            }

            throw owner.Undefined.Fault();
        }

        return Value.Of(new Undefined(run.Options.Undefined, string.Empty)
        {
            Member = (run, owner),
            Origin = origin,
            Name = member,
            Owner = owner.Kind == Kind.Dict ? owner.Dict : null,
        });
    }

    // Jinja2's own types are told with their modules.
    private static string TypeOf(Value owner) => owner.IsNone ? "None" : owner.TypeName switch
    {
        "Namespace" or "Cycler" or "Joiner" => $"jinja2.utils.{owner.TypeName} object",
        "LoopContext" or "Macro" or "TemplateReference" => $"jinja2.runtime.{owner.TypeName} object",
        "TemplateModule" => "jinja2.environment.TemplateModule object",
        "Markup" => "markupsafe.Markup object",
        _ => $"{owner.TypeName} object",
    };

    private static string? Suggest(PyDict dict, string name)
    {
        var names = new List<string>();
        for (var i = 0; i < dict.Places && names.Count < 100; i++)
        {
            if (dict.PairAt(i, out var key, out _) && key.IsString)
            {
                names.Add(key.Text);
            }
        }

        return Spelling.Nearest(name, names);
    }
}
