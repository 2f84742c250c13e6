using System.Text.Json;
using PromptStudio.Core.Prompts;
using PromptStudio.Editor;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Editor;

[Trait(Tier.Name, Tier.Unit)]
public sealed class ContractModelTests
{
    [Theory]
    [InlineData("""{"required": ["a", "b"], "optional": ["c"]}""")]
    [InlineData("""{"required": {"a": "integer"}, "optional": {"b": {"type": "string", "default": "x", "description": "What", "sample": "y"}}}""")]
    [InlineData("""{"required": {"list": {"type": "array", "default": [1, {"a": null}]}}}""")]
    public void ToJson_OfAnyContract_MeansTheSame(string json)
    {
        var before = TemplateVariables.Parse(json);
        var after = TemplateVariables.Parse(ContractModel.Of(json).ToJson());

        Assert.Equal(before.All.Select(Written), after.All.Select(Written));
    }

    [Fact]
    public void ToJson_WithoutVariables_IsNone() => Assert.Null(ContractModel.Of("""{"required": []}""").ToJson());

    [Fact]
    public void Add_OfDetectedNames_DeclaresOnlyWhatIsMissing()
    {
        var contract = ContractModel.Of("""{"required": ["a"]}""");

        Assert.Equal(1, contract.Add(["a", "b"]));
        Assert.Equal(["a", "b"], contract.Variables.Select(variable => variable.Name));
    }

    [Fact]
    public void ToJson_OfADefaultWithoutQuotes_KeepsItsType()
    {
        var contract = ContractModel.Of("""{"optional": {"n": "integer", "t": "string"}}""");
        contract.Variables[0].Default = "5";
        contract.Variables[1].Default = "5";

        var parsed = TemplateVariables.Parse(contract.ToJson());
        Assert.Equal(JsonValueKind.Number, parsed.Find("n")!.Default!.Value.ValueKind);
        Assert.Equal("5", parsed.Find("t")!.Default!.Value.GetString());
    }

    private static string Written(TemplateVariable variable) =>
        $"{variable.Name} {variable.Required} {variable.Type} {variable.Description} {Written(variable.Default)} {Written(variable.Sample)}";

    private static string Written(JsonElement? value) => value is { } json ? JsonSerializer.Serialize(json) : "";
}
