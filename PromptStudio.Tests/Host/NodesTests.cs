using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using PromptStudio.Client;
using PromptStudio.Shell;
using PromptStudio.Tests.Access;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Host;

/// <summary>Two nodes are one studio: what happens on one of them holds on the other.</summary>
[Trait(Tier.Name, Tier.Host)]
public sealed class NodesTests(TwoNodes nodes) : IClassFixture<TwoNodes>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Key_RevokedOnOneNode_OpensNothingOnTheOther()
    {
        var made = await nodes.A.Client.CallAsync(HttpMethod.Post, "/api/admin/api-keys", new { name = "revoked soon", scopes = new[] { "render" } });
        Assert.Equal(HttpStatusCode.Created, made.Status);
        var (id, key) = (made.Json.GetProperty("api_key").GetProperty("id").GetString(), made.Value("key"));
        await Eventually.TrueAsync(async () => await RenderStatusAsync(nodes.B, key) == HttpStatusCode.OK, "the new key on the other node");

        Assert.Equal(HttpStatusCode.OK, (await nodes.A.Client.CallAsync(HttpMethod.Delete, $"/api/admin/api-keys/{id}")).Status);

        Assert.Equal(HttpStatusCode.Unauthorized, await RenderStatusAsync(nodes.A, key));
        await Eventually.TrueAsync(async () => await RenderStatusAsync(nodes.B, key) == HttpStatusCode.Unauthorized, "the revocation on the other node");
    }

    [Fact]
    public async Task Prompt_ActivatedOnOneNode_IsServedByItAtOnceAndByTheOtherSoon()
    {
        var first = await nodes.A.Client.CallAsync(HttpMethod.Post, "/api/admin/prompts", new { name = "two_nodes", template_text = "first" });
        Assert.Equal(HttpStatusCode.Created, first.Status);
        Assert.Equal(HttpStatusCode.OK, (await nodes.A.Client.CallAsync(HttpMethod.Post, $"/api/admin/prompts/{first.Value("id")}/activate")).Status);
        await Eventually.TrueAsync(async () => await TextAsync(nodes.B) == "first", "the first version on the other node");
        var second = await nodes.A.Client.CallAsync(HttpMethod.Post, $"/api/admin/prompts/{first.Value("id")}/versions", new { template_text = "second" });

        Assert.Equal(HttpStatusCode.OK, (await nodes.A.Client.CallAsync(HttpMethod.Post, $"/api/admin/prompts/{second.Value("id")}/activate")).Status);

        Assert.Equal("second", await TextAsync(nodes.A));
        await Eventually.TrueAsync(async () => await TextAsync(nodes.B) == "second", "the second version on the other node");
    }

    [Fact]
    public async Task SignIn_WithTheFormOfOneNode_HoldsOnTheOther()
    {
        using var person = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        var (a, b) = (nodes.Addresses[0], nodes.Addresses[1]);
        var form = await person.GetStringAsync(new Uri(a, Links.SignInRoute), Cancellation);
        using var fields = SignInTests.Form("sign-in", SignInTests.Token(form), ("Input.Email", SetUpStudio.Email), ("Input.Password", SetUpStudio.Password));

        using var signedIn = await person.PostAsync(new Uri(b, Links.SignInRoute), fields, Cancellation);
        using var page = await person.GetAsync(new Uri(a, Links.Prompts()), Cancellation);

        Assert.Equal((HttpStatusCode.Redirect, HttpStatusCode.OK), (signedIn.StatusCode, page.StatusCode));
        // A write with the cookie, and the token of the other node.
        var token = await person.CallAsync(HttpMethod.Get, new Uri(a, "/api/admin/antiforgery").AbsoluteUri);
        person.DefaultRequestHeaders.Add("X-CSRF-TOKEN", token.Value("token"));
        var made = await person.CallAsync(HttpMethod.Post, new Uri(b, "/api/admin/api-keys").AbsoluteUri, new { name = "by a person", scopes = new[] { "render" } });
        Assert.Equal(HttpStatusCode.Created, made.Status);
    }

    [Fact]
    public async Task RecurringJob_ThatIsDue_RunsOnOneOfThem()
    {
        await Eventually.TrueAsync(async () => await CountAsync("SELECT count(*) FROM hangfire.server", "hangfire.server") >= 2, "both nodes' job servers");

        // One of its own, so that the clock's full hour adds none. It is due when a leap day has passed since its last run.
        await ExecuteAsync(
            """
            INSERT INTO hangfire.hash (key, field, value)
            SELECT 'recurring-job:leap-day', field, CASE field WHEN 'Cron' THEN '0 0 29 2 *' ELSE value END FROM hangfire.hash WHERE key = 'recurring-job:verify-audit'
            """);
        for (var turn = 1; turn <= 3; turn++)
        {
            await ExecuteAsync(
                """
                UPDATE hangfire.hash SET value = '2020-01-01T00:00:00.0000000Z' WHERE key = 'recurring-job:leap-day' AND field IN ('CreatedAt', 'LastExecution', 'NextExecution');
                INSERT INTO hangfire.set (key, score, value) VALUES ('recurring-jobs', 1577836800, 'leap-day') ON CONFLICT (key, value) DO UPDATE SET score = excluded.score
                """);
            var due = turn;
            await Eventually.TrueAsync(async () => await CountAsync(Runs + " AND job.statename = 'Succeeded'") >= due, $"run {due} of the job");
            Assert.Equal(turn, await CountAsync(Runs));
        }
    }

    [Fact]
    public async Task RollingRestart_UnderLoad_FailsNoRequestAndLosesNoExecution()
    {
        await using var proxy = await TestProxy.StartAsync(nodes.Addresses);
        await Eventually.TrueAsync(() => Task.FromResult(proxy.IsReady(0) && proxy.IsReady(1)), "the proxy to see both nodes");
        using var enough = new CancellationTokenSource();
        // No retries: the nodes themselves must not fail.
        using var client = new PromptStudioClient(new PromptStudioOptions { Address = proxy.Address, ApiKey = StudioApp.Key, MaxAttempts = 1, Timeout = TimeSpan.FromMinutes(1), AttemptTimeout = TimeSpan.FromMinutes(1) });
        var (executions, problems) = (new ConcurrentBag<Guid>(), new ConcurrentBag<PromptStudioProblem>());
        var load = Enumerable.Range(0, 4).Select(_ => LoadAsync(client, executions, problems, enough.Token)).ToArray();

        for (var node = 0; node < 2; node++)
        {
            var leaving = node;
            var before = executions.Count;
            await nodes.LeaveAsync(node);
            await Eventually.TrueAsync(() => Task.FromResult(proxy.HasLeft(leaving)), "the proxy to leave the node alone");
            // It would still serve, and says that it is on its way.
            var leaver = node == 0 ? nodes.A : nodes.B;
            using var render = await leaver.RenderAsync();
            Assert.Equal((HttpStatusCode.OK, true), (render.StatusCode, render.Headers.ConnectionClose));
            await nodes.RestartAsync(node);
            await Eventually.TrueAsync(() => Task.FromResult(proxy.IsReady(leaving) && executions.Count > before), "the node to be back");
        }
        await enough.CancelAsync();
        await Task.WhenAll(load);

        Assert.Empty(problems);
        Assert.NotEmpty(executions);
        await using var count = nodes.Database.CreateCommand("SELECT count(*) FROM prompt_executions WHERE id = ANY($1)");
        count.Parameters.Add(new() { Value = executions.ToArray() });
        Assert.Equal((long)executions.Count, await count.ExecuteScalarAsync(Cancellation));
    }

    private const string Runs = """
        SELECT count(*) FROM hangfire.job JOIN hangfire.jobparameter parameter ON parameter.jobid = job.id
        WHERE parameter.name = 'RecurringJobId' AND parameter.value LIKE '%leap-day%'
        """;

    private static async Task LoadAsync(PromptStudioClient client, ConcurrentBag<Guid> executions, ConcurrentBag<PromptStudioProblem> problems, CancellationToken enough)
    {
        while (!enough.IsCancellationRequested)
        {
            var result = await client.TryRenderAsync(new RenderRequest("nlu_topic_extraction") { Variables = new JsonObject { ["query"] = "q", ["grade_level"] = 1 } }, Cancellation);
            if (result.IsRendered)
                executions.Add(result.Prompt.ExecutionId!.Value);
            else
                problems.Add(result.Problem);
            // Steady, not heavy: the tests beside this one want the machine too.
            await Task.Delay(5, Cancellation);
        }
    }

    private static async Task<HttpStatusCode> RenderStatusAsync(StudioProcess node, string key) =>
        (await node.Client.CallAsync(HttpMethod.Post, "/api/render/nlu_topic_extraction", new { variables = new { query = "q", grade_level = 1 } }, key)).Status;

    private static async Task<string> TextAsync(StudioProcess node)
    {
        var answer = await node.Client.CallAsync(HttpMethod.Post, "/api/render/two_nodes", new { });
        return answer.Status == HttpStatusCode.OK ? answer.Value("rendered_prompt") : answer.Text;
    }

    /// <summary>0 while a table is not there yet.</summary>
    private async Task<long> CountAsync(string sql, string? table = null)
    {
        if (table is not null)
        {
            await using var known = nodes.Database.CreateCommand("SELECT to_regclass($1) IS NOT NULL");
            known.Parameters.Add(new() { Value = table });
            if (await known.ExecuteScalarAsync(Cancellation) is not true)
                return 0;
        }
#pragma warning disable CA2100 // The tests' own.
        await using var command = nodes.Database.CreateCommand(sql);
#pragma warning restore CA2100
        return (long)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    private async Task ExecuteAsync(string sql)
    {
#pragma warning disable CA2100 // The tests' own.
        await using var command = nodes.Database.CreateCommand(sql);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}
