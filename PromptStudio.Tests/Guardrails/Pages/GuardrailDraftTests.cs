using System.Text.Json;
using PromptStudio.Core.Guardrails;
using PromptStudio.Guardrails;
using PromptStudio.Guardrails.Pages;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Guardrails.Pages;

[Trait(Tier.Name, Tier.Unit)]
public sealed class GuardrailDraftTests
{
    public static TheoryData<string> Templates => [.. RuleTemplates.All.Select(template => template.Key)];

    [Theory]
    [MemberData(nameof(Templates))]
    public void Take_OfAReadyMadeRule_SaysTheSameAgain(string key)
    {
        var template = GuardrailTemplate.Of(RuleTemplates.All.Single(known => known.Key == key));
        var draft = GuardrailDraft.New();

        draft.Take(template);

        var wanted = draft.ToNew();
        Assert.Equal(InAnyOrder(template.RuleConfig), InAnyOrder(wanted.RuleConfig));
        Assert.Equal((template.Name, template.RuleType, template.EnforcementLevel, template.Scope, template.Message), (wanted.Name, wanted.RuleType, wanted.EnforcementLevel, wanted.Scope, wanted.Message));
        RuleType.Parse(wanted.RuleType, wanted.RuleConfig.GetRawText());
    }

    /// <summary>The form ticks entities in the order of its list; in a config they are a set.</summary>
    private static string InAnyOrder(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "{" + string.Join(", ", value.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal).Select(member => member.Name + ": " + InAnyOrder(member.Value))) + "}",
        JsonValueKind.Array => "[" + string.Join(", ", value.EnumerateArray().Select(InAnyOrder).Order(StringComparer.Ordinal)) + "]",
        _ => value.GetRawText(),
    };

    [Theory]
    [InlineData(RuleType.Regex, """{"pattern": "a+", "flags": "ix"}""", """{"patterns": ["a+"], "ignore_case": true, "flags": "x"}""")]
    [InlineData(RuleType.Regex, """{"patterns": ["a", "b"], "multiline": true, "dot_all": true}""", """{"patterns": ["a", "b"], "multiline": true, "dot_all": true}""")]
    [InlineData(RuleType.Keyword, """{"keywords": ["one", "two words"], "whole_word": false, "match": "all"}""", """{"words": ["one", "two words"], "whole_word": false, "match": "all"}""")]
    [InlineData(RuleType.MaxLength, """{"max_length": 10, "tokens": 5, "encoding": "cl100k_base"}""", """{"characters": 10, "tokens": 5, "encoding": "cl100k_base"}""")]
    [InlineData(RuleType.Custom, """{"expression": "prompt", "message": "m"}""", """{"expression": "prompt", "message": "m"}""")]
    [InlineData(RuleType.Pii, """{"entities": ["US_SSN"], "regions": ["us", "DE"], "min_score": 0.7}""", """{"entities": ["US_SSN"], "min_score": 0.7, "regions": ["US", "DE"]}""")]
    [InlineData(RuleType.Secrets, """{"entropy": "off", "allow": ["x"]}""", """{"entropy": "off", "allow": ["x"]}""")]
    [InlineData(RuleType.InvisibleText, """{"bidi": false}""", """{"bidi": false}""")]
    [InlineData("of_tomorrow", """{"anything": [1]}""", """{"anything": [1]}""")]
    public void Rule_ReadAndWritten_KeepsWhatItMeans(string type, string config, string expected)
    {
        var written = RuleDraft.Read(type, JsonElement.Parse(config)).Write(type);

        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(expected), written), written.GetRawText());
    }

    [Fact]
    public void Rule_WhoseJsonIsNone_SaysSo() =>
        Assert.StartsWith("rule_config is not JSON", Assert.Throws<FormatException>(() => new RuleDraft { Json = "{" }.Write("of_tomorrow")).Message, StringComparison.Ordinal);

    [Fact]
    public void IsChanged_FollowsWhatIsTyped_AndBack()
    {
        var draft = GuardrailDraft.Of(Stored());
        Assert.False(draft.IsChanged);

        draft.Rule.Patterns += "\nmore";
        Assert.True(draft.IsChanged);

        draft.Rule.Patterns = "a";
        Assert.False(draft.IsChanged);
        draft.Percentage = 40;
        Assert.True(draft.IsChanged);
    }

    [Fact]
    public void ToEdit_SendsAllOfIt_ButTheSecretOnlyWhenItChanges()
    {
        var draft = GuardrailDraft.Of(Stored());

        var edit = draft.ToEdit();
        Assert.Equal(("life", "", 12.5, "", null), (edit.Name, edit.Description, edit.EnforcementPercentage, edit.Message, edit.Secret));
        Assert.Equal(["query", "user.email"], edit.Variables);
        Assert.Equal(["nlu"], edit.AppliesTo);
        Assert.Equal(["x"], edit.AllowList!.Texts);

        draft.RemovesSecret = true;
        Assert.Equal("", draft.ToEdit().Secret);
        draft.Secret = "another";
        Assert.Equal("another", draft.ToEdit().Secret);
    }

    [Fact]
    public void DifferencesTo_AnotherVersion_NamesTheMembers()
    {
        var draft = GuardrailDraft.Of(Stored());
        draft.Message = "mine";
        draft.Rule.IgnoreCase = true;

        Assert.Equal(["rule", "message"], draft.DifferencesTo(Stored()));
        Assert.Equal(["name", "rule", "message", "is_active"], draft.DifferencesTo(Stored() with { Name = "theirs", IsActive = false }));
    }

    [Theory]
    [InlineData("US_SSN", "US SSN")]
    [InlineData("CREDIT_CARD", "Credit card")]
    [InlineData("generic-secret", "Generic secret")]
    [InlineData("other_languages", "Other languages")]
    public void Spelled_OfACode_ReadsAsPeopleWrite(string code, string name) => Assert.Equal(name, RuleNames.Spelled(code));

    private static GuardrailView Stored() => new()
    {
        Id = new Guid("01a2008d-7400-7000-8000-0000000000aa"),
        Name = "life",
        RuleType = RuleType.Regex,
        RuleConfig = JsonElement.Parse("""{"patterns": ["a"]}"""),
        EnforcementLevel = GuardrailWords.Blocking,
        EnforcementPercentage = 12.5,
        Scope = GuardrailWords.Variables,
        Variables = ["query", "user.email"],
        AppliesTo = ["nlu"],
        OnError = GuardrailWords.Allow,
        Redact = false,
        AllowList = new AllowedTexts(["x"], []),
        IsActive = true,
        HasSecret = true,
        Revision = 3,
        Etag = "\"3\"",
        CreatedAt = DateTimeOffset.UnixEpoch,
        UpdatedAt = DateTimeOffset.UnixEpoch,
    };
}
