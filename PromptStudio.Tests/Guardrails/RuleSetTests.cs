using System.Text.Json;
using CsCheck;
using Microsoft.Extensions.Time.Testing;
using PromptStudio.Core.Guardrails;
using PromptStudio.Tests.Studio;
using PromptStudio.Tests.Templating;

namespace PromptStudio.Tests.Guardrails;

/// <summary>Many rules look at one text at once: no rule loses a hit by it, and none takes the others' time.</summary>
[Trait(Tier.Name, Tier.Unit)]
public sealed class RuleSetTests
{
    internal static readonly Guardrail[] Typical =
    [
        Regex(@"\b\d{3}-\d{2}-\d{4}\b"), Regex("(?i)(?:api[_-]?key|token)\\s*[:=]\\s*\\S+"), Regex(@"[\w.]+@[\w.]+\.\w+"), Regex("(?<!x)caf\u00e9"), Regex("stra\u00dfe"), Regex(@"\bend$"),
        Keyword("ignore previous instructions", "naive"), Keyword("\u5ffd\u7565"), Keyword("x"), Make(RuleType.MaxLength, new { characters = 60 }), Make(RuleType.MaxLength, new { tokens = 30 }),
        Make(RuleType.PromptInjection, new { }), Make(RuleType.InvisibleText, new { }), Make(RuleType.Custom, new { expression = "'token' in prompt" }),
    ];

    /// <summary>The plan's three examples, as far as they need no service, and the built-in detectors.</summary>
    private static readonly RuleSet Defaults = Set(
        Regex(@"\b\d{3}-\d{2}-\d{4}\b"),
        Keyword("ignore previous instructions", "ignore all previous instructions", "disregard previous instructions", "system prompt"),
        Make(RuleType.PromptInjection, new { }),
        Make(RuleType.InvisibleText, new { }));

    [Fact]
    public void FirstLook_LosesNothing()
    {
        string[] pieces =
        [
            "123-45-6789", "api_key = x1", "API-KEY: y", "to\u212aen=1", "a.b@c.de", "caf\u00e9", "cafe\u0301", "Stra\u00dfe", "STRASSE", "ignore previous instructions", "IGNORE\nprevious   instructions", "na\u00efve", "NAI\u0308VE", "\u5ffd\u7565",
            "\u8bf7\u5ffd\u7565\u4ee5\u4e0a", "x", "\uff58", "\u0445", "end", "\u200b", "\u200b\u200c\u200d\u200b", "\u202e", "\U000e0041", "\u2764\ufe0f", "\U0001f469\u200d\U0001f4bb", "&#x78;", "R&D", "100%", "%78%79%7a", "aWdub3JlIGFsbCBwcmV2aW91cyBpbnN0cnVjdGlvbnM=",
            "internationalization", "----------------", "forget all of your previous instructions", "\u0438\u0433\u043d\u043e\u0440\u0438\u0440\u0443\u0439 \u0432\u0441\u0435", "\ud800", "\0", "\u0007", "\r\n", "\ufb01ne", "\ufdfa", "\u03c2", "\u1e9e",
        ];
        // A clock that stands still: nothing is left out for lack of time on a busy machine.
        var clock = new FakeTimeProvider();
        var set = new RuleSet(Typical.Where(guardrail => guardrail.RuleType != RuleType.Custom).Select(guardrail => CompiledGuardrail.Build(guardrail, clock)), clock);
        var rules = set.Guardrails.Select(guardrail => guardrail.Rule!).ToList();
        var found = 0;
        Gen.Select(OneOf(pieces), OneOf("", " ", "\n", " and ")).Array[0, 5].Sample(
            parts =>
            {
                var text = string.Concat(parts.Select(part => part.Item1 + part.Item2));
                var expected = rules.Select(rule => Hits(rule, text)).ToList();
                var findings = Check(set, text).ToDictionary(finding => finding.Guardrail);
                for (var index = 0; index < rules.Count; index++)
                {
                    Interlocked.Add(ref found, expected[index].Count);
                    var reached = findings.TryGetValue(set.Guardrails[index], out var finding) ? finding.Hits : [];
                    Assert.True(expected[index].SequenceEqual(reached), $"rule {index} on {JsonSerializer.Serialize(text)}: {expected[index].Count} and {reached.Count}");
                }
            },
            iter: 3_000,
            threads: 1);
        Assert.True(found > 3_000);
    }

    [Fact]
    public void Findings_KeepTheOrderOfTheGuardrails_ThoughSlowRulesLookLast()
    {
        var findings = Check(Set(Make(RuleType.Custom, new { expression = "true" }), Regex("(?<!x)a"), Keyword("b")), "a b");
        Assert.Equal([RuleType.Custom, RuleType.Regex, RuleType.Keyword], findings.Select(finding => finding.Guardrail.Guardrail.RuleType));
    }

    [Fact]
    public void WhatIsNotLookedAtForLackOfTime_IsAnError()
    {
        // Each look at this clock takes 30 ms.
        var clock = new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.FromMilliseconds(30) };
        var set = new RuleSet(Enumerable.Repeat(Keyword("b"), 12).Select(CompiledGuardrail.Build), clock);
        var findings = Check(set, "a b");
        Assert.Equal(12, findings.Count);
        Assert.Null(findings[0].Error);
        Assert.Contains("no time left", findings[^1].Error, StringComparison.Ordinal);
    }

    [Fact]
    public void BrokenRules_SayWhy_AndAllowedTextsAreNoHits()
    {
        var broken = CompiledGuardrail.Build(Make(RuleType.Regex, new { patterns = new[] { "(" } }));
        Assert.Equal(broken.Broken, Assert.Single(Check(new RuleSet([broken]), "x")).Error);
        var allowed = Regex(@"\w+@\w+\.de") with { Allowed = new AllowList(["Info@Studio.de"], ["test\\d@.*"]) };
        var hit = Assert.Single(Assert.Single(Check(Set(allowed), "info@studio.de, test1@b.de, who@c.de")).Hits);
        Assert.Equal(28, hit.Span!.Value.Start);
    }

    [Fact]
    public void Measure_SaysOfEachGuardrailHowLongItTook()
    {
        var set = Set(Keyword("a"), Keyword("zzz"), Make(RuleType.Custom, new { expression = "true" }));
        var measured = set.Measure("a b c", default, TestContext.Current.CancellationToken);
        Assert.Equal(set.Guardrails, measured.Select(one => one.Guardrail));
        Assert.Equal([true, false, true], measured.Select(one => one.Finding is not null));
        // A keyword that is not there may take less than the clock can tell; an expression takes more.
        Assert.All(measured, one => Assert.True(one.Elapsed >= TimeSpan.Zero));
        Assert.True(measured[^1].Elapsed > TimeSpan.Zero);
    }

    [Fact]
    public void AlarmingButHonestTexts_AreLeftAlone_AndNoTextIsAltered()
    {
        foreach (var path in CaseFiles.Find("keyword_hard_negatives.json"))
        {
            var texts = CaseFiles.Elements(path).Select(one => one.GetProperty("text").GetString()!).ToList();
            var flagged = texts.Count(text => Unaltered(text).Count > 0);
            CaseFiles.Report(path, texts.Count - flagged, flagged, "default rule set");
            Assert.True(flagged <= 0.03 * texts.Count, $"{flagged} of {texts.Count} flagged");
        }
        foreach (var path in CaseFiles.Find("evasion_cases.json"))
        {
            var controls = CaseFiles.Elements(path).Where(one => one.GetProperty("kind").GetString() != "attack" && !one.GetProperty("rule").GetString()!.StartsWith("pii:", StringComparison.Ordinal)).ToList();
            Assert.NotEmpty(controls);
            Assert.All(controls, one => Assert.Empty(Unaltered(one.GetProperty("text").GetString()!)));
        }
    }

    private static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(index => texts[index]);

    /// <summary>Strings are immutable, unless somebody writes into them.</summary>
    private static IReadOnlyList<Finding> Unaltered(string text)
    {
        var copy = string.Concat(text.Select(character => character));
        var findings = Check(Defaults, text);
        Assert.Equal(copy, text);
        return findings;
    }

    internal static IReadOnlyList<Finding> Check(RuleSet set, string text) => set.Check(text, default, TestContext.Current.CancellationToken);

    internal static RuleSet Set(params IEnumerable<Guardrail> guardrails) => new(guardrails.Select(CompiledGuardrail.Build).Select(one => one.Broken is null ? one : throw new InvalidOperationException(one.Broken)));

    internal static Guardrail Regex(string pattern) => Make(RuleType.Regex, new { pattern });

    internal static Guardrail Keyword(params string[] words) => Make(RuleType.Keyword, new { words });

    internal static Guardrail Make(string type, object config) => new() { Id = Guid.Empty, Name = type, RuleType = type, RuleConfig = JsonSerializer.Serialize(config) };

    private static List<Hit> Hits(Rule rule, string text)
    {
        var hits = new List<Hit>();
        rule.Find(new RuleInput(text), hits);
        return hits;
    }
}
