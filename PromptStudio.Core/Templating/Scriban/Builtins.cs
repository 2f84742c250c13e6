using Scriban;
using Scriban.Runtime;

namespace PromptStudio.Core.Templating.Scriban;

/// <summary>
/// The functions that templates have: Scriban's, without those that run text as code (<c>object.eval</c>), that differ from run to run
/// (<c>math.random</c>, <c>math.uuid</c>), that need .NET objects (<c>timespan</c>) or that reach around <c>include</c>'s guard
/// (<c>include_join</c>). <c>date</c> has two members on the request's clock, both texts: <c>date.now</c> and <c>date.today</c>, in UTC.
/// </summary>
internal static class Builtins
{
    private static readonly string[] Searching =
        ["contains", "index_of", "remove", "remove_first", "remove_last", "replace", "replace_first", "split"];

    /// <summary>Shared by all renders, so nothing in it can be written.</summary>
    public static ScriptObject Shared { get; } = Make();

    /// <summary>Whether a name, or a member of it, is a function of this engine rather than a variable.</summary>
    public static bool Has(string name, string? member) => Shared.TryGetValue(null, default, name, out var value)
        && (value is not ScriptObject group || (member is not null && group.Contains(member)));

    private static ScriptObject Make()
    {
        var all = (ScriptObject)TemplateContext.GetDefaultBuiltinObject().Clone(true);
        foreach (var name in (string[])["date", "timespan", "include", "include_join"])
        {
            all.Remove(name);
        }

        var objects = (ScriptObject)all["object"]!;
        objects.Remove("eval");
        objects.Remove("eval_template");
        var math = (ScriptObject)all["math"]!;
        math.Remove("random");
        math.Remove("uuid");
        var strings = (ScriptObject)all["string"]!;
        foreach (var name in Searching)
        {
            strings.SetValue(name, new BoundedSearch((IScriptCustomFunction)strings[name]!), true);
        }

        var arrays = (ScriptObject)all["array"]!;
        arrays.SetValue("join", new PlainJoin((IScriptCustomFunction)arrays["join"]!), true);
        Replace(all, "object", "to_json", BoundedJson.ToJson);
        Replace(all, "object", "from_json", BoundedJson.FromJson);
        Replace(all, "html", "strip", BoundedRegex.Strip);
        Replace(all, "regex", "match", BoundedRegex.Match);
        Replace(all, "regex", "matches", BoundedRegex.Matches);
        Replace(all, "regex", "replace", BoundedRegex.Replace);
        Replace(all, "regex", "split", BoundedRegex.Split);
        var date = new ScriptObject();
        date.SetValue("now", new Clock("yyyy-MM-dd'T'HH:mm:ss'Z'"), true);
        date.SetValue("today", new Clock("yyyy-MM-dd"), true);
        all.SetValue("date", date, true);
        all.SetValue("include", new StoredInclude(), true);
        Lock(all);
        return all;
    }

    private static void Replace(ScriptObject all, string group, string name, Delegate function) =>
        ((ScriptObject)all[group]!).SetValue(name, DynamicCustomFunction.Create(function), true);

    private static void Lock(ScriptObject made)
    {
        foreach (var group in made.Values.OfType<ScriptObject>())
        {
            Lock(group);
        }

        made.IsReadOnly = true;
    }
}
