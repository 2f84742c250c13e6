using System.Text.RegularExpressions;

namespace PromptStudio.Core.Guardrails;

/// <summary>Texts that a guardrail finds and that are none the less right: the support address, the test card.</summary>
public sealed class AllowList
{
    private readonly HashSet<string> _texts;
    private readonly Regex[] _patterns;

    /// <param name="texts">Texts, compared without case.</param>
    /// <param name="patterns">Regular expressions that the whole hit must match; they run in linear time, or not at all.</param>
    /// <exception cref="FormatException">A pattern is none, or cannot run in linear time; the message names it by its place.</exception>
    public AllowList(IReadOnlyList<string> texts, IReadOnlyList<string> patterns)
    {
        (Texts, Patterns) = (texts, patterns);
        _texts = new HashSet<string>(texts, StringComparer.OrdinalIgnoreCase);
        _patterns = [.. patterns.Select(Build)];
    }

    /// <summary>Allows nothing.</summary>
    public static AllowList Empty { get; } = new([], []);

    public IReadOnlyList<string> Texts { get; }

    public IReadOnlyList<string> Patterns { get; }

    /// <summary>Whether a text that a rule found is right.</summary>
    public bool Allows(ReadOnlySpan<char> found)
    {
        if (_texts.Count == 0 && _patterns.Length == 0)
            return false;
        if (_texts.GetAlternateLookup<ReadOnlySpan<char>>().Contains(found))
            return true;
        foreach (var pattern in _patterns)
        {
            try
            {
                if (pattern.IsMatch(found))
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
            return new Regex($@"\A(?:{pattern})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, TimeSpan.FromMilliseconds(20));
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            throw new FormatException($"allow_list.patterns[{index}] is no regular expression that runs in linear time: {exception.Message}", exception);
        }
    }
}
