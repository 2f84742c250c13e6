using System.Collections.Frozen;

namespace PromptStudio.Core.Templating.Jinja.Library;

/// <summary>All filters by name.</summary>
internal static class FilterTable
{
    private static readonly FrozenDictionary<string, Builtin> Jinja = Table(
        [.. StringFilters.All, .. HtmlFilters.All, .. TextFilters.All, .. SequenceFilters.All, .. SelectFilters.All, .. NumberFilters.All]);

    private static readonly FrozenDictionary<string, Builtin> Chat =
        new Dictionary<string, Builtin>(Jinja, StringComparer.Ordinal) { ["tojson"] = JsonWriter.ChatFilter }
            .ToFrozenDictionary(StringComparer.Ordinal);

    public static Builtin? Find(TemplateOptions options, string name) => Of(options).GetValueOrDefault(name);

    public static IEnumerable<string> Names(TemplateOptions options) => Of(options).Keys;

    private static FrozenDictionary<string, Builtin> Of(TemplateOptions options) =>
        options.Profile == TemplateProfile.HuggingFaceChat ? Chat : Jinja;

    private static FrozenDictionary<string, Builtin> Table(IEnumerable<Builtin> filters)
    {
        var table = filters.ToDictionary(filter => filter.Name, StringComparer.Ordinal);
        foreach (var (alias, name) in new[] { ("d", "default"), ("e", "escape"), ("count", "length") })
        {
            table[alias] = table[name];
        }

        return table.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
