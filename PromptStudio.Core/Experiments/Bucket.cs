using System.Globalization;

namespace PromptStudio.Core.Experiments;

/// <summary>Where a user stands between 0 and 1 under a seed: always at the same place, and at unrelated places under different seeds.</summary>
public static class Bucket
{
    /// <summary>Places that there are.</summary>
    public const int Count = 10_000;

    /// <summary>The place of a value under a seed, in steps of 1/<see cref="Count"/>: 0 ≤ place &lt; 1.</summary>
    public static double Of(string seed, string value) => Place(seed, value) / (double)Count;

    /// <summary>The place of a value under a seed, as a whole number: 0 ≤ place &lt; <see cref="Count"/>.</summary>
    /// <remarks>GrowthBook's hash, version 2: FNV-1a (32 bits, over UTF-16 units) of the decimal digits of the FNV-1a of seed and value.</remarks>
    public static int Place(string seed, string value)
    {
        Span<char> digits = stackalloc char[10];
        Hash(Hash(2_166_136_261, seed), value).TryFormat(digits, out var length, provider: CultureInfo.InvariantCulture);
        return (int)(Hash(2_166_136_261, digits[..length]) % Count);
    }

    private static uint Hash(uint hash, ReadOnlySpan<char> text)
    {
        foreach (var unit in text)
            hash = unchecked((hash ^ unit) * 16_777_619);
        return hash;
    }
}
