using PromptStudio.Core.Prompts;
using PromptStudio.Editor;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Editor;

[Trait(Tier.Name, Tier.Unit)]
public sealed class VariableValuesTests
{
    [Fact]
    public void Of_AContract_TakesSamplesThenDefaultsThenExamples()
    {
        var values = VariableValues.Of(TemplateVariables.Parse(
            """{"required": {"first_name": "string", "age": "integer", "vip": "boolean", "items": "array"}, "optional": {"a": {"default": 1, "sample": 2}, "b": {"default": 3}, "c": "string"}}"""));

        Assert.Equal("""{"first_name":"first name","age":1,"vip":true,"items":[],"a":2,"b":3}""", values.Json.GetRawText());
    }

    [Theory]
    [InlineData("integer", "5", "5")]
    [InlineData("string", "5", "\"5\"")]
    [InlineData("", "5", "5")]
    [InlineData("", "five", "\"five\"")]
    [InlineData("array", "[1, 2]", "[1,2]")]
    [InlineData("object", "{broken", "\"{broken\"")]
    public void Set_OfWhatWasTyped_ReadsItAsItsTypeWants(string type, string typed, string json)
    {
        var values = new VariableValues();
        values.Set("x", type, typed);

        Assert.Equal($$"""{"x":{{json}}}""", values.Json.GetRawText());
    }

    [Fact]
    public void Set_OfNothing_TakesTheVariableAway_UnlessItIsAText()
    {
        var values = new VariableValues();
        values.Set("n", "integer", "5");
        values.Set("t", "string", "x");
        values.Set("n", "integer", "");
        values.Set("t", "string", "");

        Assert.Equal("""{"t":""}""", values.Json.GetRawText());
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[1]")]
    [InlineData("null")]
    [InlineData("""{"a": 1, "a": 2}""")]
    public void TryReplace_OfWhatIsNoObject_ChangesNothing(string text)
    {
        var values = new VariableValues();
        values.Set("x", "integer", "5");

        Assert.False(values.TryReplace(text));
        Assert.Equal("""{"x":5}""", values.Json.GetRawText());
    }
}
