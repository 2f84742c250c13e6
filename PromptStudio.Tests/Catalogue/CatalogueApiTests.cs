using System.Net;
using System.Text.Json;
using PromptStudio.Tests.Guardrails;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Catalogue;

[Trait(Tier.Name, Tier.Api)]
public sealed class CatalogueApiTests(StudioApp app) : IClassFixture<StudioApp>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Catalogue_HasWhatAClientNeeds()
    {
        await app.PromptAsync("cat_part", "a part");
        await app.PromptAsync("cat_whole", "{% include 'cat_part' %}");
        await app.PromptAsync("cat_computed", "{% include name %}");
        await app.PromptAsync("cat_guarded", "x");
        await app.GuardAsync("cat_guarded", "regex", Guarded.Ssn, """{"enforcement_level": "blocking"}""");

        var versions = Versions(await app.Client.CallAsync(HttpMethod.Get, "/api/catalogue"));

        var whole = versions["cat_whole"];
        Assert.Equal("a part", whole.GetProperty("includes").GetProperty("cat_part").GetString());
        Assert.Equal("production", Assert.Single(whole.GetProperty("labels").EnumerateArray()).GetString());
        Assert.False(whole.GetProperty("is_guarded").GetBoolean());
        Assert.Equal("includes_computed", versions["cat_computed"].GetProperty("not_local").GetString());
        Assert.True(versions["cat_guarded"].GetProperty("is_guarded").GetBoolean());
    }

    [Fact]
    public async Task Catalogue_OfABoundKey_HoldsNothingBeyondItsReach()
    {
        await app.PromptAsync("bound_secret", "a secret text");
        await app.PromptAsync("bound_whole", "{% include 'bound_secret' %}");
        var key = await TestKeys.AddAsync(app, ["read"], boundNames: ["bound_whole"]);

        var answer = await app.Client.CallAsync(HttpMethod.Get, "/api/catalogue", key: key);

        Assert.Equal(["bound_whole"], Versions(answer).Keys);
        Assert.Equal("includes_out_of_reach", Versions(answer)["bound_whole"].GetProperty("not_local").GetString());
        Assert.DoesNotContain("a secret text", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Catalogue_ThatIsKnown_IsNotSentAgain()
    {
        using var first = await app.Client.GetAsync("/api/catalogue", Cancellation);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/catalogue");
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var second = await app.Client.SendAsync(request, Cancellation);
        await app.PromptAsync("cat_new", "x");
        using var again = new HttpRequestMessage(HttpMethod.Get, "/api/catalogue");
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);

        using var third = await app.Client.SendAsync(again, Cancellation);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotModified), (first.StatusCode, second.StatusCode));
        Assert.Empty(await second.Content.ReadAsByteArrayAsync(Cancellation));
        // Other tests change the catalogue too, but nobody changes it back.
        Assert.Equal(HttpStatusCode.OK, third.StatusCode);
    }

    [Fact]
    public async Task Changes_AreToldToWhoWaits()
    {
        var known = (await app.Client.CallAsync(HttpMethod.Get, "/api/catalogue/changes")).Value("revision");
        var waiting = app.Client.CallAsync(HttpMethod.Get, $"/api/catalogue/changes?revision={known}&wait_seconds=30");

        await app.PromptAsync("cat_change", "x");

        Assert.NotEqual(known, (await waiting).Value("revision"));
    }

    [Theory]
    [InlineData("wait_seconds=31", "wait_seconds")]
    [InlineData("wait_seconds=-1", "wait_seconds")]
    [InlineData("wait_seconds=x", "wait_seconds")]
    public async Task Changes_WithSomethingImpossible_NamesIt(string query, string member)
    {
        var answer = await app.Client.CallAsync(HttpMethod.Get, $"/api/catalogue/changes?{query}");

        Assert.Equal((400, "invalid_request", member), ((int)answer.Status, answer.Code, answer.Value("member")));
    }

    private static Dictionary<string, JsonElement> Versions(ApiAnswer answer) =>
        answer.Json.GetProperty("versions").EnumerateArray().ToDictionary(version => version.GetProperty("name").GetString()!, version => version);
}
