using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace PromptStudio.Core.Guardrails.Pii;

/// <summary>Digits from a place on, in the groups they are written in: <c>078-05-1121</c> is three groups.</summary>
internal ref struct DigitGroups
{
    private const int MaxGroups = 6;
    private const int MaxDigits = 24;

    private Six _sizes;
    private Six _ends;
    private Six _separators;
    private Digits _digits;

    /// <summary>Groups that were read: no more than any number has.</summary>
    public int Count { get; private set; }

    /// <summary>Reads the groups.</summary>
    /// <param name="text">The text.</param>
    /// <param name="at">Where the first digit is.</param>
    public static DigitGroups Read(ReadOnlySpan<char> text, int at)
    {
        var groups = new DigitGroups();
        var digits = 0;
        while (groups.Count < MaxGroups)
        {
            var size = 0;
            while (at < text.Length && char.IsAsciiDigit(text[at]))
            {
                if (digits == MaxDigits)
                    return groups;
                groups._digits[digits++] = text[at++];
                size++;
            }
            if (!Edge.After(text, at))
                return groups;
            (groups._sizes[groups.Count], groups._ends[groups.Count]) = (size, at);
            groups._separators[groups.Count] = at + 1 < text.Length && text[at] is ' ' or '-' or '.' or ':' && char.IsAsciiDigit(text[at + 1]) ? text[at] : '\0';
            groups.Count++;
            if (groups._separators[groups.Count - 1] == '\0')
                return groups;
            at++;
        }
        return groups;
    }

    public readonly int Size(int group) => _sizes[group];

    /// <summary>What stands after a group; <c>\0</c> after the last.</summary>
    public readonly char Separator(int group) => (char)_separators[group];

    /// <summary>Where a group ends in the text.</summary>
    public readonly int End(int group) => _ends[group];

    /// <summary>The first digits, without what separates them.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<char> First(int count) => ((ReadOnlySpan<char>)_digits)[..count];

    /// <summary>Whether the digits begin with groups of these sizes, with one and the same separator between them, and end there.</summary>
    public readonly bool Are(ReadOnlySpan<char> separators, params ReadOnlySpan<byte> sizes)
    {
        if (Count < sizes.Length)
            return false;
        for (var group = 0; group < sizes.Length; group++)
        {
            if (_sizes[group] != sizes[group] || (group > 0 && (_separators[group - 1] != _separators[0] || !separators.Contains((char)_separators[0]))))
                return false;
        }
        return Separator(sizes.Length - 1) is '\0' or ' ';
    }

    [InlineArray(MaxGroups)]
    private struct Six
    {
        private int _element;
    }

    [InlineArray(MaxDigits)]
    private struct Digits
    {
        private char _element;
    }
}
