using System.Globalization;
using System.Text.RegularExpressions;

namespace PromptStudio.Core.Guardrails;

/// <summary>Texts that a guardrail finds and that are none the less right: the support address, the test card.</summary>
public sealed class AllowList
{
    /// <summary>Texts that a list may have, and patterns.</summary>
    public const int MaxTexts = 1_000;
    public const int MaxPatterns = 100;

    /// <summary>Characters that a pattern may have.</summary>
    public const int MaxPattern = 500;

    private static readonly TimeSpan Time = TimeSpan.FromMilliseconds(10);

    private readonly HashSet<string> _texts;
    private readonly Regex[] _patterns;

    /// <param name="texts">Texts, compared without case.</param>
    /// <param name="patterns">Regular expressions that the whole hit must match; they run in linear time, or not at all.</param>
    /// <exception cref="FormatException">A pattern is none, or cannot run in linear time; the message names it by its place.</exception>
    public AllowList(IReadOnlyList<string> texts, IReadOnlyList<string> patterns)
    {
        if (texts.Count > MaxTexts || patterns.Count > MaxPatterns)
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"allow_list must have at most {MaxTexts:N0} texts and {MaxPatterns:N0} patterns."));
        (Texts, Patterns) = (texts, patterns);
        _texts = new HashSet<string>(texts, StringComparer.OrdinalIgnoreCase);
        _patterns = [.. patterns.Select(Build)];
    }

    /// <summary>Allows nothing.</summary>
    public static AllowList Empty { get; } = new([], []);

    public IReadOnlyList<string> Texts { get; }

    public IReadOnlyList<string> Patterns { get; }

    /// <summary>Whether a text that a rule found is right.</summary>
    /// <param name="found">What was found.</param>
    /// <param name="deadline">What cannot be shown to be allowed by then is not allowed.</param>
    public bool Allows(ReadOnlySpan<char> found, Deadline deadline = default)
    {
        if (_texts.Count == 0 && _patterns.Length == 0)
            return false;
        if (_texts.GetAlternateLookup<ReadOnlySpan<char>>().Contains(found))
            return true;
        foreach (var pattern in _patterns)
        {
            try
            {
                if (!deadline.IsOver && pattern.IsMatch(found))
                    return true;
            }
            catch (RegexMatchTimeoutException)
            {
                // What cannot be shown to be allowed is not allowed.
            }
        }
        return false;
    }

    private static Regex Build(string pattern, int index)
    {
        try
        {
            // By itself first: "a)|(b" is no pattern, but would be one between the brackets below.
            _ = new Regex(pattern, RegexOptions.CultureInvariant, Time);
            if (pattern.Length > MaxPattern)
                throw new FormatException($"allow_list.patterns[{index}] must have at most {MaxPattern} characters.");
            return new Regex($@"\A(?:{pattern})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, Time);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            throw new FormatException($"allow_list.patterns[{index}] is no regular expression that runs in linear time: {exception.Message}", exception);
        }
    }
}
