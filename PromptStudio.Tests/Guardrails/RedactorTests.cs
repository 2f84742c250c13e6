using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using PromptStudio.Core.Guardrails;
using PromptStudio.Guardrails;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Guardrails;

[Trait(Tier.Name, Tier.Unit)]
public sealed class RedactorTests
{
    private static readonly Redactor Redactor = new(new GuardrailChecks(NullLogger<GuardrailChecks>.Instance));

    [Theory]
    [InlineData("""{"patterns": ["\\d{3}-\\d{2}-\\d{4}"]}""", "a 856-45-6789 b 856-45-6780", "a [RULE] b [RULE]")]
    [InlineData("""{"patterns": ["\\d{3}-\\d{2}-\\d{4}"]}""", "８５６-４５-６７８９ and 856-\u200b45-6789", "[RULE] and [RULE]")]
    [InlineData("""{"patterns": ["\\d+", "[a-z]+"]}""", "ab12 !", "[RULE][RULE] !")]
    [InlineData("""{"patterns": ["x"]}""", "nothing here", "nothing here")]
    public void Text_LosesWhatIsFound(string config, string text, string expected)
    {
        var blackouts = Look(config, text);

        Assert.Equal(expected, blackouts.Of(text));
    }

    [Fact]
    public void Text_LosesMorePlacesThanARuleNamesAtOnce()
    {
        // A rule names a hundred places.
        var text = string.Join(' ', Enumerable.Range(0, 450).Select(n => $"856-45-{n:0000}"));

        var blackouts = Look(Guarded.Ssn, text);

        Assert.Equal(string.Join(' ', Enumerable.Repeat("[RULE]", 450)), blackouts.Of(text));
    }

    [Fact]
    public void Text_ThatIsHitEverywhere_IsTakenAsAWhole()
    {
        var text = new string('a', 50_000);

        Assert.Equal("[RULE]", (Look("""{"patterns": ["a"]}""", text)).Of(text));
    }

    [Fact]
    public void Json_KeepsItsShape()
    {
        var variables = JsonElement.Parse("""{"a": ["856-45-6789", 1.50, true, null], "856-45-6780": {"b": "x"}}""");

        var blackouts = Redactor.Look(Rules(Guarded.Ssn), ["a", "856-45-6789", "1.50", "856-45-6780", "b", "x"], default, TestContext.Current.CancellationToken);

        Assert.Equal("""{"a":["[RULE]",1.50,true,null],"[RULE]":{"b":"x"}}""", blackouts.Of(variables));
    }

    private static Blackouts Look(string config, params string[] texts) => Redactor.Look(Rules(config), texts, default, TestContext.Current.CancellationToken);

    private static RuleSet Rules(string config) =>
        new([CompiledGuardrail.Build(new Guardrail { Id = Guid.Empty, Name = "RULE", RuleType = RuleType.Regex, RuleConfig = config, Redact = true })]);
}
