using System.Text.Json;
using PromptStudio.Core.Templating;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Templating;

[Trait(Tier.Name, Tier.Unit)]
public sealed class TemplateSettingsTests
{
    [Fact]
    public void Read_OfSettings_LeavesTheRestToJinja2() =>
        Assert.Equal(TemplateOptions.Jinja with { TrimBlocks = true, Undefined = UndefinedMode.Strict, LoopControls = true, VariableStart = "<<" },
            Read("""{"trim_blocks": true, "undefined": "strict", "extensions": ["loopcontrols"], "variable_start_string": "<<", "line_statement_prefix": null}"""));

    [Fact]
    public void Read_OfAProfile_BeginsWithIt() =>
        Assert.Equal(TemplateOptions.HuggingFaceChat with { TrimBlocks = false }, Read("""{"trim_blocks": false, "profile": "hf_chat"}"""));

    [Theory]
    [InlineData("[]", "settings")]
    [InlineData("""{"trim_block": true}""", "trim_block")]
    [InlineData("""{"trim_blocks": 1}""", "trim_blocks")]
    [InlineData("""{"undefined": "7"}""", "undefined")]
    [InlineData("""{"newline_sequence": "x"}""", "newline_sequence")]
    [InlineData("""{"block_start_string": ""}""", "block_start_string")]
    [InlineData("""{"extensions": ["i18n"]}""", "i18n")]
    [InlineData("""{"profile": "liquid"}""", "profile")]
    public void Read_OfWhatIsNoSetting_NamesIt(string settings, string named) =>
        Assert.Contains(named, Assert.Throws<FormatException>(() => Read(settings)).Message, StringComparison.Ordinal);

    /// <summary>Every setting of the case files is one that callers of a preview can send.</summary>
    [Fact]
    public void Read_OfTheCases_MakesTheirOptions()
    {
        using var cases = JsonDocument.Parse(File.ReadAllText(CaseFiles.Find("jinja_cases.json")[0]));
        var settings = cases.RootElement.EnumerateArray().Where(one => one.TryGetProperty("settings", out _)).ToList();

        Assert.NotEmpty(settings);
        Assert.All(settings, one => Assert.Equal(new JinjaCase(one).Options, TemplateSettings.Read(one.GetProperty("settings"))));
    }

    private static TemplateOptions Read(string settings) => TemplateSettings.Read(JsonElement.Parse(settings));
}
