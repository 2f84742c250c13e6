using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace PromptStudio.Core.Access;

/// <summary>
/// The rule for API keys: <c>ps_</c> and 43 random characters (256 bits), stored as SHA-256 and found by a prefix.
/// A key has enough entropy of its own for a plain hash; a slow one would only slow each render.
/// </summary>
public static partial class ApiKey
{
    /// <summary>Characters of a key that are stored in clear, to find its hash and to name it in the studio.</summary>
    public const int PrefixLength = 8;

    /// <summary>What <see cref="IsWellFormed"/> asks, in words for people.</summary>
    public const string Rule = "A key is 'ps_' and 16 to 125 letters, digits, '_' or '-'.";

    /// <summary>A new random key.</summary>
    public static string New() =>
        "ps_" + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    /// <summary>Whether a text can be a key.</summary>
    public static bool IsWellFormed(string? key) => key is not null && Pattern().IsMatch(key);

    /// <summary>What is stored in clear.</summary>
    public static string Prefix(string key) => key[..Math.Min(PrefixLength, key.Length)];

    /// <summary>What is stored of the rest: SHA-256, 32 bytes.</summary>
    public static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    /// <summary>Whether a key has this hash, in a time that tells nothing.</summary>
    public static bool Matches(string key, ReadOnlySpan<byte> hash) => CryptographicOperations.FixedTimeEquals(Hash(key), hash);

    [GeneratedRegex(@"\Aps_[A-Za-z0-9_-]{16,125}\z", RegexOptions.NonBacktracking)]
    private static partial Regex Pattern();
}
