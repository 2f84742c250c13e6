using System.Text;
using PromptStudio.Database;

namespace PromptStudio.Guardrails;

/// <summary>
/// Guardrails see through words in disguise with the help of Unicode's normalisation. Without ICU, or in .NET's invariant mode, that does nothing and says nothing,
/// so the studio looks at its start.
/// </summary>
public static class UnicodeCheck
{
    /// <summary>Tries a ligature and a full-width digit.</summary>
    /// <param name="normalize">How compatibility forms are undone; tests give their own.</param>
    /// <exception cref="StartupException">They are not undone.</exception>
    public static void Run(Func<string, string>? normalize = null)
    {
        normalize ??= text => text.Normalize(NormalizationForm.FormKC);
        if (normalize("ﬁ２") != "fi2")
        {
            throw new StartupException("Unicode normalisation does not work here, so guardrails would miss words in disguise. Install ICU (on Debian: apt-get install libicu-dev) and "
                + "unset DOTNET_SYSTEM_GLOBALIZATION_INVARIANT.");
        }
    }
}
