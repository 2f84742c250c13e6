using System.Diagnostics;
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
    private const string Hostile = "^(?!.*;)(a+)+b";

    private static readonly Guardrail[] Typical =
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
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            for (var turn = 0; turn < 1_000; turn++)
                set.Check(text, default, none);
            // The pool of buffers and the regex engine may make something now and then; a check does not.
            Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - allocated) / 1_000, 0, 8);
        }
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
    public void HostileRegexes_LeaveTheOthersTheirTime_AndEndInTime()
    {
        var set = Set([.. Enumerable.Range(0, 20).Select(_ => Regex(Hostile)), Keyword("needle")]);
        var text = new string('a', 200) + " needle";
        // The best of a few: another process may hold the machine for a while.
        var best = TimeSpan.MaxValue;
        for (var turn = 0; turn < 5 && best > TimeSpan.FromMilliseconds(250); turn++)
        {
            var started = Stopwatch.GetTimestamp();
            var findings = Check(set, text);
            best = Stopwatch.GetElapsedTime(started) is var elapsed && elapsed < best ? elapsed : best;
            Assert.Equal(21, findings.Count);
            Assert.NotEmpty(findings[^1].Hits);
            Assert.All(findings.SkipLast(1), finding => Assert.NotNull(finding.Error));
        }
        Assert.True(best <= TimeSpan.FromMilliseconds(250), $"{best.TotalMilliseconds} ms");
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
        var best = TimeSpan.MaxValue;
        for (var turn = 0; turn < 5 && best > TimeSpan.FromMilliseconds(250); turn++)
        {
            var started = Stopwatch.GetTimestamp();
            Check(set, text);
            best = Stopwatch.GetElapsedTime(started) is var elapsed && elapsed < best ? elapsed : best;
        }
        Assert.True(best <= TimeSpan.FromMilliseconds(250), $"{best.TotalMilliseconds} ms");
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

    private static IReadOnlyList<Finding> Check(RuleSet set, string text) => set.Check(text, default, TestContext.Current.CancellationToken);

    private static RuleSet Set(params IEnumerable<Guardrail> guardrails) => new(guardrails.Select(CompiledGuardrail.Build).Select(one => one.Broken is null ? one : throw new InvalidOperationException(one.Broken)));

    private static Guardrail Regex(string pattern) => Make(RuleType.Regex, new { pattern });

    private static Guardrail Keyword(params string[] words) => Make(RuleType.Keyword, new { words });

    private static Guardrail Make(string type, object config) => new() { Id = Guid.Empty, Name = type, RuleType = type, RuleConfig = JsonSerializer.Serialize(config) };

    private static List<Hit> Hits(Rule rule, string text)
    {
        var hits = new List<Hit>();
        rule.Find(new RuleInput(text), hits);
        return hits;
    }
}
