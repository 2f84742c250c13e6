using System.Net.Sockets;
using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;
using PromptStudio.Client;
using PromptStudio.Tests.Guardrails;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Client;

/// <summary>The client and the real studio.</summary>
[Trait(Tier.Name, Tier.Api)]
public sealed partial class ClientTests(StudioApp app) : IClassFixture<StudioApp>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Render_AndReport_AreStored()
    {
        using var client = Client();

        var prompt = await client.RenderAsync("nlu_topic_extraction", new() { ["query"] = "Why is the sky blue?", ["grade_level"] = 7 }, "u-1", Cancellation);
        var report = await client.ReportAsync(prompt.ExecutionId!.Value, new Outcome { Success = true, ResponseTokens = 12 }, Cancellation);
        var again = await client.ReportAsync(prompt.ExecutionId.Value, new Outcome { Success = true, ResponseTokens = 12 }, Cancellation);

        Assert.Contains("Why is the sky blue?", prompt.Text, StringComparison.Ordinal);
        Assert.Equal(("nlu_topic_extraction", 1), (prompt.TemplateName, prompt.TemplateVersion));
        Assert.Equal(("success", report.OutcomeAt), (report.Status, again.OutcomeAt));
        Assert.NotNull(report.OutcomeAt);
    }

    [Fact]
    public async Task Render_WithARequestId_GetsTheFirstAnswerAgain()
    {
        using var client = Client();
        var request = new RenderRequest("nlu_topic_extraction") { Variables = new() { ["query"] = "q", ["grade_level"] = 1 }, RequestId = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()) };

        var (first, second) = (await client.RenderAsync(request, Cancellation), await client.RenderAsync(request, Cancellation));

        Assert.Equal(first.ExecutionId, second.ExecutionId);
    }

    [Fact]
    public async Task Render_OfATypeOfTheCallersOwn_NeedsNoReflection()
    {
        using var client = Client();

        var prompt = await client.RenderAsync("nlu_topic_extraction", new Question("Why?", 3), QuestionJson.Default.Question, cancellationToken: Cancellation);

        Assert.Contains("Why?", prompt.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Render_WhenTheStudioDiesWhileItIsConnectedTo_IsTriedAgainAndSaysSo()
    {
        using var dying = new Dying();
        using var http = new HttpClient(dying);
        using var client = new PromptStudioClient(http, new PromptStudioOptions { Address = app.Address, ApiKey = StudioApp.Key, MaxAttempts = 2, FirstDelay = TimeSpan.FromMilliseconds(1) });

        var result = await client.TryRenderAsync(new RenderRequest("nlu_topic_extraction"), Cancellation);

        Assert.Equal((ProblemCode.StudioUnavailable, 2), (result.Problem!.Code, dying.Attempts));
    }

    [Fact]
    public async Task Render_DryRun_StoresNothing()
    {
        using var client = Client();

        var prompt = await client.RenderAsync(new RenderRequest("nlu_topic_extraction") { Variables = new() { ["query"] = "q", ["grade_level"] = 1 }, DryRun = true }, Cancellation);

        Assert.Null(prompt.ExecutionId);
    }

    [Fact]
    public async Task Render_OfAChat_HasMessages_AndOfNoneNone()
    {
        await app.PromptAsync("client_chat", "---\nrole: system\n---\nBe brief.\n---\nrole: user\n---\n{{ x }}");
        using var client = Client();

        var chat = await client.RenderAsync("client_chat", new() { ["x"] = "Why?" }, cancellationToken: Cancellation);
        var none = await client.RenderAsync("nlu_topic_extraction", new() { ["query"] = "q", ["grade_level"] = 1 }, cancellationToken: Cancellation);

        Assert.Equal([new PromptMessage("system", "Be brief."), new PromptMessage("user", "Why?")], chat.Messages);
        Assert.Empty(none.Messages);
    }

    [Fact]
    public async Task Render_WithoutItsVariables_NamesThem()
    {
        using var client = Client();

        var exception = await Assert.ThrowsAsync<PromptVariablesException>(() => client.RenderAsync("nlu_topic_extraction", cancellationToken: Cancellation));

        Assert.Equal(["query", "grade_level"], exception.Missing);
        Assert.Equal(422, exception.Problem.Status);
    }

    [Fact]
    public async Task Render_BlockedByAGuardrail_SaysByWhich()
    {
        await app.PromptAsync("client_blocked", "{{ text }}");
        await app.GuardAsync("client_blocked", "regex", Guarded.Ssn, """{"enforcement_level": "blocking"}""");
        using var client = Client();

        var exception = await Assert.ThrowsAsync<PromptBlockedException>(() => client.RenderAsync("client_blocked", new() { ["text"] = "123-45-6789" }, cancellationToken: Cancellation));

        Assert.Equal("client_blocked regex", Assert.Single(exception.Violations).Name);
        Assert.NotNull(exception.Problem.ExecutionId);
    }

    [Fact]
    public async Task Render_OfWhatIsNotThere_OrNotAllowed_HasItsOwnExceptions()
    {
        using var client = Client();
        using var stranger = Client("ps_a_key_that_nobody_has_made");

        await Assert.ThrowsAsync<PromptNotFoundException>(() => client.RenderAsync("no such prompt/ä", cancellationToken: Cancellation));
        var refused = await Assert.ThrowsAsync<PromptStudioAccessException>(() => stranger.RenderAsync("nlu_topic_extraction", cancellationToken: Cancellation));
        Assert.Equal(ProblemCode.ApiKeyInvalid, refused.Code);
        Assert.Equal(ProblemCode.ExecutionNotFound, (await client.TryReportAsync(Guid.CreateVersion7(TimeProvider.System.GetUtcNow()), new Outcome { Success = true }, Cancellation)).Problem!.Code);
    }

    [Fact]
    public async Task Services_WithTheClient_HaveOne()
    {
        await using var services = new ServiceCollection().AddPromptStudio(options => (options.Address, options.ApiKey) = (app.Address, StudioApp.Key)).BuildServiceProvider();

        var studio = services.GetRequiredService<IPromptStudio>();

        Assert.Same(studio, services.GetRequiredService<PromptStudioClient>());
        Assert.True((await studio.TryRenderAsync(new RenderRequest("nlu_topic_extraction") { Variables = new() { ["query"] = "q", ["grade_level"] = 1 } }, Cancellation)).IsRendered);
    }

    private PromptStudioClient Client(string key = StudioApp.Key) => new(new PromptStudioOptions
    {
        Address = app.Address,
        ApiKey = key,
        Timeout = TimeSpan.FromMinutes(2),
        AttemptTimeout = TimeSpan.FromMinutes(1),
    });

    internal sealed record Question(string Query, int GradeLevel);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
    [JsonSerializable(typeof(Question))]
    private sealed partial class QuestionJson : JsonSerializerContext;

    /// <summary>What a connection pool throws then, bare.</summary>
    private sealed class Dying : HttpMessageHandler
    {
        public int Attempts { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Attempts++;
            throw new SocketException((int)SocketError.NotConnected);
        }
    }
}
