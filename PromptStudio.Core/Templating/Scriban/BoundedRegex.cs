using System.Text;
using System.Text.RegularExpressions;
using Scriban;
using Scriban.Runtime;

namespace PromptStudio.Core.Templating.Scriban;

/// <summary>
/// Scriban's functions over regular expressions. Scriban limits the time of one match but not their number: here the render's limits are
/// checked at each.
/// </summary>
internal static class BoundedRegex
{
    private const int LongestPattern = 2_000;
    private const string Markup = """<script.*?</script>|<style.*?</style>|<!--.*?-->|<(?:"[^"]*"|'[^']*'|[^'">])*>""";

    public static ScriptArray Match(TemplateContext context, string text, string pattern, string? options = null)
    {
        var match = First(context, text, pattern, Read(options));
        return match.Success ? Groups(match) : [];
    }

    public static ScriptArray Matches(TemplateContext context, string text, string pattern, string? options = null)
    {
        var found = new ScriptArray();
        foreach (var match in All(context, text, pattern, Read(options)))
        {
            found.Add(Groups(match));
        }

        return found;
    }

    public static string Replace(TemplateContext context, string text, string pattern, string replace, string? options = null) =>
        Replace(context, text, pattern, replace, Read(options));

    public static ScriptArray Split(TemplateContext context, string text, string pattern, string? options = null)
    {
        var parts = new ScriptArray();
        var end = 0;
        foreach (var match in All(context, text, pattern, Read(options)))
        {
            parts.Add(text[end..match.Index]);
            for (var i = 1; i < match.Groups.Count; i++)
            {
                if (match.Groups[i].Success)
                {
                    parts.Add(match.Groups[i].Value);
                }
            }

            end = match.Index + match.Length;
        }

        parts.Add(text[end..]);
        return parts;
    }

    /// <summary>The text without its HTML tags, comments, scripts and styles.</summary>
    public static string Strip(TemplateContext context, string text) =>
        Replace(context, text, Markup, "", RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.CultureInvariant);

    private static string Replace(TemplateContext context, string? text, string pattern, string? replace, RegexOptions options)
    {
        var result = new StringBuilder();
        var source = text ?? "";
        var end = 0;
        foreach (var match in All(context, source, pattern, options))
        {
            result.Append(source, end, match.Index - end).Append(match.Result(replace ?? ""));
            end = match.Index + match.Length;
            if (result.Length > context.LimitToString)
            {
                throw ScribanFault.OverLimit(
                    context.CurrentSpan, nameof(RenderLimits.AllocatedBytes), $"a text is longer than its limit of {context.LimitToString:N0} characters");
            }
        }

        return result.Append(source, end, source.Length - end).ToString();
    }

    private static IEnumerable<Match> All(TemplateContext context, string? text, string pattern, RegexOptions options)
    {
        for (var match = First(context, text, pattern, options); match.Success; match = match.NextMatch())
        {
            yield return match;
            ((ScribanContext)context).Check();
        }
    }

    private static Match First(TemplateContext context, string? text, string? pattern, RegexOptions options) => pattern?.Length > LongestPattern
        ? throw ScribanFault.OverLimit(
            context.CurrentSpan, nameof(RenderLimits.Steps), $"a regular expression is longer than its limit of {LongestPattern:N0} characters")
        : Regex.Match(text ?? "", pattern ?? "", options, context.RegexTimeOut);

    private static ScriptArray Groups(Match match)
    {
        var groups = new ScriptArray(match.Groups.Count);
        for (var i = 0; i < match.Groups.Count; i++)
        {
            groups.Add(match.Groups[i].Value);
        }

        return groups;
    }

    private static RegexOptions Read(string? options)
    {
        var read = RegexOptions.CultureInvariant;
        foreach (var letter in options ?? "")
        {
            read |= letter switch
            {
                'i' => RegexOptions.IgnoreCase,
                'm' => RegexOptions.Multiline,
                's' => RegexOptions.Singleline,
                'x' => RegexOptions.IgnorePatternWhitespace,
                _ => RegexOptions.None,
            };
        }

        return read;
    }
}
