using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Scriban;
using Scriban.Parsing;
using Scriban.Runtime;
using Scriban.Runtime.Accessors;
using Scriban.Syntax;

namespace PromptStudio.Core.Templating.Scriban;

/// <summary>
/// Scriban's context with this engine's guards. Making one costs more than a render, so it is reused: after a render that succeeded it is as
/// new, after one that failed it is thrown away, because Scriban does not unwind everything.
/// </summary>
/// <remarks>
/// What bounds what: nodes evaluated, <see cref="RenderLimits.Steps"/>; turns of one loop tree, <see cref="MostTurns"/>; calls inside each other,
/// <see cref="RenderLimits.CallDepth"/>; one string, the output's limit; bytes allocated by the thread,
/// <see cref="RenderLimits.AllocatedBytes"/>, read every few nodes, so that one builtin call may go over by what it makes (strings and lists
/// have bounds of their own); integers, <see cref="MostBits"/>; time, the deadline, and 100 ms for one regular expression.
/// </remarks>
internal sealed class ScribanContext : TemplateContext, IDisposable
{
    private const int MostTurns = 100_000;
    private const int MostBits = 16_384;
    private const int StepsBetweenChecks = 32;
    private const int LongText = 1 << 14;
    private const int MostNamesKept = 200;

    private readonly Members _variables = [];
    private readonly JsonValues _values = new();
    private readonly CountingOutput _output;
    private readonly List<ScribanTemplate> _chain = [];
    private readonly List<TemplateFrame> _frames = [];
    private Dictionary<string, (ScribanSource Source, string Name)>? _included;
    private readonly CancellationTokenSource _stop = new();

    // Null: nobody will ask.
    private OutputLiterals? _literals;
    private IScriptOutput? _lastPage;
    private bool _mayBeChat;
    private RenderRequest _request = null!;
    private long _steps;
    private long _allocatedBefore;
    private long _started;

    private ScribanContext()
        : base(Builtins.Shared)
    {
        _output = new CountingOutput(this);
        NewLine = "\n";
        MemberFilter = _ => false;
        LoopLimit = MostTurns;
        ObjectRecursionLimit = 20;
        RegexTimeOut = TimeSpan.FromMilliseconds(100);
        OnStringLimit = ScriptLimitBehavior.Throw;
        OnOutputLimit = ScriptLimitBehavior.Throw;
        TryGetVariable = OnMissingVariable;
        TryGetMember = OnMissingMember;
        PushCulture(CultureInfo.InvariantCulture);
    }

    public RenderRequest Request => _request;

    /// <summary>A spare context, or a new one.</summary>
    public static ScribanContext Rent() => Spare.Take() ?? new ScribanContext();

    /// <summary>The text of a template. Afterwards the context must be kept with <see cref="Keep"/> or disposed of.</summary>
    public RenderedText Render(ScribanTemplate template, RenderRequest request)
    {
        var limits = request.Limits;
        _request = request;
        _steps = 0;
        _allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
        _started = request.Time.GetTimestamp();
        StrictVariables = template.Undefined == UndefinedMode.Strict;
        EnableRelaxedMemberAccess = EnableRelaxedIndexerAccess = !StrictVariables;
        EnableRelaxedTargetAccess = template.Undefined == UndefinedMode.Chainable;
        RecursiveLimit = limits.CallDepth;

        _values.Open(template.Names);
        if (request.Variables.ValueKind == JsonValueKind.Object)
        {
            _values.Fill(_variables, request.Variables);
        }

        // Above every text that is allowed, or Scriban would refuse to copy a variable.
        LimitToString = Math.Max(limits.OutputCharacters, _values.LongestText) + 1;

        // Counts captures and includes too, so it cannot be the output's limit, which the outermost output keeps.
        OutputLimit = (int)Math.Clamp(limits.AllocatedBytes / sizeof(char), 1, int.MaxValue);
        _output.Open(limits.OutputCharacters);
        _stop.CancelAfter(limits.Deadline);
        CancellationToken = _stop.Token;
        using (request.CancellationToken.UnsafeRegister(static stop => ((CancellationTokenSource)stop!).Cancel(), _stop))
        {
            request.CancellationToken.ThrowIfCancellationRequested();
            _chain.Add(template);
            PushOutput(_output);
            PushGlobal(_variables);
            _mayBeChat = template.MayBeChat;
            _literals = _mayBeChat ? new OutputLiterals() : null;
            var text = template.Parsed.Render(this);
            return new RenderedText(text, _mayBeChat ? _literals!.ToArray(_output) : []);
        }
    }

    /// <summary>Makes the context ready for the next render, after one that succeeded.</summary>
    public void Keep()
    {
        if (!_stop.TryReset() || _variables.Count > MostNamesKept)
        {
            Dispose();
            return;
        }

        PopGlobal();
        PopOutput();
        _variables.Clear();
        _values.Clear();
        _output.Close();
        _chain.Clear();
        _included = null;
        _literals = null;
        _lastPage = null;
        Tags.Clear();
        CachedTemplates.Clear();
        CurrentIndent = null;
        ResetPreviousNewLine();
        _request = null!;
        Spare.Put(this);
    }

    public void Dispose() => _stop.Dispose();

    /// <summary>The error that a failure of the last render is.</summary>
    public TemplateError ErrorOf(Exception failure)
    {
        var (error, span) = Failures.ErrorOf(failure, _request.Limits);
        return Place(error, span) with { Frames = [.. _frames] };
    }

    /// <summary>The text of another stored prompt, rendered with this one's variables.</summary>
    public string Include(string name, ScriptArray arguments, ScriptNode? caller)
    {
        var span = caller?.Span ?? default;
        var template = Load(name, span);
        var isCycle = _chain.Contains(template);
        if (isCycle || _chain.Count > _request.Limits.TemplateDepth)
        {
            var chain = string.Join(" → ", _frames.Select(frame => frame.What["include '".Length..^1]).Prepend("this template").Append(name));
            throw ScribanFault.OverLimit(
                span,
                nameof(RenderLimits.TemplateDepth),
                isCycle ? $"templates include each other in a circle: {chain}"
                    : $"templates include each other deeper than the limit of {_request.Limits.TemplateDepth}: {chain}");
        }

        if (caller is ScriptFunctionCall call && call.Arguments.Any(argument => argument is ScriptNamedArgument { Value: ScriptObjectInitializerExpression }))
        {
            // Scriban evaluates these past Evaluate, so the object would be one that prints without bounds.
            throw new ScribanFault(span, TemplateErrorKind.Type, "an object given to include must be in parentheses, or in a variable");
        }

        // Not in a finally: a failure is told with the way to it.
        _frames.Add(new TemplateFrame($"include '{name}'", NameOf(span), span.Start.Line + 1));
        _chain.Add(template);
        _lastPage = null;
        var text = RenderTemplate(template.Parsed, arguments, caller);
        if (_lastPage is not null)
        {
            _literals!.Keep(_lastPage, text);
        }

        _chain.RemoveAt(_chain.Count - 1);
        _frames.RemoveAt(_frames.Count - 1);
        return text;
    }

    public override object? Evaluate(ScriptNode? scriptNode, bool aliasReturnedFunction)
    {
        if ((++_steps & (StepsBetweenChecks - 1)) == 0)
        {
            Check();
        }

        var value = _literals is null ? base.Evaluate(scriptNode, aliasReturnedFunction) : EvaluateNoted(scriptNode, aliasReturnedFunction);
        if (value is string text)
        {
            if (text.Length > LongText)
            {
                // A few nodes of such texts are many megabytes.
                Check();
            }

            return text;
        }

        return value is null or bool or long or double or Members or Items ? value : Guarded(value, scriptNode);
    }

    public override TemplateContext Write(SourceSpan span, object? textAsObject)
    {
        if (_literals is null || textAsObject is not string text)
        {
            return base.Write(span, textAsObject);
        }

        var mark = OutputLiterals.Length(Output);
        base.Write(span, text);
        _literals.Recall(Output, mark, text);
        return this;
    }

    private object? EvaluateNoted(ScriptNode? scriptNode, bool aliasReturnedFunction)
    {
        if (scriptNode is ScriptRawStatement)
        {
            var mark = OutputLiterals.Length(Output);
            base.Evaluate(scriptNode, aliasReturnedFunction);
            _literals!.Add(Output, mark);
            return null;
        }

        var value = base.Evaluate(scriptNode, aliasReturnedFunction);
        if (scriptNode is ScriptPage)
        {
            // Those that it includes have ended before it.
            _lastPage = Output;
        }

        return value;
    }

    // What a capture has made, as a text.
    private string Captured(StringBuilderOutput output)
    {
        var text = output.ToString();
        _literals?.Keep(output, text);
        return text;
    }

    // What most nodes give needs no guard; the rest is told apart here.
    private object? Guarded(object value, ScriptNode? scriptNode) => value switch
    {
        // What capture stores; everything else expects a text.
        StringBuilderOutput captured => Captured(captured),
        ScriptRange lazy when !IsPlainRange(scriptNode) => Listed(lazy),
        // What braces make, and what 'this' is inside them: Scriban's own kind prints itself without bounds. The builtins are of it too.
        ScriptObject { IsReadOnly: false } made when made.GetType() == typeof(ScriptObject) => Own(made),
        BigInteger big when big.GetBitLength() > MostBits => throw ScribanFault.OverLimit(
            scriptNode?.Span ?? default, nameof(RenderLimits.AllocatedBytes), $"an integer has more than {MostBits:N0} bits"),
        _ => value,
    };

    public override string? ObjectToString(object? value, bool nested = false)
    {
        if (nested && (++_steps & (StepsBetweenChecks - 1)) == 0)
        {
            Check();
        }

        return value is IScriptObject and not (ScriptObject or ScriptArray) ? "object" : base.ObjectToString(value, nested);
    }

    public override void SetLoopVariable(ScriptVariable variable, object? value)
    {
        if (value is KeyValuePair<string, object?> pair)
        {
            var members = new Members();
            members.SetValue("key", pair.Key, false);
            members.SetValue("value", pair.Value, false);
            value = members;
        }

        base.SetLoopVariable(variable, value);
    }

    /// <summary>The value that a JSON text has.</summary>
    public object? FromJson(JsonElement json) => _values.Value(json);

    /// <summary>Fails when a limit is reached.</summary>
    public void Check()
    {
        var limits = _request.Limits;
        if (_steps > limits.Steps)
        {
            throw ScribanFault.OverLimit(CurrentSpan, nameof(RenderLimits.Steps), $"the render takes more than its limit of {limits.Steps:N0} steps");
        }

        if (GC.GetAllocatedBytesForCurrentThread() - _allocatedBefore > limits.AllocatedBytes)
        {
            throw ScribanFault.OverLimit(
                CurrentSpan, nameof(RenderLimits.AllocatedBytes), $"the render needs more than its limit of {limits.AllocatedBytes:N0} bytes");
        }

        if (_request.Time.GetElapsedTime(_started) > limits.Deadline)
        {
            throw Failures.OutOfTime(CurrentSpan, limits);
        }
    }

    protected override IObjectAccessor? GetMemberAccessorImpl(object target) =>
        target is IScriptObject or string or System.Collections.IList || target.GetType().IsPrimitive ? base.GetMemberAccessorImpl(target) : NullAccessor.Default;

    private static bool OnMissingVariable(TemplateContext context, SourceSpan span, ScriptVariable variable, out object? value)
    {
        value = null;
        if (!context.StrictVariables || Defaults.Has(variable))
        {
            return true;
        }

        var known = ((ScribanContext)context)._variables.Keys;
        throw Undefined(span, $"'{variable.Name}' is undefined", Spelling.Nearest(variable.Name, known));
    }

    private static bool OnMissingMember(TemplateContext context, SourceSpan span, object target, string member, out object? value)
    {
        value = null;
        if (context.EnableRelaxedMemberAccess || Defaults.Has(context.CurrentNode))
        {
            return true;
        }

        var known = target is ScriptObject some ? some.Keys : [];
        throw Undefined(span, $"the value has no member '{member}'", Spelling.Nearest(member, known));
    }

    // Lazy lists made of lazy lists would overflow the stack when they are read, long after a loop has nested thousands.
    private ScriptArray Listed(ScriptRange lazy)
    {
        var list = new ScriptArray();
        foreach (var item in lazy)
        {
            Check();
            if (list.Count == MostTurns)
            {
                throw ScribanFault.OverLimit(CurrentSpan, nameof(RenderLimits.Steps), $"a list has more than {MostTurns:N0} elements");
            }

            list.Add(item is ScriptRange inner ? Listed(inner) : item);
        }

        return list;
    }

    private static bool IsPlainRange(ScriptNode? node) => node is ScriptVariable
        or ScriptBinaryExpression { Operator: ScriptBinaryOperator.RangeInclude or ScriptBinaryOperator.RangeExclude };

    private static Members Own(ScriptObject made)
    {
        var own = new Members();
        made.CopyTo(own);
        return own;
    }

    private static ScribanFault Undefined(SourceSpan span, string message, string? suggestion) =>
        new(span, TemplateErrorKind.Undefined, suggestion is null ? message : $"{message}. Did you mean '{suggestion}'?") { Suggestion = suggestion };

    private ScribanTemplate Load(string name, SourceSpan span)
    {
        ITemplate? found;
        try
        {
            found = _request.Loader?.Load(name, _chain[0].Options);
        }
        catch (TemplateException e)
        {
            throw new ScribanFault(span, e.Error.Kind, e.Error.Message) { Known = e.Error with { TemplateName = e.Error.TemplateName ?? name } };
        }

        var template = found switch
        {
            ScribanTemplate own => own,
            null => throw new ScribanFault(span, TemplateErrorKind.NotFound, $"the template '{name}' does not exist"),
            _ => throw new ScribanFault(span, TemplateErrorKind.Type, $"the template '{name}' is written in another language"),
        };
        _mayBeChat |= template.MayBeChat;

        // Noted in any case: what it includes in turn is not known yet, and its text is written as one of all of them.
        _literals ??= new OutputLiterals();
        _included ??= [];
        _included[template.Source.Key] = (template.Source, name);
        return template;
    }

    private TemplateError Place(TemplateError error, SourceSpan span) =>
        error.Line > 0 || span.FileName is null ? error
        : _included is not null && _included.TryGetValue(span.FileName, out var other) ? other.Source.Locate(error, span) with { TemplateName = other.Name }
        : _chain[0].Source.Locate(error, span);

    private string? NameOf(SourceSpan span) =>
        span.FileName is not null && _included is not null && _included.TryGetValue(span.FileName, out var other) ? other.Name : null;
}
