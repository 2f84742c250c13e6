using System.Net;
using System.Text;
using System.Text.Json;
using PromptStudio.Core.Guardrails;
using PromptStudio.Core.Guardrails.ModelCheck;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Guardrails;

/// <summary>What a model_check sends, and what an answer means to it.</summary>
[Trait(Tier.Name, Tier.Unit)]
public sealed class ModelCheckRuleTests
{
    private const string Url = "\"url\": \"https://models.example.org/check\"";

    [Theory]
    [InlineData("""{"shape": "prompt_shield"}""", "rule_config.url")]
    [InlineData("""{"url": "models.example.org", "shape": "prompt_shield"}""", "rule_config.url")]
    [InlineData("""{"url": "ftp://models.example.org", "shape": "prompt_shield"}""", "rule_config.url")]
    [InlineData("""{"url": "file:///etc/passwd", "shape": "prompt_shield"}""", "rule_config.url")]
    [InlineData("""{"url": "https://me:key@models.example.org", "shape": "prompt_shield"}""", "rule_config.url")]
    [InlineData("""{"url": "https://models.example.org/#x", "shape": "prompt_shield"}""", "rule_config.url")]
    [InlineData("""{"url": "http://169.254.169.254/latest", "shape": "prompt_shield"}""", "rule_config.url")]
    [InlineData("""{"url": "http://2852039166/latest", "shape": "prompt_shield"}""", "rule_config.url")]
    [InlineData("""{"url": "http://0xA9.0xFE.0xA9.0xFE/", "shape": "prompt_shield"}""", "rule_config.url")]
    [InlineData("""{"url": "http://[fd00:ec2::254]/", "shape": "prompt_shield"}""", "rule_config.url")]
    [InlineData("""{"url": "http://[::ffff:169.254.169.254]/", "shape": "prompt_shield"}""", "rule_config.url")]
    [InlineData($$"""{{{Url}}}""", "rule_config.shape")]
    [InlineData($$"""{{{Url}}, "shape": "oracle"}""", "rule_config.shape")]
    [InlineData($$"""{{{Url}}, "shape": "perspective"}""", "rule_config.thresholds")]
    [InlineData($$$"""{{{{Url}}}, "shape": "perspective", "thresholds": {"TOXICITY": "high"}}""", "rule_config.thresholds.TOXICITY")]
    [InlineData($$$"""{{{{Url}}}, "shape": "perspective", "thresholds": {"TOXICITY": 1.1}}""", "rule_config.thresholds.TOXICITY")]
    [InlineData($$$"""{{{{Url}}}, "shape": "openai_moderation", "thresholds": {}}""", "rule_config.thresholds")]
    [InlineData($$"""{{{Url}}, "shape": "openai_moderation", "threshold": 2}""", "rule_config.threshold")]
    [InlineData($$"""{{{Url}}, "shape": "prompt_shield", "threshold": 0.5}""", "rule_config.threshold")]
    [InlineData($$"""{{{Url}}, "shape": "prompt_shield", "path": "$.a"}""", "rule_config.path")]
    [InlineData($$"""{{{Url}}, "shape": "json_path"}""", "rule_config.path")]
    [InlineData($$"""{{{Url}}, "shape": "json_path", "path": "a.b"}""", "rule_config.path")]
    [InlineData($$"""{{{Url}}, "shape": "json_path", "path": "$..a"}""", "rule_config.path")]
    [InlineData($$"""{{{Url}}, "shape": "json_path", "path": "$[?@.a]"}""", "rule_config.path")]
    [InlineData($$"""{{{Url}}, "shape": "json_path", "path": "$['a"}""", "rule_config.path")]
    [InlineData($$"""{{{Url}}, "shape": "json_path", "path": "$.a", "threshold": 1, "values": ["x"]}""", "rule_config.values")]
    [InlineData($$"""{{{Url}}, "shape": "json_path", "path": "$.a", "hit": "below"}""", "rule_config.hit")]
    [InlineData($$$"""{{{{Url}}}, "shape": "json_path", "path": "$.a", "body": {"text": "no mark"}}""", "rule_config.body")]
    [InlineData($$$"""{{{{Url}}}, "shape": "prompt_shield", "headers": {"Authorization": "Bearer sk-1234"}}""", "rule_config.headers.Authorization")]
    [InlineData($$$"""{{{{Url}}}, "shape": "prompt_shield", "headers": {"X-Api-Key": "1234"}}""", "rule_config.headers.X-Api-Key")]
    [InlineData($$$"""{{{{Url}}}, "shape": "prompt_shield", "headers": {"Host": "elsewhere.example.org"}}""", "rule_config.headers.Host")]
    [InlineData($$$"""{{{{Url}}}, "shape": "prompt_shield", "headers": {"X-A\r\nX-B": "1"}}""", "rule_config.headers.X-A\r\nX-B")]
    [InlineData($$$"""{{{{Url}}}, "shape": "prompt_shield", "headers": {"X-A": "1\r\nX-B: 2"}}""", "rule_config.headers.X-A")]
    [InlineData($$"""{{{Url}}, "shape": "prompt_shield", "timeout_ms": 60000}""", "rule_config.timeout_ms")]
    [InlineData($$"""{{{Url}}, "shape": "prompt_shield", "concurrency": 0}""", "rule_config.concurrency")]
    [InlineData($$"""{{{Url}}, "shape": "prompt_shield", "breaker_failures": 1}""", "rule_config.breaker_failures")]
    [InlineData($$"""{{{Url}}, "shape": "prompt_shield", "breaker_seconds": 0}""", "rule_config.breaker_seconds")]
    [InlineData($$"""{{{Url}}, "shape": "prompt_shield", "cache_seconds": -1}""", "rule_config.cache_seconds")]
    [InlineData($$"""{{{Url}}, "shape": "prompt_shield", "api_key": "sk-1234"}""", "rule_config.api_key")]
    public void Config_ThatCannotWork_NamesItsField(string config, string field)
    {
        var thrown = Assert.Throws<FormatException>(() => RuleType.Parse(RuleType.ModelCheck, config));

        Assert.StartsWith(field + " ", thrown.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("1234", thrown.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://localhost:8000/check")]
    [InlineData("http://127.0.0.1:8000/check")]
    [InlineData("http://[::1]:8000/check")]
    [InlineData("http://10.0.0.7/check")]
    [InlineData("http://[fd12:3456::7]/check")]
    [InlineData("http://models/check")]
    public void Url_OfAModelOfOnesOwn_IsPossible(string url) => Assert.Equal(new Uri(url), Rule($$"""{"url": "{{url}}", "shape": "prompt_shield"}""").Url);

    [Theory]
    [InlineData("169.254.169.254")]
    [InlineData("169.254.170.2")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("64:ff9b::a9fe:a9fe")]
    [InlineData("::a9fe:a9fe")]
    [InlineData("fe80::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("100.100.100.200")]
    [InlineData("168.63.129.16")]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("255.255.255.255")]
    [InlineData("ff02::1")]
    public void Address_OfMetadataOrOfNoServer_IsRefused(string address) => Assert.True(ModelAddress.IsRefused(IPAddress.Parse(address)));

    [Theory]
    [InlineData("openai_moderation", "", """{"input":"T"}""")]
    [InlineData("openai_moderation", ", \"model\": \"m\"", """{"input":"T","model":"m"}""")]
    [InlineData("perspective", ", \"threshold\": 0.7", """{"comment":{"text":"T"},"requestedAttributes":{"TOXICITY":{}},"doNotStore":true}""")]
    [InlineData("perspective", ", \"thresholds\": {\"INSULT\": 0.7, \"THREAT\": 0.5}", """{"comment":{"text":"T"},"requestedAttributes":{"INSULT":{},"THREAT":{}},"doNotStore":true}""")]
    [InlineData("prompt_shield", "", """{"userPrompt":"T","documents":[]}""")]
    [InlineData("json_path", ", \"path\": \"$.a\"", """{"text":"T"}""")]
    [InlineData("json_path", ", \"path\": \"$.a\", \"body\": {\"messages\": [{\"role\": \"user\", \"content\": \"Is this bad? {{text}} {{text}}\"}], \"n\": 1}", """{"messages":[{"role":"user","content":"Is this bad? T T"}],"n":1}""")]
    public void Body_IsTheShapesOwn_OrTheConfigs(string shape, string members, string expected) =>
        Assert.Equal(expected, Encoding.UTF8.GetString(Rule($$"""{{{Url}}, "shape": "{{shape}}"{{members}}}""").Request.Body("T")));

    [Theory]
    [InlineData("\", \"injected\": \"")]
    [InlineData("\\\" \\u0022 \r\n\t\0 {{text}} {{secret}}")]
    [InlineData("💡 é ا  </script>")]
    public void Body_KeepsAnyText_WithinItsPlace(string text)
    {
        var body = JsonElement.Parse(Rule($$$"""{{{{Url}}}, "shape": "json_path", "path": "$.a", "body": {"a": ["<{{text}}>", 1], "b": true}}""").Request.Body(text));

        Assert.Equal(["a", "b"], body.EnumerateObject().Select(member => member.Name));
        Assert.Equal($"<{text}>", body.GetProperty("a")[0].GetString());
    }

    [Fact]
    public void Body_OfATextWithHalfAPair_IsStillJson() =>
        Assert.Equal("a\ufffdb💡", JsonElement.Parse(Rule($$"""{{{Url}}, "shape": "prompt_shield"}""").Request.Body("a\ud83db💡")).GetProperty("userPrompt").GetString());

    [Theory]
    [InlineData("openai_moderation", "", "Authorization: Bearer KEY")]
    [InlineData("perspective", ", \"threshold\": 0.7", "X-Goog-Api-Key: KEY")]
    [InlineData("prompt_shield", "", "Ocp-Apim-Subscription-Key: KEY")]
    [InlineData("prompt_shield", ", \"headers\": {\"api-key\": \"k {{secret}}\", \"X-Team\": \"a\"}", "api-key: k KEY; X-Team: a")]
    public void Headers_HaveTheSecret(string shape, string members, string expected)
    {
        var request = Rule($$"""{{{Url}}, "shape": "{{shape}}"{{members}}}""").Request;

        Assert.Equal(expected, string.Join("; ", request.Headers("KEY").Select(header => $"{header.Key}: {header.Value}")));
        Assert.DoesNotContain(request.Headers(null), header => header.Value.Contains("secret", StringComparison.Ordinal) || header.Value.EndsWith(' '));
    }

    [Theory]
    // OpenAI's moderation.
    [InlineData("openai_moderation", ", \"threshold\": 0.5", """{"results": [{"flagged": true, "category_scores": {"hate": 0.5, "violence": 0.49}}]}""", "hate 0.5*, violence 0.49")]
    [InlineData("openai_moderation", ", \"thresholds\": {\"violence\": 0.4}", """{"results": [{"category_scores": {"hate": 0.9, "violence": 0.49}}]}""", "violence 0.49*")]
    [InlineData("openai_moderation", ", \"threshold\": 0.9, \"thresholds\": {\"violence\": 0.4}", """{"results": [{"category_scores": {"hate": 0.8, "violence": 0.3}}]}""", "violence 0.3, hate 0.8")]
    [InlineData("openai_moderation", "", """{"results": [{"categories": {"hate": true, "violence": false}, "category_scores": {"hate": 0.1}}]}""", "hate 1*, violence 0")]
    // Perspective.
    [InlineData("perspective", ", \"threshold\": 0.7", """{"attributeScores": {"TOXICITY": {"summaryScore": {"value": 0.71, "type": "PROBABILITY"}}}, "languages": ["en"]}""", "TOXICITY 0.71*")]
    [InlineData("perspective", ", \"thresholds\": {\"TOXICITY\": 0.7, \"INSULT\": 0.2}", """{"attributeScores": {"INSULT": {"summaryScore": {"value": 0.1}}, "TOXICITY": {"summaryScore": {"value": 0.699}}}}""", "TOXICITY 0.699, INSULT 0.1")]
    // Prompt shields.
    [InlineData("prompt_shield", "", """{"userPromptAnalysis": {"attackDetected": true}, "documentsAnalysis": []}""", "user_prompt_attack 1*")]
    [InlineData("prompt_shield", "", """{"userPromptAnalysis": {"attackDetected": false}, "documentsAnalysis": [{"attackDetected": false}, {"attackDetected": true}]}""", "user_prompt_attack 0, document_attack 0, document_attack 1*")]
    [InlineData("prompt_shield", "", """{"documentsAnalysis": [{"attackDetected": true}]}""", "document_attack 1*")]
    // Others.
    [InlineData("json_path", ", \"path\": \"$.a['b c'][1].d\", \"threshold\": 3", """{"a": {"b c": [1, {"d": 3}]}}""", "$.a['b c'][1].d 3*")]
    [InlineData("json_path", ", \"path\": \"$[0][*].score\", \"threshold\": 0.5", """[[{"score": 0.1}, {"score": 0.9}]]""", "$[0][*].score 0.1, $[0][*].score 0.9*")]
    [InlineData("json_path", ", \"path\": \"$.*\", \"threshold\": 0.5", """{"toxicity": 0.6, "threat": 0.1}""", "$.* 0.6*, $.* 0.1")]
    [InlineData("json_path", ", \"path\": \"$[-1]\"", "[false, true]", "$[-1] 1*")]
    [InlineData("json_path", ", \"path\": \"$.safe\", \"threshold\": 0.5, \"hit\": \"below\"", """{"safe": 0.4}""", "$.safe 0.4*")]
    [InlineData("json_path", ", \"path\": \"$.safe\", \"threshold\": 0.5, \"hit\": \"below\"", """{"safe": 0.5}""", "$.safe 0.5")]
    [InlineData("json_path", ", \"path\": \"$.choices[0].message.content\", \"values\": [\"unsafe\"]", """{"choices": [{"message": {"content": " Unsafe\n"}}]}""", "$.choices[0].message.content 1*")]
    [InlineData("json_path", ", \"path\": \"$.label\", \"values\": [\"unsafe\"]", """{"label": "safe"}""", "$.label 0")]
    public void Answer_IsAVerdict(string shape, string members, string answer, string expected)
    {
        var verdict = Rule($$"""{{{Url}}, "shape": "{{shape}}"{{members}}}""").Read(Encoding.UTF8.GetBytes(answer));

        Assert.Equal(expected, string.Join(", ", verdict.Scores.Select(score => FormattableString.Invariant($"{score.Name} {score.Value}{(score.IsHit ? "*" : "")}"))));
        Assert.Equal(verdict.Scores.Count(score => score.IsHit), ModelCheckRule.Hits(verdict).Count);
    }

    [Theory]
    [InlineData("openai_moderation", ", \"threshold\": 0.5", "<html>whisper</html>")]
    [InlineData("openai_moderation", ", \"threshold\": 0.5", "")]
    [InlineData("openai_moderation", ", \"threshold\": 0.5", """{"error": {"message": "whisper"}}""")]
    [InlineData("openai_moderation", ", \"threshold\": 0.5", """{"results": []}""")]
    [InlineData("openai_moderation", ", \"threshold\": 0.5", """{"results": [{"category_scores": {}}]}""")]
    [InlineData("openai_moderation", ", \"threshold\": 0.5", """{"results": [{"category_scores": {"hate": "whisper"}}]}""")]
    [InlineData("openai_moderation", ", \"threshold\": 0.5", """{"results": [{"category_scores": {"hate": 1e999}}]}""")]
    [InlineData("openai_moderation", ", \"thresholds\": {\"hate\": 0.4}", """{"results": [{"category_scores": {"violence": 0.9}}]}""")]
    [InlineData("openai_moderation", "", """{"results": [{"category_scores": {"violence": 0.9}}]}""")]
    [InlineData("perspective", ", \"threshold\": 0.5", """{"attributeScores": {"INSULT": {"summaryScore": {"value": 0.9}}}}""")]
    [InlineData("perspective", ", \"threshold\": 0.5", """{"attributeScores": []}""")]
    [InlineData("perspective", ", \"threshold\": 0.5", "[]")]
    [InlineData("prompt_shield", "", """{"documentsAnalysis": []}""")]
    [InlineData("prompt_shield", "", """{"userPromptAnalysis": {"attackDetected": "whisper"}}""")]
    [InlineData("json_path", ", \"path\": \"$.a\", \"threshold\": 1", """{"b": 1}""")]
    [InlineData("json_path", ", \"path\": \"$.a\", \"threshold\": 1", """{"a": "whisper"}""")]
    [InlineData("json_path", ", \"path\": \"$.a\"", """{"a": 1}""")]
    public void Answer_OfAnotherForm_IsNone_AndIsNotQuoted(string shape, string members, string answer)
    {
        var rule = Rule($$"""{{{Url}}, "shape": "{{shape}}"{{members}}}""");

        var thrown = Assert.Throws<ModelAnswerException>(() => rule.Read(Encoding.UTF8.GetBytes(answer)));

        Assert.StartsWith("The model's answer ", thrown.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("whisper", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Hits_TellTheWorstFirst()
    {
        var verdict = new ModelVerdict([new ModelScore("a", 0.71, 0.7, true), new ModelScore("b", 0.1, 0.7, false), new ModelScore("c", 0.95, 0.7, true)]);

        Assert.Equal(["The model gives 'c' 0.95; the limit is 0.7.", "The model gives 'a' 0.71; the limit is 0.7."], ModelCheckRule.Hits(verdict).Select(hit => hit.Message));
        Assert.All(ModelCheckRule.Hits(verdict), hit => Assert.Null(hit.Span));
    }

    [Theory]
    [InlineData("", false)]
    [InlineData(" \n", false)]
    [InlineData("1,234.50", false)]
    [InlineData("a", true)]
    [InlineData("🖕", true)]
    [InlineData("йо", true)]
    public void Text_WithoutWords_IsNotWorthACall(string text, bool expected) => Assert.Equal(expected, ModelCheckRule.IsWorthAsking(text));

    [Fact]
    public void Rule_InASetThatNobodyAwaits_CouldNotLook()
    {
        var guardrail = new Guardrail { Id = Guid.Empty, Name = "g", RuleType = RuleType.ModelCheck, RuleConfig = $$"""{{{Url}}, "shape": "prompt_shield"}""" };

        var finding = Assert.Single(new RuleSet([CompiledGuardrail.Build(guardrail)]).Check("text", default, TestContext.Current.CancellationToken));

        Assert.Equal(("A model has to be asked.", 0), (finding.Error, finding.Hits.Count));
    }

    private static ModelCheckRule Rule(string config) => Assert.IsType<ModelCheckRule>(RuleType.Parse(RuleType.ModelCheck, config));
}
