using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using PromptStudio.Access.Keys;
using PromptStudio.Core.Access;
using PromptStudio.Core.Executions;
using PromptStudio.Core.Experiments;
using PromptStudio.Core.Prompts;
using PromptStudio.Core.Templating;
using PromptStudio.Executions;
using PromptStudio.Experiments;
using PromptStudio.Guardrails;
using PromptStudio.Telemetry;
using PromptStudio.Web;

namespace PromptStudio.Rendering;

/// <summary>
/// The short way of a render that goes well: a key that was good before, a version that is in memory, a body that is right. It does what the route does, in the same
/// order, and touches neither the pipeline nor the database, but to store. Whatever it meets beyond that it leaves to the route, with the body unread: problems are
/// found, and worded, in one place only.
/// </summary>
public sealed class RenderLane(
    KnownKeys keys, ApiKeyUses uses, CallerLimits limits, PromptCatalogue catalogue, ExperimentCatalogue experiments, PromptGuard guard, ExecutionWriter writer, Draining draining,
    RenderMeasures measures, GuardrailMeasures found, TimeProvider clock)
{
    private const string Root = "/api/render/";

    /// <summary>Bytes of a body beyond which the time of the pipeline does not matter.</summary>
    private const int MostBytes = 65_536;

    private static readonly StringValues Json = "application/json; charset=utf-8";

    /// <summary>Renders, where it can.</summary>
    /// <returns>False: the route has to do it. It finds the body as it came.</returns>
    public async Task<bool> TryAsync(IFeatureCollection features)
    {
        var request = features.Get<IHttpRequestFeature>()!;
        var now = clock.GetUtcNow();
        var started = Stopwatch.GetTimestamp();
        if (!IsRender(request) || Key(request, now) is not { } key || writer.IsFull || draining.HasBegun)
            return false;
        // The route refuses it, in its words.
        if (limits.AreOn && !limits.For(key.Actor.Id!).TryTake())
            return false;
        var reader = features.Get<IRequestBodyPipeFeature>()!.Reader;
        ReadOnlySequence<byte> body;
        try
        {
            if (await ReadAsync(reader, (int)request.Headers.ContentLength!) is not { } all)
                return Leave(features);
            body = all;
        }
        catch (Exception exception) when (exception is IOException and not BadHttpRequestException or OperationCanceledException)
        {
            // The caller hung up: nobody hears an answer, and the body cannot be read by the route or the server either.
            features.Get<IHttpRequestLifetimeFeature>()!.Abort();
            return true;
        }
        using var render = new LaneRender();
        if (!Prepare(render, request.Path.AsSpan(Root.Length), key, body, now))
            return Leave(features, reader, body);
        if (!guard.Passes(render.Version!.Row.Name, render.Version.Row.Category, render.Version.About, render.Variables, render.Text))
        {
            // The route looks first whether the request was answered before: then no model is asked again.
            if (render.RequestHash is not null && guard.AsksModels(render.Version.Row))
                return Leave(features, reader, body);
            // Models that are asked now belong to this trace.
            render.Span = RenderSpans.StartRequest(request, now);
            render.Guarded = await guard.RenderAsync(
                render.Version.Row, render.Variables, render.Text, null, render.UserId ?? render.Id.ToString(), CancellationToken.None);
            if (render.Guarded.Verdict.Blocks)
                return Leave(features, reader, body);
        }
        var storing = measures.AreOn ? Stopwatch.GetTimestamp() : 0;
        try
        {
            if (!render.DryRun && await writer.StoreAsync(Pending(render)) == Fate.Claimed)
                return Leave(features, reader, body);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // Not to be tried again: whether it is stored is not known.
            measures.Count(
                RenderWay.Lane, render.Version.Row.Name, exception is StudioBusyException ? RenderOutcome.Busy : RenderOutcome.Failed, Stopwatch.GetElapsedTime(started), render.Elapsed);
            features.Set(new LaneFailure(exception));
            return Leave(features, reader, body);
        }
        var stored = measures.AreOn ? Stopwatch.GetTimestamp() : 0;
        reader.AdvanceTo(body.End);
        uses.Note(key);
        await AnswerAsync(features, request, render);
        Measure(request, render, now, started, storing, stored);
        return true;
    }

    /// <summary>Counts a render, and traces it: afterwards, as only now it is sure that the route does not.</summary>
    private void Measure(IHttpRequestFeature request, LaneRender render, DateTimeOffset now, long started, long storing, long stored)
    {
        var outcome = render.DryRun ? RenderOutcome.DryRun : RenderOutcome.Success;
        var (template, took) = (render.Version!.Row, Stopwatch.GetElapsedTime(started));
        measures.LookedUp(isHit: true);
        measures.Count(RenderWay.Lane, template.Name, outcome, took, render.Elapsed);
        if (render is { Guarded.Verdict.Violations: { Count: > 0 } violations, DryRun: false })
            found.Found(violations);
        render.Span ??= RenderSpans.StartRequest(request, now);
        if (render.Span is not { } span)
            return;
        using (var whole = Instrumentation.Source.StartActivity(RenderSpans.Render, ActivityKind.Internal, span.Context, startTime: now))
        {
            whole?.Describe(template.Name, template.Version, outcome, RenderWay.Lane, render.DryRun ? null : render.Id, render.Assignment?.Group.Name);
            var rendering = now + Stopwatch.GetElapsedTime(started, render.Started);
            RenderSpans.Add(RenderSpans.Template, rendering, rendering + render.Elapsed);
            if (!render.DryRun && storing > 0)
                RenderSpans.Add(RenderSpans.Store, now + Stopwatch.GetElapsedTime(started, storing), now + Stopwatch.GetElapsedTime(started, stored));
            whole?.SetEndTime((now + took).UtcDateTime);
        }
        span.SetTag("http.response.status_code", 200);
        span.SetEndTime((now + took).UtcDateTime);
        span.Dispose();
        render.Span = null;
    }

    /// <summary>Whether a request looks like one that the lane can take.</summary>
    public static bool IsRender(IHttpRequestFeature request) =>
        request.Path.StartsWith(Root, StringComparison.Ordinal) && request.Method == "POST" && request.QueryString.Length == 0 && request.PathBase.Length == 0
        && request.Headers.ContentLength is > 0 and <= MostBytes;

    /// <summary>Leaves a request that was counted already to the route.</summary>
    private static bool Leave(IFeatureCollection features, PipeReader? reader = null, in ReadOnlySequence<byte> body = default)
    {
        features.Set(CountedRequest.Once);
        reader?.AdvanceTo(body.Start);
        return false;
    }

    private KnownKey? Key(IHttpRequestFeature request, DateTimeOffset now) =>
        request.Headers.Authorization is { Count: 1 } authorization && keys.Recall(authorization[0]!, now) is { } key && key.Actor.May(Permissions.Render) ? key : null;

    /// <summary>All of a body, in the pipe's own memory; null: it ended early, and the route shall say so.</summary>
    private static async ValueTask<ReadOnlySequence<byte>?> ReadAsync(PipeReader reader, int length)
    {
        while (true)
        {
            if (!reader.TryRead(out var read))
                read = await reader.ReadAsync();
            if (read.Buffer.Length >= length)
                return read.Buffer;
            if (read.IsCompleted || read.IsCanceled)
            {
                reader.AdvanceTo(read.Buffer.Start);
                return null;
            }
            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <summary>Reads a body, finds the version and renders it.</summary>
    /// <returns>False: one of that is not as usual.</returns>
    private bool Prepare(LaneRender render, ReadOnlySpan<char> name, KnownKey key, ReadOnlySequence<byte> body, DateTimeOffset now)
    {
        var bytes = render.Take(body);
        if (!RenderFields.TryRead(bytes.Span, out var fields) || fields is { Version: not null, Label: not null } or { Version: < 1 }
            || fields.UserId?.Length > PromptRenderer.UserIdMaxLength || fields.ModelName?.Length > Outcome.ModelNameMaxLength)
        {
            return false;
        }
        render.Assignment = fields is { EnableAbTesting: true, Version: null, Label: null } ? experiments.Assign(name, fields.UserId) : null;
        // A draft may change while it is rendered.
        if (catalogue.Recall(name, render.Assignment?.Group.TemplateVersion ?? fields.Version, fields.Label) is not { Contract: { } contract, Parsed.Template: { } template, Row: { FrozenAt: not null, StoreRenderedPrompt: StoredForm.Full } } version
            || !version.TryIncluded(catalogue.Number, out var included) || !key.Actor.Reaches(version.Row.Name, version.Row.Category))
        {
            return false;
        }
        render.Read(bytes, fields);
        if (contract.Check(render.Variables).Count > 0)
            return false;
        render.Variables = contract.WithDefaults(render.Variables);
        render.Started = Stopwatch.GetTimestamp();
        try
        {
            var rendered = template.RenderWithLiterals(new RenderRequest { Variables = render.Variables, Loader = included, Time = clock });
            (render.Text, render.Messages) = (rendered.Text, ChatText.Read(rendered));
        }
        catch (TemplateException)
        {
            return false;
        }
        render.Elapsed = Stopwatch.GetElapsedTime(render.Started);
        if (StorableJson.Problem(render.Text) is not null)
            return false;
        if (render.RequestId is not null && !render.DryRun)
            render.RequestHash = PromptRenderer.Fingerprint(version.Row.Name, render.Body(fields));
        (render.Version, render.Id) = (version, ExecutionId.New(now));
        return true;
    }

    private static PendingExecution Pending(LaneRender render)
    {
        var createdAt = ExecutionId.Instant(render.Id)!.Value;
        var template = render.Version!.Row;
        var found = render.Guarded?.Verdict.Violations ?? [];
        var isRedacted = render.Guarded is { IsRedacted: true };
        var pending = PendingExecution.Of(
            new PromptExecution
            {
                Id = render.Id,
                CreatedAt = createdAt,
                PromptTemplateId = template.Id,
                Variables = isRedacted ? render.Guarded!.Variables : "",
                RenderedPrompt = render.Guarded?.Prompt ?? render.Text,
                RenderTimeUs = (int)Math.Min(render.Elapsed.TotalMicroseconds, int.MaxValue),
                ModelName = render.ModelName,
                Status = ExecutionStatus.Success,
                RequestId = render.RequestId,
                UserId = render.UserId,
                ExperimentId = render.Assignment?.Experiment.Id,
                ExperimentPhase = render.Assignment?.Experiment.Phase,
                AbTestGroup = render.Assignment?.Group.Name,
                IsRandomGroup = render.Assignment?.IsRandom ?? false,
                GuardrailViolations = Violation.Write(found),
                Violations = found.Count == 0 ? [] : [.. found.Select(violation => violation.ToRow(Guid.CreateVersion7(createdAt), createdAt, render.Id, template.Name, template.Id))],
                IsRedacted = isRedacted,
            },
            render.RequestHash,
            isRedacted ? default : JsonMarshal.GetRawUtf8Value(render.Variables));
        // It only writes its answer.
        pending.IsShort = true;
        return pending;
    }

    private static async ValueTask AnswerAsync(IFeatureCollection features, IHttpRequestFeature request, LaneRender render)
    {
        var told = RenderAnswer.Told(render.Guarded is null ? [] : [.. render.Guarded.Verdict.Violations.Where(violation => violation.IsTold)]);
        var answer = ArrayPool<byte>.Shared.Rent(RenderAnswer.MaxLength(render.Text, render.Messages, render.Version!.Answer, told));
        try
        {
            var length = RenderAnswer.Write(answer, render.Text, render.Messages, render.Version.Answer, render.Assignment?.Group.Name, render.Assignment?.Experiment.Id, render.DryRun ? null : render.Id, told);
            var headers = features.Get<IHttpResponseFeature>()!.Headers;
            headers.ContentLength = length;
            headers.ContentType = Json;
            SecurityHeaders.WriteApi(headers, request.Scheme == "https" || request.Headers["X-Forwarded-Proto"] == "https", request.Headers.Host);
            await features.Get<IHttpResponseBodyFeature>()!.Writer.WriteAsync(answer.AsMemory(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(answer);
        }
    }
}

/// <summary>Why a render that the lane had begun could not be stored: the route answers it, and does not try again.</summary>
public sealed record LaneFailure(Exception Exception);

/// <summary>One render in the lane.</summary>
internal sealed class LaneRender : IDisposable
{
    private static readonly JsonElement NoVariables = JsonElement.Parse("{}");

    private byte[]? _rented;
    private JsonDocument? _document;

    public CataloguedVersion? Version { get; set; }

    /// <summary>What an experiment chose; null: none did.</summary>
    public Assignment? Assignment { get; set; }

    public Guid Id { get; set; }

    public JsonElement Variables { get; set; } = NoVariables;

    public string? UserId { get; private set; }

    public Guid? RequestId { get; private set; }

    public string? ModelName { get; private set; }

    public bool DryRun { get; private set; }

    public byte[]? RequestHash { get; set; }

    public string Text { get; set; } = "";

    /// <summary>Of a chat prompt.</summary>
    public IReadOnlyList<ChatMessage> Messages { get; set; } = [];

    /// <summary>When the template began.</summary>
    public long Started { get; set; }

    public TimeSpan Elapsed { get; set; }

    /// <summary>Of the request; null: it has none yet, or nobody listens.</summary>
    public Activity? Span { get; set; }

    /// <summary>Null: guardrails have nothing to say.</summary>
    public GuardedRender? Guarded { get; set; }

    /// <summary>A body in one piece.</summary>
    public ReadOnlyMemory<byte> Take(ReadOnlySequence<byte> body)
    {
        if (body.IsSingleSegment)
            return body.First;
        _rented = ArrayPool<byte>.Shared.Rent((int)body.Length);
        body.CopyTo(_rented);
        return _rented.AsMemory(0, (int)body.Length);
    }

    public void Read(ReadOnlyMemory<byte> body, in RenderFields fields)
    {
        (UserId, RequestId, ModelName, DryRun) = (fields.UserId, fields.RequestId, fields.ModelName, fields.DryRun);
        var (start, length) = fields.Variables.GetOffsetAndLength(body.Length);
        if (length == 0)
            return;
        _document = JsonDocument.Parse(body.Slice(start, length));
        Variables = _document.RootElement;
    }

    /// <summary>What was asked, for its fingerprint.</summary>
    public RenderBody Body(in RenderFields fields) => new()
    {
        Variables = _document?.RootElement,
        UserId = fields.UserId,
        RequestId = fields.RequestId,
        ModelName = fields.ModelName,
        Version = fields.Version,
        Label = fields.Label,
        EnableAbTesting = fields.EnableAbTesting,
        DryRun = fields.DryRun,
    };

    public void Dispose()
    {
        // What the lane does not end is the route's, which traces it itself.
        Span?.Discard();
        _document?.Dispose();
        if (_rented is not null)
            ArrayPool<byte>.Shared.Return(_rented);
    }
}
