using System.Text;
using System.Text.Json;
using PromptStudio.Rendering;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Rendering;

/// <summary>The lane reads a body as the route does, or leaves it to the route.</summary>
[Trait(Tier.Name, Tier.Unit)]
public sealed class RenderFieldsTests
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"variables": {"a": {"b": [1, 2.5e3, "x\n", null, true]}}, "user_id": "u\u00fc", "dry_run": true}""")]
    [InlineData(""" { "version" : 3 , "enable_ab_testing" : false , "model_name" : "m", "request_id": "5a0f3a0e-8d2b-4a52-9b3c-0a3d7b1c2d3e" } """)]
    [InlineData("""{"variables": null, "user_id": null, "label": null, "version": null, "request_id": null, "model_name": null}""")]
    [InlineData("""{"label": "staging", "\u0075ser_id": "escaped name"}""")]
    public void TryRead_OfARightBody_ReadsWhatTheSerializerReads(string json)
    {
        var body = Encoding.UTF8.GetBytes(json);
        var expected = JsonSerializer.Deserialize<RenderBody>(body, Json)!;

        Assert.True(RenderFields.TryRead(body, out var fields));

        Assert.Equal(
            (expected.UserId, expected.RequestId, expected.ModelName, expected.Version, expected.Label, expected.EnableAbTesting, expected.DryRun),
            (fields.UserId, fields.RequestId, fields.ModelName, fields.Version, fields.Label, fields.EnableAbTesting, fields.DryRun));
        var variables = expected.Variables is { ValueKind: JsonValueKind.Object } given ? given.GetRawText() : "";
        Assert.Equal(variables, Encoding.UTF8.GetString(body.AsSpan(fields.Variables)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{} {}")]
    [InlineData("""{"variables": """)]
    [InlineData("""{"variables": []}""")]
    [InlineData("""{"variables": "text"}""")]
    [InlineData("""{"variables": {"a": "\u0000"}}""")]
    [InlineData("""{"variables": {"a": "\ud800"}}""")]
    [InlineData("""{"variables": {"a": 1e999}}""")]
    [InlineData("""{"variabels": {}}""")]
    [InlineData("""{"user_id": 5}""")]
    [InlineData("""{"user_id": "a", "user_id": "b"}""")]
    [InlineData("""{"user_id": "\u0000"}""")]
    [InlineData("""{"dry_run": null}""")]
    [InlineData("""{"dry_run": "yes"}""")]
    [InlineData("""{"version": "1"}""")]
    [InlineData("""{"version": 99999999999}""")]
    [InlineData("""{"request_id": "mine"}""")]
    [InlineData("""{"Variables": {}}""")]
    public void TryRead_OfAnythingElse_LeavesItToTheRoute(string json) => Assert.False(RenderFields.TryRead(Encoding.UTF8.GetBytes(json), out _));

    [Fact]
    public void TryRead_OfTextThatIsNoUtf8_LeavesItToTheRoute() => Assert.False(RenderFields.TryRead([.. "{\"user_id\": \""u8, 0xff, .. "\"}"u8], out _));

    [Fact]
    public void TryRead_OfABodyNestedTooDeep_LeavesItToTheRoute()
    {
        var json = $$$"""{"variables": {"a": {{{new string('[', 64)}}}{{{new string(']', 64)}}}}}""";

        Assert.False(RenderFields.TryRead(Encoding.UTF8.GetBytes(json), out _));
    }
}
