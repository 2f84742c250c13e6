using PromptStudio.Core.Guardrails;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Guardrails;

/// <summary>No text makes the detectors slow, and a text with nothing to find costs no memory.</summary>
[Trait(Tier.Name, Tier.Unit)]
[Collection(nameof(AloneOnTheMachine))]
public sealed class DetectorCostTests
{
    private static readonly Rule Pii = RuleType.Parse(RuleType.Pii, "{}");

    private static readonly Rule Secrets = RuleType.Parse(RuleType.Secrets, "{}");

    [Theory]
    [InlineData("7")]
    [InlineData("1.")]
    [InlineData("a@")]
    [InlineData("a.a@")]
    [InlineData("a:")]
    [InlineData("::1 ")]
    [InlineData("1-")]
    [InlineData("4111 ")]
    [InlineData("912803456 ")]
    [InlineData("DE89 3704 ")]
    [InlineData("QUJDRDEyMzQ1Njc4OTA")]
    [InlineData("https://a.")]
    [InlineData("(415) 055-0132 ")]
    public void HostileTextForPersonalData_CostsInProportion(string part) => Hostile.AssertLinear(Pii, part);

    [Fact]
    public void CleanTextForPersonalData_CostsNoMemory()
    {
        Hostile.AssertFree(Pii, "Plan a trip of 3 days for 2 people; the budget is 450.50 a day, from 2024-03-15 on.\n");
    }

    [Theory]
    [InlineData("7")]
    [InlineData("sk-")]
    [InlineData("eyJ")]
    [InlineData("eyJ.eyJ ")]
    [InlineData("AKIA ")]
    [InlineData("password = ")]
    [InlineData("api_key: \"")]
    [InlineData("https://a:b")]
    [InlineData("-----BEGIN PRIVATE KEY-----")]
    [InlineData("curl -u a ")]
    [InlineData("authorization: ")]
    [InlineData("cloudflare ")]
    [InlineData("QUJDRDEyMzQ1Njc4OTA")]
    [InlineData("SG.aaaaaaaaaaaaaaaaaaaaaa.")]
    public void HostileTextForSecrets_CostsInProportion(string part) => Hostile.AssertLinear(Secrets, part);

    [Fact]
    public void CleanTextForSecrets_CostsNoMemory() => Hostile.AssertFree(Secrets, "Plan a trip of 3 days for 2 people; the budget is 450.50 a day, from 2024-03-15 on.\n");
}
