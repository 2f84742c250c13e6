using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Options;
using Polly;
using Polly.CircuitBreaker;
using Polly.RateLimiting;
using Polly.Timeout;
using PromptStudio.Core.Guardrails;
using PromptStudio.Core.Guardrails.ModelCheck;

namespace PromptStudio.Guardrails;

/// <summary>
/// Guardrails that ask a model: all of a render at once, under one limit of time. Each has as many calls under way as its rule allows, is left alone when it fails, and its answers are kept
/// for a while. Whatever goes wrong is that guardrail's finding, and never the caller's failure.
/// </summary>
public sealed partial class ModelChecks(ModelClient client, HybridCache cache, IOptions<ModelCheckOptions> options, GuardrailMeasures measures, TimeProvider clock, ILogger<ModelChecks> logger)
{
    /// <summary>Values of variables that one guardrail asks about in one render. What is beyond counts as not looked at.</summary>
    public const int MostTexts = 20;

    /// <summary>How far back the failures of a model count.</summary>
    private static readonly TimeSpan Sampling = TimeSpan.FromSeconds(30);

    /// <summary>Calls that wait for one to end, for each that is under way.</summary>
    private const int Waiting = 4;

    /// <summary>With each rule, so that a changed rule begins anew, and a trial's failures are nobody else's.</summary>
    private readonly ConditionalWeakTable<ModelCheckRule, ResiliencePipeline> _pipelines = [];

    /// <summary>What models find in a rendered prompt, and in the values that it was made from.</summary>
    public Task<IReadOnlyList<Located>> PromptAsync(PromptRules rules, string prompt, JsonElement variables, CancellationToken cancellationToken)
    {
        if (!rules.AsksModels)
            return Task.FromResult<IReadOnlyList<Located>>([]);
        IReadOnlyList<(string Path, string Text)>? values = null;
        var questions = new List<Question>();
        foreach (var model in rules.Models)
        {
            if (model.Guardrail.Scope == GuardrailScope.RenderedPrompt)
            {
                questions.Add(new Question(model, prompt, null));
            }
            else if (model.Guardrail.Scope == GuardrailScope.Variables && variables.ValueKind == JsonValueKind.Object)
            {
                values ??= [.. VariableTexts.Values(variables).Where(value => ModelCheckRule.IsWorthAsking(value.Text)).DistinctBy(value => value.Text)];
                questions.AddRange(values.Where(value => VariableRules.Covers(model.Guardrail.Variables, value.Path)).Take(MostTexts + 1)
                    .Select((value, index) => new Question(model, value.Text, value.Path, IsTooMany: index == MostTexts)));
            }
        }
        return LookAsync(questions, cancellationToken);
    }

    /// <summary>What models find in what a model answered.</summary>
    public Task<IReadOnlyList<Located>> ResponseAsync(PromptRules rules, string response, CancellationToken cancellationToken) =>
        LookAsync([.. rules.Models.Where(model => model.Guardrail.Scope == GuardrailScope.Response).Select(model => new Question(model, response, null))], cancellationToken);

    /// <summary>Asks about one text, also when the answer is known.</summary>
    /// <returns>A finding when it found something or could not look, and what the model says when it answered.</returns>
    internal async Task<(Finding? Finding, ModelVerdict? Verdict)> TryAsync(CompiledGuardrail guardrail, string text, CancellationToken cancellationToken)
    {
        using var limit = Limit(cancellationToken, out var linked);
        using (linked)
            return await AskAsync(guardrail, text, isKept: false, linked.Token, cancellationToken);
    }

    private async Task<IReadOnlyList<Located>> LookAsync(IReadOnlyList<Question> questions, CancellationToken cancellationToken)
    {
        if (questions.Count == 0)
            return [];
        using var limit = Limit(cancellationToken, out var linked);
        using (linked)
        {
            var found = await Task.WhenAll(questions.Select(async question => question.IsTooMany
                ? new Located(new Finding(question.Model, [], $"More than {MostTexts} values would have to be asked about."), "", null)
                : (await AskAsync(question.Model, question.Text, isKept: true, linked.Token, cancellationToken)).Finding is { } finding ? new Located(finding, question.Text, question.Path) : null));
            return [.. found.OfType<Located>()];
        }
    }

    private CancellationTokenSource Limit(CancellationToken cancellationToken, out CancellationTokenSource linked)
    {
        var limit = new CancellationTokenSource(options.Value.TimeLimit, clock);
        linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        return limit;
    }

    private async Task<(Finding? Finding, ModelVerdict? Verdict)> AskAsync(CompiledGuardrail guardrail, string text, bool isKept, CancellationToken limit, CancellationToken caller)
    {
        var rule = (ModelCheckRule)guardrail.Rule!;
        try
        {
            if (!ModelCheckRule.IsWorthAsking(text) || guardrail.Guardrail.Allowed.Allows(text))
                return (null, null);
            if (text.Length > rule.MaxCharacters)
                return (new Finding(guardrail, [], "The text is longer than what the model is asked about."), null);
            var verdict = isKept && rule.CacheTime > TimeSpan.Zero ? await RecallAsync(guardrail.Guardrail, rule, text, limit) : await AskAsync(guardrail.Guardrail, rule, text, limit);
            var hits = ModelCheckRule.Hits(verdict);
            return (hits.Count > 0 ? new Finding(guardrail, hits) : null, verdict);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException && !(exception is OperationCanceledException && caller.IsCancellationRequested))
        {
            var reason = Reason(exception);
            Log.NotAsked(logger, guardrail.Guardrail.Name, reason);
            return (new Finding(guardrail, [], reason), null);
        }
    }

    /// <summary>What the model said of the text before, else what it says now.</summary>
    private async Task<ModelVerdict> RecallAsync(Guardrail guardrail, ModelCheckRule rule, string text, CancellationToken cancellationToken)
    {
        var isHit = true;
        try
        {
            return await cache.GetOrCreateAsync(
                Key(guardrail, text),
                async token =>
                {
                    isHit = false;
                    return await AskAsync(guardrail, rule, text, token);
                },
                new HybridCacheEntryOptions { Expiration = rule.CacheTime, LocalCacheExpiration = rule.CacheTime }, cancellationToken: cancellationToken);
        }
        finally
        {
            measures.LookedUp(isHit);
        }
    }

    private async Task<ModelVerdict> AskAsync(Guardrail guardrail, ModelCheckRule rule, string text, CancellationToken cancellationToken)
    {
        var (started, isAnswered) = (Stopwatch.GetTimestamp(), false);
        try
        {
            var verdict = await _pipelines.GetValue(rule, created => Pipeline(guardrail, created))
                .ExecuteAsync(static async (asked, token) => await asked.client.AskAsync(asked.guardrail, asked.rule, asked.text, token), (client, guardrail, rule, text), cancellationToken);
            isAnswered = true;
            return verdict;
        }
        finally
        {
            measures.Asked(guardrail.Name, isAnswered, started);
        }
    }

    /// <summary>From the outside to the inside: a place among the calls under way, a model that does not fail, a limit of time.</summary>
    private ResiliencePipeline Pipeline(Guardrail guardrail, ModelCheckRule rule)
    {
        // Before the limit of the render, or a model that hangs would never count as one that fails.
        var most = options.Value.TimeLimit * 0.9;
        var timeout = rule.Timeout < most ? rule.Timeout : most;
        return new ResiliencePipelineBuilder { TimeProvider = clock }
            .AddConcurrencyLimiter(rule.Concurrency, rule.Concurrency * Waiting)
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                FailureRatio = 0.5,
                MinimumThroughput = rule.BreakerFailures,
                SamplingDuration = Sampling,
                BreakDuration = rule.BreakerRest,
                ShouldHandle = outcome => ValueTask.FromResult(IsModels(outcome.Outcome.Exception)),
                OnOpened = opened =>
                {
                    Log.Opened(logger, guardrail.Name, rule.BreakerRest, opened.Outcome.Exception is { } exception ? Reason(exception) : "");
                    return default;
                },
                OnClosed = _ =>
                {
                    Log.Closed(logger, guardrail.Name);
                    return default;
                },
            })
            .AddTimeout(timeout)
            .Build();
    }

    /// <summary>What another text would have met as well. An answer of a wrong form is not among it: it came quickly, so there is nothing to be spared.</summary>
    private static bool IsModels(Exception? exception) => exception is TimeoutRejectedException or HttpRequestException or IOException or SocketException or ModelFailureException { IsModels: true };

    private static string Reason(Exception exception) => exception switch
    {
        ModelFailureException or ModelAnswerException => exception.Message,
        TimeoutRejectedException => "The model did not answer in time.",
        BrokenCircuitException => "The model failed too often, and is left alone for a while.",
        RateLimiterRejectedException => "Too many texts wait for the model.",
        OperationCanceledException => "The models together took too long.",
        HttpRequestException or IOException or SocketException => "The connection to the model failed.",
        _ => $"The model could not be asked ({exception.GetType().Name}).",
    };

    /// <summary>Of the rule, its secret and the text; nobody can tell the text from it.</summary>
    private static string Key(Guardrail guardrail, string text)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{guardrail.Id}\n{guardrail.RuleConfig}\n{guardrail.SecretProtected}\n"));
        hash.AppendData(MemoryMarshal.AsBytes(text.AsSpan()));
        return $"model-check:{Convert.ToHexStringLower(hash.GetHashAndReset())}";
    }

    /// <summary>What a model is asked about.</summary>
    private sealed record Question(CompiledGuardrail Model, string Text, string? Path, bool IsTooMany = false);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "The model of the guardrail {Name} could not be asked: {Reason}")]
        public static partial void NotAsked(ILogger logger, string name, string reason);

        [LoggerMessage(2, LogLevel.Warning, "The model of the guardrail {Name} failed too often and is left alone for {Rest}: {Reason}")]
        public static partial void Opened(ILogger logger, string name, TimeSpan rest, string reason);

        [LoggerMessage(3, LogLevel.Information, "The model of the guardrail {Name} answers again")]
        public static partial void Closed(ILogger logger, string name);
    }
}
