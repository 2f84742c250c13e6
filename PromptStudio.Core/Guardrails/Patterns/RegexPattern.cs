using System.Buffers;
using System.Globalization;
using System.Text.RegularExpressions;

namespace PromptStudio.Core.Guardrails.Patterns;

/// <summary>One regular expression of a rule, built: in linear time where that can be, else backtracking under a limit of time.</summary>
public sealed class RegexPattern
{
    /// <summary>One search of a text at most.</summary>
    public static readonly TimeSpan Time = TimeSpan.FromMilliseconds(50);

    /// <summary>The same while the rule is hurried.</summary>
    public static readonly TimeSpan ShortTime = TimeSpan.FromMilliseconds(5);

    /// <summary>A linear pattern of at most this size cannot take long, so it needs no second regex for when the rule is hurried.</summary>
    private const int SmallSize = 200;

    /// <summary>A pattern as large as .NET's linear engine does not take any more that repeats repetitions is refused: all that is left for it is exponential time.</summary>
    private const long LargestNest = 10_000;

    private readonly Regex _regex;
    private readonly Regex _hurried;
    private readonly SearchValues<string>? _literals;
    private readonly SearchValues<char>[] _sets;

    /// <param name="text">The pattern.</param>
    /// <param name="options">Flags.</param>
    /// <exception cref="FormatException">It is none, or no engine could run it safely; the message says why.</exception>
    internal RegexPattern(string text, RegexOptions options)
    {
        Text = text;
        try
        {
            // Only reads the syntax: nothing is built for a pattern that is refused below.
            _regex = new Regex(text, options, Time);
        }
        catch (ArgumentException exception)
        {
            throw new FormatException($"is no regular expression: {exception.Message}", exception);
        }
        Shape = RegexShape.Read(text, options);
        if (Shape.Size >= LargestNest && Shape.NestsRepeats)
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"repeats what repeats, {Shape.Size:N0} times when written out; less than {LargestNest:N0} can be kept safe. Lower its counts."));
        _hurried = _regex;
        try
        {
            _regex = new Regex(text, options | RegexOptions.NonBacktracking, Time);
            _hurried = Shape.Size <= SmallSize ? _regex : new Regex(text, options | RegexOptions.NonBacktracking, ShortTime);
        }
        catch (NotSupportedException exception)
        {
            Reason = Shape.Construct is { } construct ? $"It has {construct}, which cannot run in linear time."
                : Shape.Size > LargestNest / 2 ? "It is too large to run in linear time: lower the counts of its repetitions, or split it."
                : $"It cannot run in linear time: {exception.Message}";
            _hurried = new Regex(text, options, ShortTime);
        }
        _literals = Shape.Literals.Count > 0 ? SearchValues.Create([.. Shape.Literals], StringComparison.OrdinalIgnoreCase) : null;
        _sets = [.. Shape.Sets.Select(set => SearchValues.Create(set))];
    }

    /// <summary>The pattern as it was given.</summary>
    public string Text { get; }

    /// <summary>Whether its time grows with the text and no faster.</summary>
    public bool IsLinear => Reason is null;

    /// <summary>Why it has to backtrack, a sentence for people; null: it runs in linear time.</summary>
    public string? Reason { get; }

    /// <summary>What can be said of it without running it.</summary>
    internal RegexShape Shape { get; }

    /// <summary>Whether a text could match at all: most texts have none of what every match contains.</summary>
    internal bool MayMatch(ReadOnlySpan<char> text)
    {
        if (_literals is not null && !text.ContainsAny(_literals))
            return false;
        foreach (var set in _sets)
        {
            if (!text.ContainsAny(set))
                return false;
        }
        return true;
    }

    internal Regex Regex(bool isHurried) => isHurried ? _hurried : _regex;
}

/// <summary>
/// How much time a rule gets. A rule that ran out of it several times within a minute is hurried for the next one: each search gets a tenth of the time.
/// It is not switched off: whoever can send texts could then switch a rule off for everybody by sending some that it is slow on. Hurried, it still holds for
/// ordinary texts, which take far less, and the hostile ones cost little. After the pause it is tried with its full time again.
/// </summary>
internal sealed class RegexPace(TimeProvider time)
{
    /// <summary>Times that a rule may run out of its time within the window.</summary>
    public const int MostTimeouts = 5;

    /// <summary>The window, and the pause.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private int _timeouts;
    private long _windowStart;
    private long _hurriedUntil;

    public bool IsHurried => Volatile.Read(ref _hurriedUntil) is > 0 and var until && time.GetTimestamp() < until;

    public void TimedOut()
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            if (_timeouts == 0 || time.GetElapsedTime(_windowStart, now) > Window)
                (_timeouts, _windowStart) = (0, now);
            if (++_timeouts < MostTimeouts)
                return;
            _timeouts = 0;
            Volatile.Write(ref _hurriedUntil, now + (long)(Window.TotalSeconds * time.TimestampFrequency));
        }
    }
}
