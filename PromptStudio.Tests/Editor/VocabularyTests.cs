using System.Text.RegularExpressions;
using PromptStudio.Core.Templating;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Editor;

/// <summary>What the editor offers is what the engines have.</summary>
[Trait(Tier.Name, Tier.Unit)]
public sealed partial class VocabularyTests
{
    private static readonly string Vocabulary = File.ReadAllText(Path.Combine(StudioOutput.Repository, "wwwroot", "editor", "vocabulary.js"));

    [Fact]
    public void Filters_OfTheEditor_AreThoseOfTheEngine() => Known(Names("jinjaFilters"), name => $"{{{{ x | {name} }}}}");

    [Fact]
    public void Tests_OfTheEditor_AreThoseOfTheEngine() => Known(Names("jinjaTests"), name => $"{{{{ x is {name} }}}}");

    [Fact]
    public void Functions_OfTheEditor_AreThoseOfTheEngine()
    {
        var names = Names("jinjaFunctions");
        Assert.NotEmpty(names);
        Assert.All(names, name => Assert.Empty(TemplateEngines.Find("jinja2")!.Parse($"{{{{ {name} }}}}", TemplateOptions.Studio).FreeVariables));
    }

    [Fact]
    public void Functions_OfScriban_AreThoseOfTheEngine()
    {
        var groups = ScribanGroup().Matches(Section("scribanFunctions"));
        Assert.NotEmpty(groups);
        foreach (Match group in groups)
        {
            var names = Member().Matches(group.Groups[2].Value).Select(match => match.Groups[1].Value).ToList();
            Assert.NotEmpty(names);
            Assert.All(names, name => Assert.Empty(TemplateEngines.Find("scriban")!.Parse($"{{{{ {group.Groups[1].Value}.{name} }}}}", TemplateOptions.Studio).FreeVariables));
        }
    }

    private static void Known(IReadOnlyList<string> names, Func<string, string> text)
    {
        Assert.NotEmpty(names);
        Assert.All(names, name => Assert.DoesNotContain(TemplateEngines.Find("jinja2")!.Check(text(name), TemplateOptions.Studio),
            error => error.Message.Contains("No filter", StringComparison.OrdinalIgnoreCase) || error.Message.Contains("No test", StringComparison.OrdinalIgnoreCase)));
        // The check itself finds what is none.
        Assert.NotEmpty(TemplateEngines.Find("jinja2")!.Check(text("no_such_name"), TemplateOptions.Studio));
    }

    private static List<string> Names(string export) => [.. Member().Matches(Section(export)).Select(match => match.Groups[1].Value)];

    private static string Section(string export)
    {
        var start = Vocabulary.IndexOf($"export const {export} = {{", StringComparison.Ordinal);
        Assert.True(start >= 0, export);
        return Vocabulary[Vocabulary.IndexOf('\n', start)..Vocabulary.IndexOf("\n};", start, StringComparison.Ordinal)];
    }

    [GeneratedRegex(@"(?:^\s+|, |\{ )(\w+): (?:\[|')", RegexOptions.Multiline)]
    private static partial Regex Member();

    [GeneratedRegex(@"^  (\w+): \{(.*)\},$", RegexOptions.Multiline)]
    private static partial Regex ScribanGroup();
}
