using System.Text.Json;
using PromptStudio.Core.Guardrails;
using PromptStudio.Core.Guardrails.Text;
using PromptStudio.Tests.Studio;
using PromptStudio.Tests.Templating;

namespace PromptStudio.Tests.Guardrails;

/// <summary>Personal data is found where it is, to the character, and what only looks like it is left alone.</summary>
[Trait(Tier.Name, Tier.Unit)]
public sealed class PiiCaseTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Cases_MeetTheirBars(bool all)
    {
        foreach (var path in CaseFiles.Find("pii_cases.json"))
        {
            var counts = new Dictionary<string, Counts>();
            var failures = new List<string>();
            foreach (var one in CaseFiles.Elements(path))
            {
                var (entity, text) = (one.GetProperty("entity_under_test").GetString()!, one.GetProperty("text").GetString()!);
                var isNegative = one.GetProperty("polarity").GetString() == "negative";
                var strength = one.TryGetProperty("strength", out var said) ? said.GetString()! : "";
                if (!isNegative && strength is not ("strong" or "medium"))
                    continue;
                var region = one.TryGetProperty("region", out var country) ? country.GetString() : null;
                var expected = one.GetProperty("expected").EnumerateArray().Select(Span).ToHashSet();
                var found = Spans(Rule(all ? null : entity, region), text, entity);
                if (!counts.TryGetValue(entity, out var count))
                    counts[entity] = count = new Counts();
                count.Add(expected, found);
                if (!expected.SetEquals(found))
                    failures.Add($"{one.GetProperty("id").GetString()} {text[..Math.Min(80, text.Length)]}: {string.Join(' ', expected.Except(found))} missing, {string.Join(' ', found.Except(expected))} too many");
            }
            var (recall, precision) = (counts.Values.Average(count => count.Recall), counts.Values.Average(count => count.Precision));
            CaseFiles.Report(path, counts.Values.Sum(count => count.Right), failures.Count, $"{(all ? "all entities at once" : "one entity")}: recall {recall:P2}, precision {precision:P2}, macro over {counts.Count} entities");
            Assert.True(recall >= 0.98 && precision >= 0.98, $"recall {recall:P2}, precision {precision:P2}\n{string.Join('\n', failures)}");
        }
    }

    [Fact]
    public void Sentences_HaveWhatIsExpected()
    {
        foreach (var path in CaseFiles.Find("pii_sentences.json"))
        {
            var counts = new Dictionary<string, Counts>();
            var (clean, flagged) = (0, new List<string>());
            foreach (var one in CaseFiles.Elements(path))
            {
                var text = one.GetProperty("text").GetString()!;
                var expected = one.GetProperty("expected").EnumerateArray().ToList();
                foreach (var entity in expected.Select(each => each.GetProperty("entity").GetString()!).Distinct())
                {
                    if (!counts.TryGetValue(entity, out var count))
                        counts[entity] = count = new Counts();
                    count.Add([.. expected.Where(each => each.GetProperty("entity").GetString() == entity).Select(Span)], Spans(Rule(null, null), text, entity));
                }
                if (expected.Count > 0)
                    continue;
                clean++;
                var hits = new List<Hit>();
                Rule(null, null).Find(new RuleInput(text), hits);
                if (hits.Count > 0)
                    flagged.Add($"{string.Join(' ', hits.Select(hit => $"{hit.Entity} {hit.Span}"))} in {text}");
            }
            CaseFiles.Report(path, clean - flagged.Count, flagged.Count, string.Join(", ", counts.Select(count => $"{count.Key} recall {count.Value.Recall:P0} precision {count.Value.Precision:P0}")));
            Assert.True(flagged.Count <= 0.03 * clean, string.Join('\n', flagged));
            Assert.All(new[] { "EMAIL_ADDRESS", "IP_ADDRESS", "URL" }, entity => Assert.True(counts.GetValueOrDefault(entity)?.Recall is null or 1, entity));
        }
    }

    private static readonly Dictionary<(string?, string?), Rule> Rules = [];

    private static Rule Rule(string? entity, string? region)
    {
        if (!Rules.TryGetValue((entity, region), out var rule))
            Rules[(entity, region)] = rule = RuleType.Parse(RuleType.Pii, JsonSerializer.Serialize(new { entities = entity is null ? null : new[] { entity }, regions = region is null ? null : new[] { region } }));
        return rule;
    }

    private static TextSpan Span(JsonElement expected) => new(expected.GetProperty("start").GetInt32(), expected.GetProperty("end").GetInt32());

    private static HashSet<TextSpan> Spans(Rule rule, string text, string entity)
    {
        var hits = new List<Hit>();
        rule.Find(new RuleInput(text), hits);
        return [.. hits.Where(hit => hit.Entity == entity).Select(hit => hit.Span!.Value)];
    }

    private sealed class Counts
    {
        private int _expected;
        private int _found;

        public int Right { get; private set; }

        public double Recall => _expected == 0 ? 1 : Right / (double)_expected;

        public double Precision => _found == 0 ? 1 : Right / (double)_found;

        public void Add(HashSet<TextSpan> expected, HashSet<TextSpan> found)
        {
            _expected += expected.Count;
            _found += found.Count;
            Right += expected.Intersect(found).Count();
        }
    }
}
