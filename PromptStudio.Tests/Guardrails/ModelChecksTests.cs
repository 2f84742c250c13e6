using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using PromptStudio.Core.Guardrails;
using PromptStudio.Guardrails;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Guardrails;

/// <summary>Asking a real server, which does what servers do.</summary>
[Trait(Tier.Name, Tier.Unit)]
public sealed class ModelChecksTests : IAsyncLifetime
{
    private const string Toxic = """{"attributeScores": {"TOXICITY": {"summaryScore": {"value": 0.9}}}}""";
    private const string Kind = """{"attributeScores": {"TOXICITY": {"summaryScore": {"value": 0.1}}}}""";

    private readonly FakeTimeProvider _clock = new();
    private readonly LogText _log = new();
    private ServiceProvider _services = null!;
    private ModelServer _server = null!;

    private ModelChecks Checks => _services.GetRequiredService<ModelChecks>();

    public async ValueTask InitializeAsync()
    {
        _services = Services();
        _server = await ModelServer.StartAsync(Kind);
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Text_ThatTheModelFindsBad_IsAHit_AndAnotherIsNone()
    {
        var rules = Rules(Guard());

        Assert.Empty(await LookAsync(rules, "kind"));
        _server.Says(Toxic);
        var found = Assert.Single(await LookAsync(rules, "toxic"));

        Assert.Equal(("The model gives 'TOXICITY' 0.9; the limit is 0.7.", "TOXICITY", null), (found.Finding.Hits[0].Message, found.Finding.Hits[0].Entity, found.Finding.Error));
        Assert.Equal(["kind", "toxic"], _server.Bodies.Select(body => JsonElement.Parse(body).GetProperty("comment").Text("text")));
        Assert.Equal("application/json", _server.Headers["Content-Type"]);
    }

    [Theory]
    [InlineData(500, "The model answered with 500.")]
    [InlineData(429, "The model answered with 429.")]
    [InlineData(401, "The model answered with 401.")]
    [InlineData(400, "The model refused the request with 400.")]
    public async Task Status_ThatIsNone_IsAFailure(int status, string reason)
    {
        _server.Says(Toxic, status);

        Assert.Equal(reason, await FailureAsync());
    }

    [Fact]
    public async Task Redirect_IsNotFollowed()
    {
        _server.Answer = (context, _) =>
        {
            context.Response.Redirect("/elsewhere");
            return Task.CompletedTask;
        };

        Assert.Equal("The model's address leads elsewhere, and redirects are not followed.", await FailureAsync());
        Assert.Single(_server.Bodies);
    }

    [Theory]
    [InlineData("<html>whisper</html>", "The model's answer is not JSON.")]
    [InlineData("""{"whisper": 1}""", "The model's answer has no number at attributeScores.TOXICITY.summaryScore.value.")]
    public async Task Garbage_IsAFailure_AndNotQuoted(string answer, string reason)
    {
        _server.Says(answer);

        Assert.Equal(reason, await FailureAsync());
    }

    [Fact]
    public async Task HugeAnswer_IsNotReadToItsEnd()
    {
        var sent = 0L;
        _server.Answer = async (context, _) =>
        {
            var piece = Encoding.ASCII.GetBytes(new string(' ', 16_384));
            while (!context.RequestAborted.IsCancellationRequested && sent < 1L << 30)
            {
                await context.Response.Body.WriteAsync(piece, context.RequestAborted);
                sent += piece.Length;
            }
        };

        Assert.Equal("The model's answer has more than 256 KB.", await FailureAsync());
        Assert.True(sent < 1L << 30);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ConnectionThatIsCut_IsAFailure(bool withinTheAnswer)
    {
        _server.Answer = async (context, _) =>
        {
            if (withinTheAnswer)
            {
                context.Response.ContentLength = 1_000;
                await context.Response.WriteAsync("{\"attributeScores\"");
                await context.Response.Body.FlushAsync();
            }
            context.Abort();
        };

        Assert.Equal("The connection to the model failed.", await FailureAsync());
    }

    [Fact]
    public async Task ServerThatIsNotThere_IsAFailure()
    {
        var rules = Rules(Guard());
        await _server.DisposeAsync();

        Assert.Equal("The connection to the model failed.", Assert.Single(await LookAsync(rules, "text")).Finding.Error);
    }

    [Fact]
    public async Task SlowModel_IsWaitedForAsLongAsItsRuleSays()
    {
        _server.Answer = (context, _) => Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        var look = LookAsync(Rules(Guard("\"timeout_ms\": 1000")), "text");
        await _server.AskedAsync(1);

        _clock.Advance(TimeSpan.FromMilliseconds(999));
        Assert.False(look.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(2));

        Assert.Equal("The model did not answer in time.", Assert.Single(await look).Finding.Error);
    }

    [Fact]
    public async Task SlowModels_HaveOneLimitTogether_AndTheOthersAreHeard()
    {
        _server.Answer = async (context, body) =>
        {
            if (body.Contains("slow", StringComparison.Ordinal))
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            else
                await context.Response.WriteAsync(Toxic);
        };
        // Its own limit of time is longer than the render's, so it is cut to what is left for it.
        var slow = Guard("\"timeout_ms\": 30000, \"body\": {\"slow\": \"{{text}}\"}", name: "slow");
        var look = LookAsync(Rules(slow, Guard(name: "quick")), "text");
        await _server.AskedAsync(2);

        _clock.Advance(TimeSpan.FromSeconds(5));

        var found = (await look).ToDictionary(one => one.Guardrail.Name, one => one.Finding);
        Assert.Contains(found["slow"].Error, (string?[])["The model did not answer in time.", "The models together took too long."]);
        Assert.Single(found["quick"].Hits);
    }

    [Fact]
    public async Task Caller_ThatGoesAway_IsNotAnswered()
    {
        _server.Answer = (context, _) => Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        using var gone = new CancellationTokenSource();
        var look = Checks.PromptAsync(Rules(Guard()), "text", default, gone.Token);
        await _server.AskedAsync(1);

        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => look);
    }

    [Fact]
    public async Task ModelThatFails_IsLeftAlone_AndAskedAgainLater()
    {
        _server.Says("{}", 503);
        var rules = Rules(Guard("\"breaker_failures\": 2, \"breaker_seconds\": 20"));
        Assert.Equal(["The model answered with 503.", "The model answered with 503.", "The model failed too often, and is left alone for a while."],
            [await FailureAsync(rules, "a"), await FailureAsync(rules, "b"), await FailureAsync(rules, "c")]);
        Assert.Equal(2, _server.Bodies.Count);

        _server.Says(Toxic);
        _clock.Advance(TimeSpan.FromSeconds(19));
        Assert.Equal("The model failed too often, and is left alone for a while.", await FailureAsync(rules, "d"));
        _clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Single(Assert.Single(await LookAsync(rules, "e")).Finding.Hits);
        Assert.Single(Assert.Single(await LookAsync(rules, "f")).Finding.Hits);
        Assert.Equal(4, _server.Bodies.Count);
        Assert.Contains("failed too often and is left alone for 00:00:20: The model answered with 503.", _log.Text, StringComparison.Ordinal);
        Assert.Contains("answers again", _log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TextsThatTheModelRefuses_DoNotTurnItOffForOthers()
    {
        _server.Says("{}", 400);
        var rules = Rules(Guard("\"breaker_failures\": 2"));
        for (var n = 0; n < 5; n++)
            await FailureAsync(rules, $"too much {(char)('a' + n)}");

        _server.Says(Toxic);

        Assert.Single(Assert.Single(await LookAsync(rules, "toxic")).Finding.Hits);
    }

    [Fact]
    public async Task Calls_AreAsManyAtOnce_AsTheRuleAllows()
    {
        var gate = new TaskCompletionSource();
        _server.Answer = async (context, _) =>
        {
            await gate.Task;
            await context.Response.WriteAsync(Kind);
        };
        var rules = Rules(Guard("\"concurrency\": 2"));
        var looks = Enumerable.Range(0, 8).Select(n => LookAsync(rules, $"text {n}")).ToList();
        await _server.AskedAsync(2);
        gate.SetResult();

        Assert.All(await Task.WhenAll(looks), Assert.Empty);
        Assert.Equal((8, true), (_server.Bodies.Count, _server.MostAtOnce <= 2));
    }

    [Fact]
    public async Task Calls_ThatWouldWaitTooLong_AreFailuresAtOnce()
    {
        var gate = new TaskCompletionSource();
        _server.Answer = async (context, _) =>
        {
            await gate.Task;
            await context.Response.WriteAsync(Kind);
        };
        var rules = Rules(Guard("\"concurrency\": 1"));
        // One under way and four that wait; the others need not wait for the gate.
        var looks = Enumerable.Range(0, 7).Select(n => LookAsync(rules, $"text {n}")).ToList();
        var first = await Task.WhenAny(looks);
        var second = await Task.WhenAny(looks.Where(look => look != first));
        Assert.Equal(["Too many texts wait for the model.", "Too many texts wait for the model."], [(await first)[0].Finding.Error, (await second)[0].Finding.Error]);
        gate.SetResult();

        Assert.Equal(5, (await Task.WhenAll(looks)).Count(found => found.Count == 0));
    }

    [Fact]
    public async Task Verdict_IsKept_AFailureIsNot()
    {
        var rules = Rules(Guard());
        _server.Says("{}", 500);
        await FailureAsync(rules, "text");
        _server.Says(Toxic);

        Assert.Single(await LookAsync(rules, "text"));
        Assert.Single(await LookAsync(rules, "text"));
        Assert.Equal(2, _server.Bodies.Count);

        Assert.Single(await LookAsync(Rules(Guard("\"cache_seconds\": 0")), "text"));
        Assert.Single(await LookAsync(Rules(Guard(name: "another")), "text"));
        Assert.Equal(4, _server.Bodies.Count);
    }

    [Fact]
    public async Task SameTextAtTheSameTime_IsAskedOnce()
    {
        var gate = new TaskCompletionSource();
        _server.Answer = async (context, _) =>
        {
            await gate.Task;
            await context.Response.WriteAsync(Toxic);
        };
        var rules = Rules(Guard());
        var looks = Enumerable.Range(0, 5).Select(_ => LookAsync(rules, "text")).ToList();
        await _server.AskedAsync(1);
        gate.SetResult();

        Assert.All(await Task.WhenAll(looks), found => Assert.Single(found));
        Assert.Single(_server.Bodies);
    }

    [Fact]
    public async Task Variables_AreAskedAboutOneByOne_NumbersAreNot()
    {
        var rules = Rules(Guard(scope: GuardrailScope.Variables, variables: ["user", "query"]));
        _server.Answer = (context, body) => context.Response.WriteAsync(body.Contains("toxic", StringComparison.Ordinal) ? Toxic : Kind);

        var found = await Checks.PromptAsync(rules, "prompt", JsonElement.Parse("""{"user": {"note": "toxic", "age": 42, "zip": "80331"}, "query": ["kind", "kind"], "other": "toxic too"}"""), TestContext.Current.CancellationToken);

        Assert.Equal("user.note", Assert.Single(found).Path);
        Assert.Equal(["kind", "toxic"], _server.Bodies.Select(body => JsonElement.Parse(body).GetProperty("comment").Text("text")).Order());
    }

    [Fact]
    public async Task Variables_BeyondWhatIsAskedAbout_CouldNotBeLookedAt()
    {
        var many = JsonSerializer.SerializeToElement(new { Words = Enumerable.Range(0, 50).Select(n => $"word {n}") });

        var found = await Checks.PromptAsync(Rules(Guard(scope: GuardrailScope.Variables)), "prompt", many, TestContext.Current.CancellationToken);

        Assert.Equal("More than 20 values would have to be asked about.", Assert.Single(found).Finding.Error);
        Assert.Equal(ModelChecks.MostTexts, _server.Bodies.Count);
    }

    [Fact]
    public async Task TextThatIsTooLong_IsNotSent_AndOneThatIsAllowedNeither()
    {
        _server.Says(Toxic);
        var rules = Rules(Guard("\"max_characters\": 10", allowed: new AllowList(["Fine"], [])));

        Assert.Equal("The text is longer than what the model is asked about.", await FailureAsync(rules, "more than 10"));
        Assert.Empty(await LookAsync(rules, "fine"));
        Assert.Empty(_server.Bodies);
    }

    [Fact]
    public async Task Secret_IsSent_AndNeverLogged()
    {
        var secret = _services.GetRequiredService<GuardrailSecrets>().Protect("sesame-open");
        _server.Says("{}", 500);
        var rules = Rules(Guard("\"breaker_failures\": 2", secret: secret));

        await FailureAsync(rules, "whisper a");
        await FailureAsync(rules, "whisper b");
        await FailureAsync(rules, "whisper c");

        Assert.Equal("sesame-open", _server.Headers["X-Goog-Api-Key"]);
        Assert.Contains("failed too often", _log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("sesame", _log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("whisper", _log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secret_OfKeysThatAreLost_IsAFailure_AndNothingIsSent()
    {
        Assert.StartsWith("The guardrail's secret cannot be read", await FailureAsync(Rules(Guard(secret: "CfDJ8AAAA")), "text"), StringComparison.Ordinal);
        Assert.Empty(_server.Bodies);
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("api.example.org", false)]
    public async Task Host_ThatTheOperatorDoesNotName_IsNotAsked(string allowed, bool isAsked)
    {
        await using var services = Services(("ModelChecks:AllowedHosts:0", allowed));

        await services.GetRequiredService<ModelChecks>().PromptAsync(Rules(Guard()), "text", default, TestContext.Current.CancellationToken);

        Assert.Equal(isAsked ? 1 : 0, _server.Bodies.Count);
    }

    [Theory]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("http://[fd00:ec2::254]/latest/meta-data/")]
    [InlineData("http://[::ffff:169.254.169.254]/")]
    public async Task Address_OfMetadata_IsRefusedWhenItIsConnectedTo(string url)
    {
        using var client = _services.GetRequiredService<IHttpClientFactory>().CreateClient(ModelClient.Name);

        var thrown = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(new Uri(url), TestContext.Current.CancellationToken));

        Assert.IsType<ModelFailureException>(thrown.InnerException);
    }

    private ServiceProvider Services(params (string Key, string Value)[] settings)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(setting => setting.Key, setting => (string?)setting.Value)).Build());
        services.AddSingleton<TimeProvider>(_clock);
        services.AddSingleton<IDataProtectionProvider>(new EphemeralDataProtectionProvider());
        services.AddLogging(logging => logging.AddProvider(_log).SetMinimumLevel(LogLevel.Trace));
        services.AddHybridCache();
        services.AddSingleton<GuardrailSecrets>();
        services.AddModelChecks();
        return services.BuildServiceProvider();
    }

    private CompiledGuardrail Guard(
        string members = "\"timeout_ms\": 2000", string name = "g", GuardrailScope scope = GuardrailScope.RenderedPrompt, IReadOnlyList<string>? variables = null, string? secret = null, AllowList? allowed = null) =>
        CompiledGuardrail.Build(new Guardrail
        {
            Id = Guid.Parse("01a2008d-7400-7000-8000-0000000000b1"),
            Name = name,
            RuleType = RuleType.ModelCheck,
            RuleConfig = _server.Config($"\"shape\": \"perspective\", \"threshold\": 0.7, {members}") + (name == "another" ? " " : ""),
            Scope = scope,
            Variables = variables ?? [],
            SecretProtected = secret,
            Allowed = allowed ?? AllowList.Empty,
        });

    private static PromptRules Rules(params IReadOnlyList<CompiledGuardrail> guardrails)
    {
        Assert.All(guardrails, guardrail => Assert.Null(guardrail.Broken));
        return new PromptRules(guardrails);
    }

    private Task<IReadOnlyList<Located>> LookAsync(PromptRules rules, string text) => Checks.PromptAsync(rules, text, default, TestContext.Current.CancellationToken);

    private async Task<string?> FailureAsync(PromptRules? rules = null, string text = "text")
    {
        var finding = Assert.Single(await LookAsync(rules ?? Rules(Guard()), text)).Finding;
        Assert.Empty(finding.Hits);
        return finding.Error;
    }
}

/// <summary>Everything that is logged, at every level.</summary>
internal sealed class LogText : ILoggerProvider
{
    private readonly StringBuilder _lines = new();

    public string Text
    {
        get
        {
            lock (_lines)
                return _lines.ToString();
        }
    }

    public ILogger CreateLogger(string categoryName) => new Logger(_lines);

    public void Dispose()
    {
    }

    private sealed class Logger(StringBuilder lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (lines)
                lines.AppendLine(string.Join(' ', formatter(state, exception), exception));
        }
    }
}
