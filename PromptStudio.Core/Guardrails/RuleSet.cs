using System.Buffers;
using System.Diagnostics;
using PromptStudio.Core.Guardrails.Text;

namespace PromptStudio.Core.Guardrails;

/// <summary>A guardrail, ready to look at texts.</summary>
/// <param name="Guardrail">What it was built from.</param>
/// <param name="Rule">Its rule; null: it could not be built.</param>
/// <param name="Broken">Why it could not be built; null: it could.</param>
public sealed record CompiledGuardrail(Guardrail Guardrail, Rule? Rule, string? Broken)
{
    /// <summary>Builds a guardrail's rule. What cannot be built follows its <c>on_error</c> at each text.</summary>
    public static CompiledGuardrail Build(Guardrail guardrail) => Build(guardrail, TimeProvider.System);

    /// <summary>The same, with the clock by which the rule ends.</summary>
    public static CompiledGuardrail Build(Guardrail guardrail, TimeProvider time)
    {
        try
        {
            return new CompiledGuardrail(guardrail, Guardrails.RuleType.Parse(guardrail.RuleType, guardrail.RuleConfig, time), null);
        }
        catch (FormatException exception)
        {
            return new CompiledGuardrail(guardrail, null, exception.Message);
        }
    }
}

/// <summary>What one guardrail says of one text.</summary>
/// <param name="Guardrail">The guardrail.</param>
/// <param name="Hits">What it found, in the order of the text, without what its allow-list allows. May be there beside an error: what it found before it had to stop.</param>
/// <param name="Error">Why it could not look at all of the text, a sentence for people; null: it could.</param>
public sealed record Finding(CompiledGuardrail Guardrail, IReadOnlyList<Hit> Hits, string? Error = null);

/// <summary>What one guardrail says of one text, and how long it took to say it.</summary>
/// <param name="Guardrail">The guardrail.</param>
/// <param name="Finding">Null: it found nothing.</param>
/// <param name="Elapsed">The rule alone; the views of the text, which all rules share, are made before.</param>
public sealed record Measured(CompiledGuardrail Guardrail, Finding? Finding, TimeSpan Elapsed);

/// <summary>All guardrails of a prompt that look at the same kind of text, built once; immutable, used by many at once.</summary>
public sealed class RuleSet
{
    /// <summary>All rules on one text. One search of a regex may end <see cref="Patterns.RegexPattern.Time"/> later: together they stay below 250 ms.</summary>
    public static readonly TimeSpan Time = TimeSpan.FromMilliseconds(180);

    /// <summary>A test of rules, which may be many.</summary>
    private static readonly TimeSpan MeasureTime = TimeSpan.FromSeconds(2);

    /// <summary>A rule's literals are looked for together with those of the others when there are few: the search for few is several times as fast.</summary>
    private const int FewLiterals = 24;

    /// <summary>Literals that are looked for together.</summary>
    private const int MostLiterals = 72;

    private readonly CompiledGuardrail[] _guardrails;
    private readonly TimeProvider _time;

    /// <summary>Places of the guardrails in the order in which they look: those that can take long come last, so that no text can make them take the others' time.</summary>
    private readonly int[] _order;

    /// <summary>Which rules cannot find anything in a simple text without <see cref="_literals"/>.</summary>
    private readonly bool[] _needsLiterals;
    private readonly SearchValues<string>? _literals;

    /// <param name="guardrails">In the order in which they are to report.</param>
    /// <param name="time">The clock by which they end; null: the system's.</param>
    public RuleSet(IEnumerable<CompiledGuardrail> guardrails, TimeProvider? time = null)
    {
        (_guardrails, _time) = ([.. guardrails], time ?? TimeProvider.System);
        _order = [.. Enumerable.Range(0, _guardrails.Length).OrderBy(index => _guardrails[index].Rule is { IsSlow: true })];
        _needsLiterals = new bool[_guardrails.Length];
        var literals = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var index = 0; index < _guardrails.Length; index++)
        {
            if (_guardrails[index].Rule?.Literals is { Count: > 0 and <= FewLiterals } needed && literals.Count + needed.Count <= MostLiterals)
            {
                literals.UnionWith(needed);
                _needsLiterals[index] = true;
            }
        }
        _literals = literals.Count > 0 ? SearchValues.Create([.. literals], StringComparison.OrdinalIgnoreCase) : null;
    }

    /// <summary>Its guardrails.</summary>
    public IReadOnlyList<CompiledGuardrail> Guardrails => _guardrails;

    /// <summary>
    /// Looks at a text with every guardrail. Takes less than 250 ms, whatever the text and the regexes: what was not looked at for lack of time is an error of its guardrail.
    /// Allocates nothing where nothing is found in a text that hides nothing.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="context">What the text was made from, for expressions.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>A finding for each guardrail that found something or could not look, in the order of the guardrails.</returns>
    public IReadOnlyList<Finding> Check(string text, in RuleContext context = default, CancellationToken cancellationToken = default)
    {
        if (_guardrails.Length == 0)
            return [];
        Finding?[]? findings = null;
        var look = new Look(text, context, Deadline.In(Time, _time), cancellationToken);
        try
        {
            var hasLiterals = _literals is null || !look.IsSimple || look.Contains(_literals);
            foreach (var index in _order)
            {
                if (!hasLiterals && _needsLiterals[index])
                    continue;
                if (look.At(_guardrails[index]) is { } finding)
                    (findings ??= new Finding?[_guardrails.Length])[index] = finding;
            }
        }
        finally
        {
            look.Dispose();
        }
        return findings is null ? [] : [.. findings.OfType<Finding>()];
    }

    /// <summary>The same as <see cref="Check"/>, and how long each guardrail took: the best of a few turns, since the first one also builds what later ones find built.</summary>
    /// <param name="text">The text.</param>
    /// <param name="context">What the text was made from, for expressions.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>One for each guardrail, in their order.</returns>
    public IReadOnlyList<Measured> Measure(string text, in RuleContext context = default, CancellationToken cancellationToken = default)
    {
        const int Turns = 5;
        var quick = TimeSpan.FromMilliseconds(1);
        var measured = new Measured[_guardrails.Length];
        var look = new Look(text, context, Deadline.In(MeasureTime, _time), cancellationToken);
        try
        {
            look.Prepare();
            foreach (var index in _order)
            {
                for (var turn = 0; turn < Turns; turn++)
                {
                    var started = Stopwatch.GetTimestamp();
                    var finding = look.At(_guardrails[index]);
                    var elapsed = Stopwatch.GetElapsedTime(started);
                    if (turn == 0 || elapsed < measured[index].Elapsed)
                        measured[index] = new Measured(_guardrails[index], finding, elapsed);
                    if (elapsed > quick)
                        break;
                }
            }
        }
        finally
        {
            look.Dispose();
        }
        return measured;
    }

    /// <summary>One look at one text; what rules need to know of it is made when the first one asks.</summary>
    private struct Look
    {
        /// <summary>Longer texts are cleaned with their map, where that is needed.</summary>
        private const int MaxBuffer = 1 << 17;

        private readonly string _text;
        private readonly RuleContext _context;
        private readonly Deadline _deadline;
        private readonly CancellationToken _cancellationToken;
        private readonly bool _isPlain;
        private readonly int _cleanLength = -1;
        private char[]? _buffer;
        private RuleInput? _input;

        public Look(string text, in RuleContext context, Deadline deadline, CancellationToken cancellationToken)
        {
            (_text, _context, _deadline, _cancellationToken) = (text, context, deadline, cancellationToken);
            // What is longer than is looked at is never plain: something may be hidden in the rest.
            if (text.Length > TextViews.MaxLength || TextViews.HasHidden(text))
                return;
            _isPlain = TextViews.LooksPlain(text, hasHidden: false);
            if (_isPlain || text.Length > MaxBuffer)
                return;
            _buffer = ArrayPool<char>.Shared.Rent((2 * text.Length) + 64);
            _cleanLength = Cleaning.TryClean(text, _buffer);
        }

        /// <summary>Whether a first look can say that there is nothing to find.</summary>
        public readonly bool IsSimple => _isPlain || _cleanLength >= 0;

        private readonly ReadOnlySpan<char> Clean => _isPlain ? _text : _buffer.AsSpan(0, _cleanLength);

        private RuleInput Input => _input ??= new RuleInput(_text, _isPlain, _deadline) { Variables = _context.Variables, Template = _context.Template, CancellationToken = _cancellationToken };

        /// <summary>Whether the text has one of several, as it is or clean.</summary>
        public readonly bool Contains(SearchValues<string> literals) => Clean.ContainsAny(literals) || (!_isPlain && _text.AsSpan().ContainsAny(literals));

        public void Dispose()
        {
            if (_buffer is not null)
                ArrayPool<char>.Shared.Return(_buffer);
            _buffer = null;
        }

        /// <summary>Makes the views of the text.</summary>
        public void Prepare()
        {
            try
            {
                _ = (Input.Text.Folded, Input.Text.HiddenFolded);
            }
            catch (RuleException)
            {
                // The rules will say so.
            }
        }

        public Finding? At(CompiledGuardrail guardrail)
        {
            if (guardrail.Rule is not { } rule)
                return new Finding(guardrail, [], guardrail.Broken);
            _cancellationToken.ThrowIfCancellationRequested();
            List<Hit>? hits = null;
            string? error = null;
            try
            {
                _deadline.Keep();
                if (IsSimple && !rule.MayFind(_text, Clean, _deadline))
                    return null;
                rule.Find(Input, hits = []);
                error = hits.Count == 0 && Input.Text.IsCut ? "The text is longer than what guardrails look at." : null;
            }
            catch (RuleException exception)
            {
                error = exception.Message;
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // A fault of a rule is the rule's, never the render's.
                error = $"The rule failed: {exception.GetType().Name}.";
            }
            if (hits is not null)
            {
                Rule.Sort(hits);
                RemoveAllowed(guardrail.Guardrail.Allowed, hits);
            }
            return hits is { Count: > 0 } || error is not null ? new Finding(guardrail, hits ?? [], error) : null;
        }

        private readonly void RemoveAllowed(AllowList allowed, List<Hit> hits)
        {
            for (var index = hits.Count - 1; index >= 0; index--)
            {
                if (hits[index].Span is { } span && allowed.Allows(_text.AsSpan(span.Start, span.End - span.Start), _deadline))
                    hits.RemoveAt(index);
            }
        }
    }
}
