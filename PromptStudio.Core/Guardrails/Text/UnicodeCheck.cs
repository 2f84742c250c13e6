using System.Text;

namespace PromptStudio.Core.Guardrails.Text;

/// <summary>
/// Whether Unicode normalisation works in this process. Where .NET runs without ICU (globalization-invariant mode), normalisation silently does nothing,
/// and words in full-width letters would pass every guardrail.
/// </summary>
public static class UnicodeCheck
{
    /// <summary>Why guardrails cannot be relied on here, in a sentence for operators; null: they can.</summary>
    public static string? Problem() => Problem(text => text.Normalize(NormalizationForm.FormKD), char.ToLowerInvariant);

    /// <summary>The same of the functions given.</summary>
    /// <param name="decompose">Normalises to the form KD.</param>
    /// <param name="lower">Makes a letter small.</param>
    public static string? Problem(Func<string, string> decompose, Func<char, char> lower)
    {
        try
        {
            // Full-width letters, a ligature, a letter with its mark, mathematical letters: each by another table of Unicode.
            if (decompose("\uff49\uff47\ufb01\u00e9\U0001d41a") != "igfie\u0301a")
            {
                return "Unicode normalisation does nothing here, so words in disguise would pass the guardrails. Install ICU (on Debian: libicu), and do not set "
                    + "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT or InvariantGlobalization.";
            }
        }
        catch (Exception exception) when (exception is ArgumentException or PlatformNotSupportedException)
        {
            return $"Unicode normalisation fails here, so words in disguise would pass the guardrails: {exception.Message}";
        }
        return lower('\u0418') == '\u0438' && lower('\u00c9') == '\u00e9' ? null : "Upper and lower case of letters outside ASCII are not known here, so keywords in other scripts would not be found.";
    }
}
