using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using PromptStudio.Core.Executions;
using PromptStudio.Tests.Guardrails;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Executions;

/// <summary>What executions keep of the rendered prompt.</summary>
[Trait(Tier.Name, Tier.Api)]
public sealed class StoredFormTests(StudioApp app) : IClassFixture<StudioApp>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(StoredForm.Full, "text", "text")]
    [InlineData(StoredForm.Redacted, "text", "text")]
    [InlineData(StoredForm.Hash, "text", "sha256:982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1")]
    [InlineData(StoredForm.Hash, "", "")]
    [InlineData(StoredForm.None, "text", "")]
    public void Of_EachForm_KeepsWhatItSays(string form, string prompt, string expected) => Assert.Equal(expected, StoredForm.Of(form, prompt));

    [Fact]
    public async Task Hash_IsKeptInThePlaceOfThePrompt_AndARepeatedRequestGetsTheFirstAnswer()
    {
        var (id, etag) = await PromptAsync("form_hash", "Hello {{ name }}!");
        await StoreAsync(id, etag, StoredForm.Hash);
        var request = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());

        var first = await app.RenderAsync("form_hash", """{"name": "Ada"}""", $"\"request_id\": \"{request}\"");
        var again = await app.RenderAsync("form_hash", """{"name": "Ada"}""", $"\"request_id\": \"{request}\"");

        Assert.Equal(("Hello Ada!", "Hello Ada!"), (first.Value("rendered_prompt"), again.Value("rendered_prompt")));
        Assert.Equal(first.Value("execution_id"), again.Value("execution_id"));
        var stored = await app.Client.CallAsync(HttpMethod.Get, $"/api/admin/executions/{first.Value("execution_id")}");
        Assert.Equal(("hash", StoredForm.Of(StoredForm.Hash, "Hello Ada!")), (stored.Value("stored_as"), stored.Value("rendered_prompt")));
        Assert.Equal("Ada", stored.Json.GetProperty("variables").GetProperty("name").GetString());
    }

    [Fact]
    public async Task None_KeepsNothing_AndARepeatedRequestSaysSo()
    {
        var (id, etag) = await PromptAsync("form_none", "Hello {{ name }}!");
        await StoreAsync(id, etag, StoredForm.None);
        var request = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());

        var first = await app.RenderAsync("form_none", """{"name": "Ada"}""", $"\"request_id\": \"{request}\"");
        var again = await app.RenderAsync("form_none", """{"name": "Ada"}""", $"\"request_id\": \"{request}\"");

        Assert.Equal("Hello Ada!", first.Value("rendered_prompt"));
        Assert.Equal((409, "answer_not_stored"), ((int)again.Status, again.Code));
        Assert.Equal("", (await app.Client.CallAsync(HttpMethod.Get, $"/api/admin/executions/{first.Value("execution_id")}")).Value("rendered_prompt"));
    }

    [Fact]
    public async Task Redacted_KeepsNoPersonalData_AndARepeatedRequestGetsTheFirstAnswer()
    {
        var (id, etag) = await PromptAsync("form_redacted", "Write to {{ email }}.");
        await StoreAsync(id, etag, StoredForm.Redacted);

        // A text that could not be looked at in time is blacked out as a whole, so the two may differ on a machine that is very busy: then the answer is 409.
        await Eventually.TrueAsync(
            async () =>
            {
                var request = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
                var first = await app.RenderAsync("form_redacted", """{"email": "ada.lovelace@example.org"}""", $"\"request_id\": \"{request}\"");
                var again = await app.RenderAsync("form_redacted", """{"email": "ada.lovelace@example.org"}""", $"\"request_id\": \"{request}\"");
                Assert.Equal("Write to ada.lovelace@example.org.", first.Value("rendered_prompt"));
                var stored = await app.Client.CallAsync(HttpMethod.Get, $"/api/admin/executions/{first.Value("execution_id")}");
                Assert.Equal(("redacted", "True"), (stored.Value("stored_as"), stored.Value("is_redacted")));
                Assert.DoesNotContain("lovelace", stored.Text, StringComparison.Ordinal);
                Assert.True(again.Status == HttpStatusCode.OK || again.Code == "answer_redacted", again.Text);
                return again.Status == HttpStatusCode.OK && again.Value("rendered_prompt") == first.Value("rendered_prompt");
            },
            "the same answer again");
    }

    [Fact]
    public async Task Form_IsOfTheWholePrompt_IsAudited_AndTravelsWithItsFiles()
    {
        var (id, etag) = await PromptAsync("form_whole", "x");
        await StoreAsync(id, etag, StoredForm.Hash);

        var next = await app.Client.CallAsync(HttpMethod.Post, $"/api/admin/prompts/{id}/versions", new { template_text = "y" });
        var audit = await app.Client.CallAsync(HttpMethod.Get, "/api/admin/audit?subject_id=form_whole&action=prompt.changed");
        using var export = await app.Client.GetAsync("/api/admin/prompts/export?name=form_whole", Cancellation);
        using var archive = new System.IO.Compression.ZipArchive(await export.Content.ReadAsStreamAsync(Cancellation));
        using var head = new StreamReader(await archive.GetEntry("form_whole/prompt.md")!.OpenAsync(Cancellation));
        var text = await head.ReadToEndAsync(Cancellation);

        Assert.Equal("hash", next.Value("store_rendered_prompt"));
        var change = audit.Json.GetProperty("items")[0];
        Assert.Equal(("full", "hash"), (change.GetProperty("before").GetProperty("store_rendered_prompt").GetString(), change.GetProperty("after").GetProperty("store_rendered_prompt").GetString()));
        Assert.Contains("store_rendered_prompt: hash", text, StringComparison.Ordinal);
        var (read, _) = PromptStudio.Core.Prompts.Files.PromptFiles.Read([new("form_whole/prompt.md", text)]);
        Assert.Equal("hash", read[0].Head!.StoreRenderedPrompt);
    }

    [Fact]
    public async Task Form_ThatIsNone_OrSetByWhoMayNotAdminister_IsRefused()
    {
        var (id, etag) = await PromptAsync("form_refused", "x");
        var writer = await TestKeys.AddAsync(app, ["read", "write"]);

        Assert.Equal((422, "invalid_prompt"), await PutAsync(id, etag, "gone", StudioApp.Key));
        Assert.Equal((403, "scope_missing"), await PutAsync(id, etag, StoredForm.None, writer));
    }

    private async Task<(string Id, string Etag)> PromptAsync(string name, string text)
    {
        var made = await app.Client.CallAsync(HttpMethod.Post, "/api/admin/prompts", new { name, template_text = text });
        Assert.Equal(HttpStatusCode.Created, made.Status);
        var active = await app.Client.CallAsync(HttpMethod.Post, $"/api/admin/prompts/{made.Value("id")}/activate");
        Assert.Equal(HttpStatusCode.OK, active.Status);
        return (made.Value("id"), active.Value("etag"));
    }

    private async Task StoreAsync(string id, string etag, string form) => Assert.Equal((200, null), await PutAsync(id, etag, form, StudioApp.Key));

    private async Task<(int Status, string? Code)> PutAsync(string id, string etag, string form, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"/api/admin/prompts/{id}")
        {
            Content = new StringContent(JsonSerializer.Serialize(new { store_rendered_prompt = form }), Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        request.Headers.TryAddWithoutValidation("If-Match", etag);
        using var response = await app.Client.SendAsync(request, Cancellation);
        var json = JsonElement.Parse(await response.Content.ReadAsStringAsync(Cancellation));
        return ((int)response.StatusCode, json.TryGetProperty("code", out var code) ? code.GetString() : null);
    }
}
