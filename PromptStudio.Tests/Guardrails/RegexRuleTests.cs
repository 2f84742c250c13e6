using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using PromptStudio.Core.Guardrails;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Guardrails;

/// <summary>Patterns run in linear time, or say why they do not and are held to their time.</summary>
[Trait(Tier.Name, Tier.Unit)]
public sealed class RegexRuleTests
{
    [Theory]
    [InlineData("^(a+)+$")]
    [InlineData("(a|aa)+$")]
    [InlineData("^(([a-z])+.)+[A-Z]([a-z])+$")]
    [InlineData(@"^(\w+\s?)*$")]
    [InlineData("(x+x+)+y")]
    public void CatastrophicPatterns_RunInLinearTime(string pattern)
    {
        var rule = Rule(pattern);
        Assert.True(rule.IsLinear);
        Assert.Null(rule.BacktrackingReason);
        Assert.Empty(Hits(rule, new string('x', 100_000) + "!"));
    }

    [Theory]
    [InlineData("(?=(a+))\\1+b", "look-ahead")]
    [InlineData(@"(a+)+\1b", "back-reference")]
    [InlineData("(?>a+)b", "atomic group")]
    [InlineData("a{1,10000}b", "too large")]
    public void Patterns_SayWhyTheyAreNotLinear(string pattern, string reason)
    {
        var rule = Rule("fine", pattern);
        Assert.False(rule.IsLinear);
        Assert.Contains(reason, rule.BacktrackingReason, StringComparison.Ordinal);
        Assert.StartsWith("Pattern 2 ", rule.BacktrackingReason, StringComparison.Ordinal);
        Assert.Equal([true, false], rule.Patterns.Select(one => one.IsLinear));
    }

    [Theory]
    [InlineData("""{"patterns":["(a{1,100}){1,100}"]}""", "rule_config.patterns[0] repeats what repeats")]
    [InlineData("""{"patterns":["ok","(((a{1,100}){1,100}){1,100}){1,100}"]}""", "rule_config.patterns")]
    [InlineData("""{"patterns":["ok","(a"]}""", "rule_config.patterns[1] is no regular expression")]
    [InlineData("""{"patterns":["a"],"flags":"q"}""", "rule_config.flags")]
    [InlineData("""{"patterns":["\\w{9000}","\\w{9000}","\\w{9000}","\\w{9000}","\\w{9000}"]}""", "too large together")]
    public void BrokenConfigs_AreRefused_ByName(string config, string message) =>
        Assert.Contains(message, Assert.Throws<FormatException>(() => RuleType.Parse(RuleType.Regex, config)).Message, StringComparison.Ordinal);

    [Fact]
    public void TooManyPatterns_AreRefused() =>
        Assert.Throws<FormatException>(() => RuleType.Parse(RuleType.Regex, JsonSerializer.Serialize(new { patterns = Enumerable.Repeat("a", RegexRule.MaxPatterns + 1) })));

    [Theory]
    [InlineData("i", "ABC", true)]
    [InlineData("", "ABC", false)]
    [InlineData("x", "ab c", false)]
    [InlineData("ix", "ABC", true)]
    public void Flags_AreObeyed(string flags, string text, bool isHit)
    {
        var config = JsonSerializer.Serialize(flags.Length > 0 ? (object)new { pattern = "a bc".Replace(" ", flags.Contains('x', StringComparison.Ordinal) ? " " : "", StringComparison.Ordinal), flags } : new { pattern = "abc" });
        Assert.Equal(isHit, Hits(RuleType.Parse(RuleType.Regex, config), text).Count > 0);
    }

    [Fact]
    public void HitsOfAllViews_ComeInTheOrderOfTheText_EachOnce()
    {
        var hits = Hits(Rule(@"\bkey\d\b"), "\uff4b\uff45\uff591 then key2 and k\u200bey3 and key2");
        Assert.Equal([0, 10, 19, 29], hits.Select(hit => hit.Span!.Value.Start));
    }

    [Fact]
    public void RuleThatRunsOutOfTime_IsHurriedForAWhile_AndStillHolds()
    {
        var clock = new FakeTimeProvider();
        var rule = (RegexRule)RuleType.Parse(RuleType.Regex, """{"pattern":"^(?!.*;)(a+)+b"}""", clock);
        var hostile = new string('a', 60);
        for (var turn = 0; turn < 5; turn++)
        {
            Assert.False(rule.IsHurried);
            Assert.Throws<RuleException>(() => Hits(rule, hostile));
        }
        Assert.True(rule.IsHurried);
        // One caller's texts do not switch the rule off for everybody else.
        Assert.NotEmpty(Hits(rule, "aab"));
        Assert.Throws<RuleException>(() => Hits(rule, hostile));
        clock.Advance(TimeSpan.FromSeconds(61));
        Assert.False(rule.IsHurried);
    }

    [Fact]
    public void TimeoutsFarApart_DoNotHurry()
    {
        var clock = new FakeTimeProvider();
        var rule = (RegexRule)RuleType.Parse(RuleType.Regex, """{"pattern":"^(?!.*;)(a+)+b"}""", clock);
        for (var turn = 0; turn < 6; turn++)
        {
            Assert.Throws<RuleException>(() => Hits(rule, new string('a', 60)));
            clock.Advance(TimeSpan.FromSeconds(20));
        }
        Assert.False(rule.IsHurried);
    }

    [Fact]
    public void WhatABacktrackingPatternDoesNotSee_IsAnError() =>
        Assert.Throws<RuleException>(() => Hits(Rule("(?<!x)needle"), new string('-', RegexRule.BacktrackingMaxLength) + " needle"));

    private static RegexRule Rule(params string[] patterns) => (RegexRule)RuleType.Parse(RuleType.Regex, JsonSerializer.Serialize(new { patterns }));

    private static List<Hit> Hits(Rule rule, string text)
    {
        var hits = new List<Hit>();
        rule.Find(new RuleInput(text), hits);
        return hits;
    }
}
