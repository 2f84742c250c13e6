using System.Globalization;

namespace PromptStudio.Web;

/// <summary>Optimistic concurrency over HTTP: an answer's <c>ETag</c> names the revision, and an update says with <c>If-Match</c> which one it saw.</summary>
public static class IfMatch
{
    /// <summary>A revision as a strong entity tag, e.g. <c>"3"</c>.</summary>
    public static string Tag(int revision) => string.Create(CultureInfo.InvariantCulture, $"\"{revision}\"");

    /// <summary>Writes a revision into an answer's headers.</summary>
    public static void SetETag(this HttpContext context, int revision) => context.Response.Headers.ETag = Tag(revision);

    /// <summary>Reads the revision that an update saw.</summary>
    /// <returns>The revision; null for <c>*</c>, which takes any; or 428 <c>if_match_required</c>, 400 <c>invalid_request</c>.</returns>
    public static (int? Revision, Problem? Problem) Read(HttpRequest request)
    {
        var header = request.Headers.IfMatch.ToString().Trim();
        if (header.Length == 0)
            return (null, new Problem(428, "if_match_required", "Send the ETag of what you saw as If-Match, so that nobody's change is overwritten."));
        if (header == "*")
            return (null, null);
        return header is ['"', .. var digits, '"'] && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var revision)
            ? (revision, null)
            : (null, new Problem(400, "invalid_request", "If-Match must be the ETag of an earlier answer, e.g. \"3\".") { Extensions = { ["member"] = "If-Match" } });
    }
}
