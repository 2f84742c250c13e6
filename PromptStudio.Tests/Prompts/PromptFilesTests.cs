using System.Text.Json.Nodes;
using CsCheck;
using PromptStudio.Core.Prompts.Files;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Prompts;

[Trait(Tier.Name, Tier.Unit)]
public sealed class PromptFilesTests
{
    private static readonly PromptFolder Topic = new("nlu.topic", new PromptHead
    {
        Description = "Finds the topic.\n\n---\nof a question",
        Category = "nlu: extraction",
        ActiveVersion = 2,
        Labels = new Dictionary<string, int> { ["staging"] = 3, ["canary"] = 1 },
        IsProtected = true,
        CreatedBy = "ada@example.com",
        CreatedAt = new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero).AddTicks(1_234_560),
    }, [
        new PromptVersionFile { Version = 1, Format = "jinja2", Text = "", CreatedAt = DateTimeOffset.UnixEpoch },
        new PromptVersionFile { Version = 2, Format = "jinja2", Text = "---\nHello {{ name }}\r\n\n", Message = "yes", Parent = 1, Variables = """{"required":{"name":{"type":"string","sample":"Zoë 🎉\u2028"}},"optional":[]}""" },
        new PromptVersionFile { Version = 10, Format = "scriban", Text = "{{ x }}", Variables = """{"optional":{"x":{"default":1.0}}}""" },
    ]);

    private static readonly string[] Spellings = ["yes", "NULL", "1.0", "0x1F", "2026-01-01", "---", "...", "- a", "a: b", "🎉"];

    [Theory]
    [InlineData("topic/prompt.md", true)]
    [InlineData("topic/v12.scriban", true)]
    [InlineData("topic/../v1.jinja", false)]
    [InlineData("../topic/v1.jinja", false)]
    [InlineData("/v1.jinja", false)]
    [InlineData("/topic/v1.jinja", false)]
    [InlineData("topic/deeper/v1.jinja", false)]
    [InlineData("topic/.bashrc", false)]
    [InlineData("topic/v1.jinja\n", false)]
    public void IsPath_OnlyOfWhatAnExportWrites(string path, bool expected) => Assert.Equal(expected, PromptFiles.IsPath(path));

    [Fact]
    public void Write_ThenRead_GivesTheSame()
    {
        var files = PromptFiles.Write(Topic).ToList();

        Assert.Equal(["nlu.topic/prompt.md", "nlu.topic/v1.jinja", "nlu.topic/v2.jinja", "nlu.topic/v10.scriban"], files.Select(file => file.Path));
        var (prompts, refused) = PromptFiles.Read(files.AsEnumerable().Reverse());
        Assert.Empty(refused);
        Assert.Equal(files, PromptFiles.Write(Assert.Single(prompts)));
        Assert.Equal(Topic.Versions.Select(Canonical), prompts[0].Versions.Select(Canonical));
        Assert.Equal(Topic.Head! with { Labels = prompts[0].Head!.Labels }, prompts[0].Head);
        Assert.Equal(Topic.Head!.Labels.OrderBy(label => label.Key), prompts[0].Head!.Labels);
    }

    [Fact]
    public void Write_IsReadable() =>
        Assert.Equal(
            """
            ---
            message: "yes"
            parent: 1
            variables:
              required:
                name:
                  type: string
                  sample: "Zoë \U0001F389\L"
              optional: []
            ---

            """.ReplaceLineEndings("\n") + "---\nHello {{ name }}\r\n\n\n",
            PromptFiles.Write(Topic).ElementAt(2).Text);

    [Fact]
    public void Heads_OfAnyText_SurviveTheRoundTrip()
    {
        var text = Gen.OneOf(Gen.String, Gen.String[Gen.Char["\n\r\t \"'\\:#-{}[],&*!|>%@`~?\u0085\u2028\ufeff\ufffe"]], Gen.Int[0, Spellings.Length - 1].Select(index => Spellings[index]))
            .Where(value => !value.Contains('\0', StringComparison.Ordinal) && value.EnumerateRunes().All(rune => rune.Value != 0xfffd) && !value.Any(char.IsSurrogate) | value == "🎉");
        Gen.Select(text, text, text, Gen.Int).Sample((key, value, body, number) =>
        {
            body = body.Replace("\ufeff", "", StringComparison.Ordinal);
            var head = new JsonObject { ["k" + key] = value, ["list"] = new JsonArray(value, number, null, true, new JsonArray(), new JsonObject { [key] = value }) };

            var (read, readBody) = FrontMatter.Read(FrontMatter.Write(head, body));

            Assert.Equal(head.ToJsonString(), read.ToJsonString());
            Assert.Equal(body, readBody);
        }, iter: 2_000);
    }

    [Theory]
    [InlineData("p/v1.jinja", "no head", "must begin with a line '---'")]
    [InlineData("p/v1.jinja", "---\na: 1\n", "that ends the head is missing")]
    [InlineData("p/v1.jinja", "---\ncolour: red\n---\n", "'colour' is not known here")]
    [InlineData("p/v1.jinja", "---\nmessage: a\nmessage: b\n---\n", "'message' is there twice")]
    [InlineData("p/v1.jinja", "---\nmessage: &a x\n---\n", "anchors and aliases")]
    [InlineData("p/v1.jinja", "---\nmessage: !!str x\n---\n", "tags are not taken")]
    [InlineData("p/v1.jinja", "---\nmessage: [\n---\n", "The head is no YAML (line ")]
    [InlineData("p/v1.jinja", "---\nmessage: \"\\0\"\n---\n", "U+0000")]
    [InlineData("p/v1.jinja", "---\nmessage: 3\n---\n", "'message' must be text")]
    [InlineData("p/v1.jinja", "---\nparent: v1\n---\n", "'parent' must be the number of a version")]
    [InlineData("p/v1.jinja", "---\ncreated_at: soon\n---\n", "'created_at' must be a time")]
    [InlineData("p/v1.jinja", "---\nvariables: {required: 7}\n---\n", "template_variables.required")]
    [InlineData("p/v0.jinja", "---\n---\n", "A prompt's folder holds")]
    [InlineData("p/notes.txt", "---\n---\n", "A prompt's folder holds")]
    [InlineData("p/deep/v1.jinja", "---\n---\n", "A prompt's folder holds")]
    [InlineData("p q/v1.jinja", "---\n---\n", "no prompt's name")]
    [InlineData("../v1.jinja", "---\n---\n", null)]
    [InlineData("README.md", "anything", null)]
    [InlineData("p/prompt.md", "---\nlabels: {production: 1}\n---\n", "'production' is said with 'active'")]
    [InlineData("p/prompt.md", "---\nlabels: {Staging: 1}\n---\n", "cannot be a label")]
    [InlineData("p/prompt.md", "---\narchived: true\nactive: 1\n---\n", "An archived prompt has no active version")]
    public void Read_OfABadFile_SaysWhatIsWrong(string path, string text, string? reason)
    {
        var (prompts, refused) = PromptFiles.Read([new PromptFile(path, text)]);

        Assert.Empty(prompts);
        if (reason is null)
            Assert.Empty(refused);
        else
            Assert.Contains(reason, Assert.Single(refused).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_OfAWindowsCheckout_KeepsTheText()
    {
        var (prompts, _) = PromptFiles.Read([new PromptFile("p/v1.jinja", "---\r\nmessage: a\r\n---\r\none\r\ntwo\r\n")]);

        Assert.Equal("one\ntwo", Assert.Single(Assert.Single(prompts).Versions).Text);
    }

    /// <summary>JSON says the same in several spellings.</summary>
    private static PromptVersionFile Canonical(PromptVersionFile version) =>
        version with { Variables = version.Variables is { } json ? JsonNode.Parse(json)!.ToJsonString() : null };

    [Fact]
    public void Read_OfAHostileHead_EndsSoon()
    {
        var deep = "---\nvariables: " + new string('[', 10_000) + "\n---\n";
        var wide = "---\n" + string.Concat(Enumerable.Range(0, 200_000).Select(n => $"k{n}: 1\n")) + "---\n";

        Assert.All(PromptFiles.Read([new PromptFile("p/v1.jinja", deep), new PromptFile("p/v2.jinja", wide)]).Refused, file => Assert.NotEmpty(file.Reason));
    }
}
