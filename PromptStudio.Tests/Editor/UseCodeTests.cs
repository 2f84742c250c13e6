using System.Text.Json;
using PromptStudio.Editor;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Editor;

[Trait(Tier.Name, Tier.Unit)]
public sealed class UseCodeTests
{
    private static readonly JsonElement Values = JsonElement.Parse("""{"name": "Ada \"the first\"\nof her kind", "vip": true, "tags": ["a", null], "none": {}}""");

    [Fact]
    public void Of_APrompt_IsInFourLanguages_AndNamesItsAddress()
    {
        var samples = UseCode.Of(new Uri("https://prompts.example.com/"), "greeting", Values, null, false);

        Assert.Equal(["curl", "C#", "Python", "TypeScript"], samples.Select(sample => sample.Language));
        Assert.All(samples, sample => Assert.Contains("https://prompts.example.com/api/render/greeting", sample.Code, StringComparison.Ordinal));
        Assert.All(samples, sample => Assert.DoesNotContain("label", sample.Code, StringComparison.Ordinal));
    }

    [Fact]
    public void Of_ALabel_AsksForIt() =>
        Assert.All(UseCode.Of(new Uri("http://localhost/"), "greeting", Values, "staging", false), sample => Assert.Contains("\"label\": \"staging\"", sample.Code, StringComparison.Ordinal));

    [Fact]
    public void Of_AChat_ShowsItsMessages() =>
        Assert.All(UseCode.Of(new Uri("http://localhost/"), "greeting", Values, null, true).Skip(1), sample => Assert.True(sample.Code.Contains("messages", StringComparison.Ordinal) && !sample.Code.Contains("rendered_prompt", StringComparison.Ordinal)));

    [Fact]
    public void Of_Curl_SendsTheValuesAsTheyAre()
    {
        var code = UseCode.Of(new Uri("http://localhost/"), "greeting", Values, null, false)[0].Code;
        var body = code[code.IndexOf('{', StringComparison.Ordinal)..code.LastIndexOf("EOF", StringComparison.Ordinal)];

        Assert.True(JsonElement.DeepEquals(Values, JsonElement.Parse(body).GetProperty("variables")));
    }

    [Fact]
    public void Of_Python_WritesPythonsOwnValues()
    {
        var code = UseCode.Of(new Uri("http://localhost/"), "greeting", Values, null, false)[2].Code;

        Assert.Contains("\"vip\": True,", code, StringComparison.Ordinal);
        Assert.Contains("None,", code, StringComparison.Ordinal);
        Assert.Contains("headers={\"Authorization\": f\"Bearer {os.environ['PROMPT_STUDIO_KEY']}\"},", code, StringComparison.Ordinal);
    }
}
