using System.Net;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Editor;

[Trait(Tier.Name, Tier.Api)]
public sealed class SampleApiTests(StudioApp app) : IClassFixture<StudioApp>
{
    private const string Samples = "/api/admin/prompts/nlu_topic_extraction/samples";

    [Fact]
    public async Task Save_ThenDelete_ShowsInTheListAndInTheAuditLog()
    {
        var saved = await app.Client.CallAsync(HttpMethod.Put, Samples + "/A%20shy%20student", new { variables = new { query = "What is a prime?" } });
        Assert.Equal(HttpStatusCode.OK, saved.Status);
        Assert.Equal("A shy student", saved.Value("name"));

        var list = await app.Client.CallAsync(HttpMethod.Get, Samples);
        var one = Assert.Single(list.Json.GetProperty("items").EnumerateArray(), item => item.GetProperty("name").GetString() == "A shy student");
        Assert.Equal("What is a prime?", one.GetProperty("variables").GetProperty("query").GetString());

        Assert.Equal(HttpStatusCode.NoContent, (await app.Client.CallAsync(HttpMethod.Delete, Samples + "/A%20shy%20student")).Status);
        list = await app.Client.CallAsync(HttpMethod.Get, Samples);
        Assert.DoesNotContain(list.Json.GetProperty("items").EnumerateArray(), item => item.GetProperty("name").GetString() == "A shy student");

        await using var context = await app.OpenAsync();
        Assert.Equal(["sample.deleted", "sample.saved"],
            context.AuditEntries.Where(entry => entry.Action.StartsWith("sample.") && entry.SubjectId == "nlu_topic_extraction").Select(entry => entry.Action).Distinct().Order());
    }

    [Theory]
    [InlineData("{\"variables\": [1]}", "variables")]
    [InlineData("{\"variables\": 5}", "variables")]
    public async Task Save_OfWhatIsNoObject_IsRefusedByName(string body, string member)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        var response = await app.Client.PutAsync(Samples + "/x", content, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        Assert.Contains("\"invalid_sample\"", text, StringComparison.Ordinal);
        Assert.Contains($"\"{member}\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_OfAnUnknownPrompt_IsNotFound() =>
        Assert.Equal(HttpStatusCode.NotFound, (await app.Client.CallAsync(HttpMethod.Get, "/api/admin/prompts/no_such_prompt/samples")).Status);
}
