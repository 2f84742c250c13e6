using System.Globalization;

namespace PromptStudio.Web;

/// <summary>Checks of what stands in a query.</summary>
public static class QueryText
{
    /// <summary>Refuses text that is too long for any column.</summary>
    /// <returns>400 <c>invalid_request</c>, or null.</returns>
    public static Problem? TooLong(string member, string? text, int maxLength) => text?.Length > maxLength
        ? Invalid(member, string.Create(CultureInfo.InvariantCulture, $"'{member}' may have {maxLength:N0} characters."))
        : null;

    /// <summary>Refuses a word that is none of a list.</summary>
    /// <returns>400 <c>invalid_request</c>, or null.</returns>
    public static Problem? Unknown(string member, string? word, IReadOnlyList<string> known) => word is not null && !known.Contains(word, StringComparer.Ordinal)
        ? Invalid(member, $"'{member}' must be one of {string.Join(", ", known)}.")
        : null;

    /// <summary>Refuses a range of time that is empty.</summary>
    /// <returns>400 <c>invalid_request</c>, or null.</returns>
    public static Problem? Backwards(DateTimeOffset? from, DateTimeOffset? to) => from >= to
        ? Invalid("from", "'from' must be before 'to'.")
        : null;

    /// <summary>400 <c>invalid_request</c> that names a member.</summary>
    public static Problem Invalid(string member, string detail) => new(400, "invalid_request", detail) { Extensions = { ["member"] = member } };
}
