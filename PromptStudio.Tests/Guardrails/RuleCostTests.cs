using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using PromptStudio.Core.Guardrails;
using PromptStudio.Tests.Studio;
using static PromptStudio.Tests.Guardrails.RuleSetTests;

namespace PromptStudio.Tests.Guardrails;

/// <summary>What rules cost: little, in proportion to the text, and bounded whatever the pattern or the text.</summary>
[Trait(Tier.Name, Tier.Unit)]
[Collection(nameof(AloneOnTheMachine))]
public sealed class RuleCostTests
{
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(250);

    [Fact]
    public void ManyWordsThatNearlyMatch_TakeHardlyLongerThanFew()
    {
        var text = string.Concat(Enumerable.Repeat("ab", 25_000));
        var (few, many) = (Words(9), Words(999));
        Assert.Empty(Hits(few, text));
        Assert.Empty(Hits(many, text));
        // Each place against each word would take a hundred times as long.
        CpuTime.AssertLess(20, () => Hits(few, text), () => Hits(many, text));

        static Rule Words(int count) => RuleType.Parse(RuleType.Keyword, JsonSerializer.Serialize(new { words = Enumerable.Range(0, count).Select(index => $"a{index}").Append("a") }));
    }

    [Theory]
    [InlineData('a')]
    [InlineData(' ')]
    [InlineData('!')]
    [InlineData('\u4e00')]
    public void TokensOfHostileTexts_AreCountedInLinearTime(char character)
    {
        var rule = RuleType.Parse(RuleType.MaxLength, """{"tokens":900}""");
        // Twenty times the text takes four hundred times as long when the time grows with the square; here it takes no longer, as counting stops.
        var (text, longText) = (new string(character, 5_000), new string(character, 100_000));
        CpuTime.AssertLess(60, () => Hits(rule, text), () => Hits(rule, longText));
    }

    [Fact]
    public void NothingFound_AllocatesNothing()
    {
        Guardrail[] guardrails = [Regex(@"\b\d{3}-\d{2}-\d{4}\b"), Regex("(?i)api[_-]?key"), Regex("(?<!x)token"), Keyword("ignore previous instructions", "jailbreak"), Make(RuleType.MaxLength, new { characters = 9_000, tokens = 9_000 }), Make(RuleType.InvisibleText, new { })];
        var clock = new FakeTimeProvider();
        var set = new RuleSet(guardrails.Select(guardrail => CompiledGuardrail.Build(guardrail, clock)), clock);
        var none = TestContext.Current.CancellationToken;
        foreach (var text in new[] { "plain text 12-34, R&D and 100% of it: internationalization. ", "caf\u00e9 \u201cquoted\u201d \u2014 \u00e0 la carte \u2764\ufe0f \U0001f600. " }.Select(text => string.Concat(Enumerable.Repeat(text, 40))))
        {
            for (var turn = 0; turn < 200; turn++)
                Assert.Empty(set.Check(text, default, none));
            // The pool of buffers and the regex engine may make something now and then; a check does not.
            var least = long.MaxValue;
            for (var turn = 0; turn < 1_000 && least > 0; turn++)
            {
                var allocated = GC.GetAllocatedBytesForCurrentThread();
                set.Check(text, default, none);
                least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - allocated);
            }
            Assert.Equal(0, least);
        }
    }

    [Fact]
    public void HostileRegexes_LeaveTheOthersTheirTime_AndEndInTime()
    {
        var set = Set([.. Enumerable.Range(0, 20).Select(_ => Regex("^(?!.*;)(a+)+b")), Keyword("needle")]);
        var text = new string('a', 200) + " needle";
        CpuTime.AssertLess(Longest, () =>
        {
            var findings = Check(set, text);
            Assert.Equal(21, findings.Count);
            Assert.NotEmpty(findings[^1].Hits);
            Assert.All(findings.SkipLast(1), finding => Assert.NotNull(finding.Error));
        });
    }

    [Theory]
    [InlineData('\u0430')]
    [InlineData('\u00e9')]
    [InlineData('&')]
    [InlineData('A')]
    public void HostileTexts_EndInTime(char character)
    {
        var set = Set(Typical);
        var text = string.Concat(Enumerable.Repeat(new string(character, 15) + "qw==\u0430 ", 50_000))[..900_000];
        CpuTime.AssertLess(Longest, () => Check(set, text));
    }

    private static List<Hit> Hits(Rule rule, string text)
    {
        var hits = new List<Hit>();
        rule.Find(new RuleInput(text), hits);
        return hits;
    }
}
