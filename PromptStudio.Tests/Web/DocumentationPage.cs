using System.Text;
using System.Text.RegularExpressions;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Web;

/// <summary>A block of code in a page of the documentation.</summary>
/// <param name="Page">Its page.</param>
/// <param name="Line">Where it begins, from 1.</param>
/// <param name="Language">What stands behind the fence.</param>
/// <param name="Text">Without the fences, and without what its list is indented by.</param>
internal sealed record DocumentationBlock(string Page, int Line, string Language, string Text)
{
    public override string ToString() => $"{Page}:{Line}";
}

/// <summary>A page of the documentation: its prose, its headings, and its blocks of code.</summary>
internal sealed partial class DocumentationPage
{
    private DocumentationPage(string path, string text)
    {
        Path = path;
        var (prose, blocks, anchors) = (new StringBuilder(), new List<DocumentationBlock>(), new List<string>());
        var (code, opened, language, indent) = (new StringBuilder(), 0, "", 0);
        foreach (var (n, line) in text.Split('\n').Index())
        {
            var bare = line.TrimStart();
            if (bare.StartsWith("```", StringComparison.Ordinal))
            {
                if (opened == 0)
                    (opened, language, indent) = (n + 1, bare[3..].Trim(), line.Length - bare.Length);
                else
                {
                    blocks.Add(new DocumentationBlock(path, opened, language, code.ToString()));
                    opened = 0;
                }
                code.Clear();
            }
            else if (opened > 0)
                code.Append(line.Length >= indent ? line[indent..] : bare).Append('\n');
            else
            {
                prose.Append(line).Append('\n');
                if (Heading().Match(line) is { Success: true } heading)
                    anchors.Add(Anchor(heading.Groups[1].Value));
            }
        }
        Assert.True(opened == 0, $"The block of code at {path}:{opened} has no end.");
        (Prose, Blocks, Anchors) = (prose.ToString(), blocks, anchors);
    }

    /// <summary>From the top of the repository.</summary>
    public string Path { get; }

    /// <summary>All but the blocks of code.</summary>
    public string Prose { get; }

    public IReadOnlyList<DocumentationBlock> Blocks { get; }

    /// <summary>What links to headings end with.</summary>
    public IReadOnlyList<string> Anchors { get; }

    /// <summary>Every page.</summary>
    public static IReadOnlyList<DocumentationPage> All { get; } =
    [
        .. new[] { "README.md", "CONTRIBUTING.md" }
            .Concat(Directory.EnumerateFiles(Full("docs"), "*.md", SearchOption.AllDirectories).Select(path => System.IO.Path.GetRelativePath(StudioOutput.Repository, path)))
            .Order(StringComparer.Ordinal).Select(path => new DocumentationPage(path, File.ReadAllText(Full(path)))),
    ];

    /// <summary>A page by its path.</summary>
    public static DocumentationPage Of(string path) => All.Single(page => page.Path == path);

    /// <summary>Where links lead to, as they are written, but for other hosts.</summary>
    public IEnumerable<string> Links => Link().Matches(InlineCode().Replace(Prose, "")).Select(link => link.Groups[1].Value).Where(link => !link.Contains("://", StringComparison.Ordinal));

    /// <summary>What stands between backticks.</summary>
    public IEnumerable<string> Code => InlineCode().Matches(Prose).Select(code => code.Value.Trim('`'));

    /// <summary>The whole page, as it is searched for names.</summary>
    public string Text => Prose + string.Concat(Blocks.Select(block => block.Text));

    public static string Full(string path) => System.IO.Path.Combine(StudioOutput.Repository, path);

    /// <summary>As GitHub makes it.</summary>
    private static string Anchor(string heading) => NoWord().Replace(heading.Trim().ToLowerInvariant(), "").Replace(' ', '-');

    [GeneratedRegex(@"^#{1,6} +(.+?) *#*$")]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\p{L}\p{N}\- _]")]
    private static partial Regex NoWord();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("`[^`\n]+`")]
    private static partial Regex InlineCode();
}
