using System.Text.Json;
using PromptStudio.Core.Prompts;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Prompts;

[Trait(Tier.Name, Tier.Unit)]
public sealed class TemplateVariablesTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"required": null, "optional": []}""")]
    public void Parse_OfNoContract_AsksForNothing(string? json)
    {
        var contract = TemplateVariables.Parse(json);

        Assert.Empty(contract.All);
        Assert.Empty(contract.Check(Json("{}")));
    }

    [Fact]
    public void Parse_ReadsEveryForm()
    {
        var contract = TemplateVariables.Parse(
            """{"required": {"query": "string", "grade": {"type": "integer", "description": "School year", "sample": 7}}, "optional": ["context"]}""");

        Assert.Equal(["query", "grade", "context"], contract.All.Select(variable => variable.Name));
        Assert.Equal([true, true, false], contract.All.Select(variable => variable.Required));
        Assert.Equal(VariableType.String, contract.Find("query")!.Type);
        Assert.Equal(("School year", 7), (contract.Find("grade")!.Description, contract.Find("grade")!.Sample!.Value.GetInt32()));
        Assert.Null(contract.Find("context")!.Type);
        Assert.Null(contract.Find("nothing"));
    }

    [Theory]
    [InlineData("{", "not JSON")]
    [InlineData("[]", "must be an object")]
    [InlineData("""{"requires": []}""", "not 'requires'")]
    [InlineData("""{"required": "query"}""", "template_variables.required")]
    [InlineData("""{"required": [1]}""", "template_variables.required")]
    [InlineData("""{"required": [""]}""", "empty name")]
    [InlineData("""{"required": {"a": "text"}}""", "no type 'text'")]
    [InlineData("""{"required": {"a": 1}}""", "template_variables.required.a")]
    [InlineData("""{"required": {"a": {"kind": "string"}}}""", "no member 'kind'")]
    [InlineData("""{"required": {"a": {"type": 3}}}""", "template_variables.required.a.type")]
    [InlineData("""{"optional": {"a": {"type": "integer", "default": "x"}}}""", "template_variables.optional.a.default")]
    [InlineData("""{"required": ["a"], "optional": ["a"]}""", "'a' twice")]
    public void Parse_OfAWrongContract_NamesThePlace(string json, string expected)
    {
        var exception = Assert.Throws<FormatException>(() => TemplateVariables.Parse(json));

        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_ReportsEveryProblemAtOnce()
    {
        var contract = TemplateVariables.Parse("""{"required": {"a": "string", "b": "integer", "c": "array"}, "optional": {"d": "boolean", "e": "object"}}""");

        var problems = contract.Check(Json("""{"b": "7", "c": null, "d": 1, "x": "not declared"}"""));

        Assert.Equal(
            [("a", VariableProblemKind.Missing), ("b", VariableProblemKind.Mistyped), ("c", VariableProblemKind.Missing), ("d", VariableProblemKind.Mistyped)],
            problems.Select(problem => (problem.Name, problem.Kind)));
        Assert.Equal("'b' must be an integer, not a string.", problems[1].Message);
    }

    [Theory]
    [InlineData("string", "\"\"", true)]
    [InlineData("string", "1", false)]
    [InlineData("integer", "-12345678901234567890", true)]
    [InlineData("integer", "5.0", false)]
    [InlineData("integer", "1e3", false)]
    [InlineData("number", "5.0", true)]
    [InlineData("number", "5", true)]
    [InlineData("number", "\"5\"", false)]
    [InlineData("boolean", "false", true)]
    [InlineData("boolean", "0", false)]
    [InlineData("array", "[]", true)]
    [InlineData("array", "{}", false)]
    [InlineData("object", "{}", true)]
    [InlineData("object", "[]", false)]
    public void Check_OfAType_AcceptsItsValues(string type, string value, bool accepted)
    {
        var contract = TemplateVariables.Parse($$$"""{"required": {"a": "{{{type}}}"}}""");

        Assert.Equal(accepted, contract.Check(Json($$$"""{"a": {{{value}}}}""")).Count == 0);
    }

    [Fact]
    public void WithDefaults_FillsWhatIsAbsentOrNull()
    {
        var contract = TemplateVariables.Parse("""{"required": {"r": {"default": 1}}, "optional": {"a": {"default": [1, 2]}, "b": {"default": "x"}, "c": {"type": "string"}}}""");

        var variables = contract.WithDefaults(Json("""{"b": null, "z": "kept", "a": []}"""));

        Assert.Equal("""{"z":"kept","a":[],"r":1,"b":"x"}""", variables.GetRawText());
        Assert.Empty(contract.Check(Json("{}")));
    }

    [Fact]
    public void WithDefaults_WithNothingToFill_IsTheSameText()
    {
        const string Given = """{ "a" : 1 }""";

        Assert.Equal(Given, TemplateVariables.Parse("""{"optional": {"a": {"default": 2}}}""").WithDefaults(Json(Given)).GetRawText());
    }

    private static JsonElement Json(string text) => JsonElement.Parse(text);
}
