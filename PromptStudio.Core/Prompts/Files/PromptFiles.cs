using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using PromptStudio.Core.Executions;

namespace PromptStudio.Core.Prompts.Files;

/// <summary>
/// Prompts as a folder of text files, made for Git: <c>NAME/prompt.md</c> for what all versions share (its body is the description), and
/// <c>NAME/v7.jinja</c> or <c>NAME/v7.scriban</c> for each version (its body is the text, to the byte). The same prompts always make the same files.
/// </summary>
public static partial class PromptFiles
{
    private const string HeadFile = "prompt.md";
    private const string Instant = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    private static readonly Dictionary<string, string> Endings = new() { ["jinja"] = "jinja2", ["scriban"] = "scriban" };

    /// <summary>Writes a prompt: its head first, then its versions.</summary>
    public static IEnumerable<PromptFile> Write(PromptFolder prompt)
    {
        if (prompt.Head is { } head)
            yield return new PromptFile($"{prompt.Name}/{HeadFile}", FrontMatter.Write(Yaml(head), head.Description ?? ""));
        foreach (var version in prompt.Versions.OrderBy(version => version.Version))
        {
            yield return new PromptFile(PathOf(prompt.Name, version), FrontMatter.Write(Yaml(version), version.Text));
        }
    }

    /// <summary>The ending of a version's file.</summary>
    /// <param name="format">Its <c>template_format</c>.</param>
    public static string Ending(string format) => Endings.Single(known => known.Value == format).Key;

    /// <summary>The path of a version's file, e.g. <c>nlu_topic_extraction/v7.jinja</c>.</summary>
    public static string PathOf(string name, PromptVersionFile version) => string.Create(CultureInfo.InvariantCulture, $"{name}/v{version.Version}.{Ending(version.Format)}");

    /// <summary>Whether a path is one that <see cref="Write"/> gives: a prompt's name, and its head or one of its versions.</summary>
    public static bool IsPath(string path) =>
        path.Split('/') is [var name, var file] && PromptName.IsValid(name) && (file == HeadFile || VersionFile().IsMatch(file));

    /// <summary>Reads files; those at the top, and in folders that begin with a dot, are no prompts and left alone.</summary>
    /// <param name="files">In any order.</param>
    /// <returns>The prompts by name, and the files that cannot be read.</returns>
    public static (IReadOnlyList<PromptFolder> Prompts, IReadOnlyList<RefusedFile> Refused) Read(IEnumerable<PromptFile> files)
    {
        var prompts = new List<PromptFolder>();
        var refused = new List<RefusedFile>();
        var inFolders = files.Where(file => file.Path.Contains('/', StringComparison.Ordinal) && !file.Path.StartsWith('.'));
        foreach (var folder in inFolders.GroupBy(file => file.Path[..file.Path.IndexOf('/', StringComparison.Ordinal)]).OrderBy(folder => folder.Key, StringComparer.Ordinal))
        {
            PromptHead? head = null;
            var versions = new SortedDictionary<int, PromptVersionFile>();
            foreach (var file in folder.OrderBy(file => file.Path, StringComparer.Ordinal))
            {
                try
                {
                    if (!PromptName.IsValid(folder.Key))
                        throw new FormatException($"The folder's name is no prompt's name. {PromptName.Rule}");
                    if (file.Path[(folder.Key.Length + 1)..] == HeadFile)
                        head = Head(file.Text);
                    else if (Version(file.Path[(folder.Key.Length + 1)..], file.Text) is var version && !versions.TryAdd(version.Version, version))
                        throw new FormatException($"Version {version.Version} is there twice.");
                }
                catch (FormatException exception)
                {
                    refused.Add(new RefusedFile(file.Path, exception.Message));
                }
            }
            if (head is not null || versions.Count > 0)
                prompts.Add(new PromptFolder(folder.Key, head, [.. versions.Values]));
        }
        return (prompts, refused);
    }

    private static JsonObject Yaml(PromptHead head)
    {
        var yaml = new JsonObject();
        Add(yaml, "category", head.Category);
        if (head.ActiveVersion is { } active)
            yaml["active"] = active;
        if (head.Labels.Count > 0)
            yaml["labels"] = new JsonObject(head.Labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => KeyValuePair.Create(label.Key, (JsonNode?)label.Value)));
        foreach (var (name, value) in new[] { ("protected", head.IsProtected), ("requires_approval", head.RequiresApproval), ("archived", head.IsArchived) })
        {
            if (value)
                yaml[name] = true;
        }
        Add(yaml, "store_rendered_prompt", head.StoreRenderedPrompt == StoredForm.Full ? null : head.StoreRenderedPrompt);
        Add(yaml, "created_by", head.CreatedBy);
        Add(yaml, "created_at", head.CreatedAt);
        return yaml;
    }

    private static JsonObject Yaml(PromptVersionFile version)
    {
        var yaml = new JsonObject();
        Add(yaml, "message", version.Message);
        if (version.Parent is { } parent)
            yaml["parent"] = parent;
        Add(yaml, "created_by", version.CreatedBy);
        Add(yaml, "created_at", version.CreatedAt);
        if (version.Variables is { } variables)
            yaml["variables"] = JsonNode.Parse(variables);
        return yaml;
    }

    private static void Add(JsonObject yaml, string name, string? value)
    {
        if (value is not null)
            yaml[name] = value;
    }

    private static void Add(JsonObject yaml, string name, DateTimeOffset? value) => Add(yaml, name, value?.UtcDateTime.ToString(Instant, CultureInfo.InvariantCulture));

    private static PromptHead Head(string text)
    {
        var (yaml, body) = FrontMatter.Read(text);
        var head = new HeadReader(yaml);
        var labels = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var (label, value) in head.Mapping("labels"))
        {
            if (!LabelName.IsValid(label) || label == LabelName.Production)
                throw new FormatException($"'{label}' cannot be a label here. {LabelName.Rule} 'production' is said with 'active'.");
            labels[label] = HeadReader.Integer($"labels.{label}", value);
        }
        var read = new PromptHead
        {
            Description = body.Length == 0 ? null : HeadReader.Bounded("The description", body, PromptText.DescriptionMaxLength),
            Category = head.Text("category", PromptText.CategoryMaxLength) is { Length: > 0 } category ? category : null,
            ActiveVersion = head.Integer("active"),
            Labels = labels,
            IsProtected = head.Flag("protected"),
            RequiresApproval = head.Flag("requires_approval"),
            IsArchived = head.Flag("archived"),
            StoreRenderedPrompt = Form(head.Text("store_rendered_prompt", StoredForm.MaxLength)),
            CreatedBy = head.Text("created_by", PromptText.AuthorMaxLength),
            CreatedAt = head.Instant("created_at"),
        };
        head.RefuseOthers();
        return read is { IsArchived: true, ActiveVersion: not null }
            ? throw new FormatException("An archived prompt has no active version: remove 'active' or 'archived'.")
            : read;
    }

    private static string Form(string? form) => form is null ? StoredForm.Full
        : StoredForm.All.Contains(form) ? form
        : throw new FormatException($"'store_rendered_prompt' must be one of {string.Join(", ", StoredForm.All)}.");

    private static PromptVersionFile Version(string name, string text)
    {
        if (VersionFile().Match(name) is not { Success: true } parts || !int.TryParse(parts.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            throw new FormatException("A prompt's folder holds 'prompt.md' and its versions, such as 'v1.jinja' or 'v2.scriban'.");
        var (yaml, body) = FrontMatter.Read(text);
        var head = new HeadReader(yaml);
        var variables = head.Raw("variables");
        // A contract that nobody can read would only be found when it is needed.
        _ = TemplateVariables.Parse(variables);
        var version = new PromptVersionFile
        {
            Version = number,
            Format = Endings[parts.Groups[2].Value],
            Text = HeadReader.Bounded("The text", body, PromptText.TemplateMaxLength),
            Variables = variables,
            Message = head.Text("message", PromptText.MessageMaxLength),
            Parent = head.Integer("parent"),
            CreatedBy = head.Text("created_by", PromptText.AuthorMaxLength),
            CreatedAt = head.Instant("created_at"),
        };
        head.RefuseOthers();
        return version;
    }

    [GeneratedRegex(@"\Av([1-9][0-9]{0,8})\.(jinja|scriban)\z", RegexOptions.NonBacktracking)]
    private static partial Regex VersionFile();
}
