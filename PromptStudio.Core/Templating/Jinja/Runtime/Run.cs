using System.Runtime.CompilerServices;
using PromptStudio.Core.Templating.Jinja.Syntax;

namespace PromptStudio.Core.Templating.Jinja.Runtime;

/// <summary>One render: its budget, its output, its clock.</summary>
internal sealed class Run
{
    private const int Slice = 256;
    private const long NotStarted = long.MinValue;
    private const string Root = "this template";

    [ThreadStatic]
    private static Run? Spare;

    private RenderRequest _request = null!;
    private long _deadline;
    private bool _hasDeadline;
    private bool _isUsed;
    private int _fuel;
    private int _slicesLeft;
    private long _bytesLeft;
    private int _depth;
    private Dictionary<JinjaTemplate, PyModule>? _modules;
    private Dictionary<SourceText, string>? _names;
    private List<string>? _chain;
    private bool _isRootOpen;
    private List<PyObject>? _inRepr;

    private Run() => Variables = new Variables(this);

    public TemplateOptions Options { get; private set; } = null!;

    public OutputBuffer Output { get; } = new();

    public Variables Variables { get; }

    public Spares<LoopContext> Loops { get; } = new(static () => new LoopContext(), static loop => loop.Close());

    public RenderRequest Request => _request;

    /// <summary>Autoescape as the calling template has it: set before a filter or function is called.</summary>
    public bool Autoescape { get; set; }

    /// <summary>Whether a constant is worked out as Jinja2 does it before the render.</summary>
    public bool IsFolding { get; set; }

    /// <summary>The context that calls a filter or function.</summary>
    public RenderContext? Caller { get; set; }

    /// <summary>Notes who calls a filter or function.</summary>
    public void Call(RenderContext context)
    {
        Autoescape = context.Autoescape;
        if (Caller != context)
        {
            Caller = context;
        }
    }

    /// <summary>The names of the templates being rendered, for cycles.</summary>
    public List<string> Chain => _chain ??= _isRootOpen ? [Root] : [];

    /// <summary>Modules made so far, of templates imported without context.</summary>
    public Dictionary<JinjaTemplate, PyModule> Modules => _modules ??= [];

    /// <summary>Objects whose repr is being written: cycles print as dots.</summary>
    public List<PyObject> InRepr => _inRepr ??= [];

    /// <summary>A run to be given back: one is kept for each thread, so that most renders make little but their text.</summary>
    public static Run Rent(RenderRequest request, TemplateOptions options, MemberName[] wanted)
    {
        var run = Spare;
        if (run is null || run._isUsed)
        {
            Spare = run = new Run();
        }

        run._isUsed = true;
        run._request = request;
        run.Options = options;
        run.Variables.Open(request.Variables, wanted);
        var limits = request.Limits;
        run.Output.Clear(limits.OutputCharacters);
        run._fuel = Slice;
        run._slicesLeft = Math.Max(0, limits.Steps / Slice);
        run._bytesLeft = limits.AllocatedBytes;
        run._hasDeadline = limits.Deadline > TimeSpan.Zero && limits.Deadline != Timeout.InfiniteTimeSpan;

        // Most renders end before the first look at the clock, from which the time counts.
        run._deadline = NotStarted;
        return run;
    }

    /// <summary>Ends a render that went well; what failed is not used again. No value of it may be used any more.</summary>
    public void Return()
    {
        Variables.Close();
        Loops.Return();
        _request = null!;
        Options = null!;
        Autoescape = false;
        IsFolding = false;
        Caller = null;
        _depth = 0;
        _modules = null;
        _names = null;
        _chain = null;
        _isRootOpen = false;
        _inRepr = null;
        _isUsed = false;
    }

    /// <summary>One step of work.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Step()
    {
        if (--_fuel < 0)
        {
            NextSlice();
        }
    }

    /// <summary>Several steps of work, known before they are done.</summary>
    public void Steps(long count)
    {
        if (count <= _fuel)
        {
            _fuel -= (int)count;
            return;
        }

        var slices = (count / Slice) + 1;
        if (slices >= _slicesLeft)
        {
            throw OutOfSteps();
        }

        _slicesLeft -= (int)slices - 1;
        NextSlice();
    }

    /// <summary>Charges memory before it is taken.</summary>
    /// <param name="bytes">An estimate, in bytes.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Charge(long bytes)
    {
        if (bytes < 0 || (_bytesLeft -= bytes) < 0)
        {
            throw OutOfMemory();
        }

        if (bytes > 1 << 16)
        {
            Check();
        }
    }

    /// <summary>Charges a string's characters; counts beyond an int are refused.</summary>
    public void ChargeChars(long characters) => Charge(characters < 0 || characters > int.MaxValue ? -1 : characters * 2);

    /// <summary>Charges a list's places.</summary>
    public void ChargeItems(long items) => Charge(items < 0 || items > int.MaxValue / 16 ? -1 : items * 16);

    public void Enter()
    {
        if (++_depth > _request.Limits.CallDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            _depth--;
            throw Fault.Recursion($"calls are nested deeper than the limit of {_request.Limits.CallDepth}");
        }
    }

    public void Leave() => _depth--;

    /// <summary>Remembers the name that a template was loaded by; from here on its own words may matter.</summary>
    public LoadedTemplate Named(JinjaTemplate template, string name)
    {
        if (template.MayBeChat)
        {
            Output.NoteLiterals();
        }

        (_names ??= [])[template.Source] = name;
        return new LoadedTemplate(template, name);
    }

    /// <summary>The name of the template of a text; null for the rendered one.</summary>
    public string? NameOf(SourceText? source) => source is null ? null : _names?.GetValueOrDefault(source);

    /// <summary>Goes into a template; refuses what is too deep, and a parent that is its own descendant.</summary>
    public void Open(string? name, bool cyclesFail = false)
    {
        if (name is null && _chain is null && !_isRootOpen && _request.Limits.TemplateDepth > 0)
        {
            // Most renders stay in one template: they need no list.
            _isRootOpen = true;
            return;
        }

        Chain.Add(name ?? Root);
        var isCycle = cyclesFail && Chain.IndexOf(Chain[^1]) < Chain.Count - 1;
        if (isCycle || Chain.Count > _request.Limits.TemplateDepth)
        {
            var chain = string.Join(" → ", Chain.Count > 12 ? Chain.Take(12).Append("…") : Chain);
            throw Fault.OverLimit(
                nameof(RenderLimits.TemplateDepth),
                isCycle ? $"templates extend each other in a circle: {chain}"
                    : $"templates include each other deeper than the limit of {_request.Limits.TemplateDepth}: {chain}");
        }
    }

    /// <summary>Leaves templates.</summary>
    public void Close(int count)
    {
        if (_chain is null)
        {
            _isRootOpen = false;
            return;
        }

        _chain.RemoveRange(_chain.Count - count, count);
    }

    /// <summary>Guards a recursion over data, whose depth is that of the data.</summary>
    public void GuardStack()
    {
        Step();
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw Fault.Recursion("values are nested too deeply");
        }
    }

    private void NextSlice()
    {
        if (--_slicesLeft < 0)
        {
            throw OutOfSteps();
        }

        _fuel = Slice;
        Check();
    }

    private void Check()
    {
        if (_request.CancellationToken.IsCancellationRequested)
        {
            throw new Fault(TemplateErrorKind.Cancelled, "KeyboardInterrupt", "the render was cancelled");
        }

        if (_hasDeadline)
        {
            CheckTime();
        }
    }

    private void CheckTime()
    {
        var (time, limit) = (_request.Time, _request.Limits.Deadline);
        var now = time.GetTimestamp();
        if (_deadline == NotStarted)
        {
            _deadline = now + (long)(limit.TotalSeconds * time.TimestampFrequency);
        }
        else if (now > _deadline)
        {
            throw Fault.OverLimit(nameof(RenderLimits.Deadline), $"the render takes longer than its limit of {limit.TotalMilliseconds:0} ms");
        }
    }

    private Fault OutOfMemory() => Fault.OverLimit(
        nameof(RenderLimits.AllocatedBytes),
        $"the render needs more memory than its limit of {_request.Limits.AllocatedBytes:N0} bytes");

    private Fault OutOfSteps() => Fault.OverLimit(
        nameof(RenderLimits.Steps), $"the render takes more than its limit of {_request.Limits.Steps:N0} steps");
}
