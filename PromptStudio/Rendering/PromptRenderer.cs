using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using PromptStudio.Access;
using PromptStudio.Core.Access;
using PromptStudio.Core.Executions;
using PromptStudio.Core.Experiments;
using PromptStudio.Core.Prompts;
using PromptStudio.Core.Templating;
using PromptStudio.Database;
using PromptStudio.Executions;
using PromptStudio.Experiments;
using PromptStudio.Guardrails;
using PromptStudio.Prompts;
using PromptStudio.Web;

namespace PromptStudio.Rendering;

/// <summary>The studio's main job: find the version, check the variables, render, let guardrails look, store the execution, answer.</summary>
public sealed class PromptRenderer(
    PromptCatalogue catalogue, ChangeLog changes, ExecutionStore executions, TemplateCache templates, PromptGuard guard, PromptStorage storage, ExperimentCatalogue experiments, Refusals refusals,
    RenderMeasures measures, GuardrailMeasures found, TimeProvider clock)
{
    /// <summary>Characters that a user's id may have.</summary>
    public const int UserIdMaxLength = 255;

    /// <summary>How often a draft is rendered that changes meanwhile.</summary>
    private const int MostTries = 3;

    private static readonly JsonElement NoVariables = JsonElement.Parse("{}");

    /// <summary>Renders a prompt. When this returns a prompt with an execution id, that execution is committed.</summary>
    /// <param name="actor">Who asks: a key may be bound to other prompts.</param>
    /// <param name="name">The prompt.</param>
    /// <param name="body">What is asked.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Answer<RenderedPrompt>> RenderAsync(Actor actor, string name, RenderBody body, CancellationToken cancellationToken)
    {
        var noted = new NotedRender();
        using var span = RenderSpans.Start(RenderSpans.Render);
        try
        {
            var answer = await RenderAsync(actor, name, body, noted, cancellationToken);
            noted.Outcome ??= answer.Value is null ? RenderOutcome.Refused : body.DryRun ? RenderOutcome.DryRun : RenderOutcome.Success;
            return answer;
        }
        catch (StudioBusyException)
        {
            noted.Outcome = RenderOutcome.Busy;
            throw;
        }
        finally
        {
            noted.Outcome ??= RenderOutcome.Failed;
            measures.Count(RenderWay.Route, noted.Version?.Name, noted.Outcome, Stopwatch.GetElapsedTime(noted.Started), noted.Template);
            if (noted.Outcome is RenderOutcome.Success or RenderOutcome.Blocked && !body.DryRun)
                found.Found(noted.Violations);
            span?.Describe(noted.Version?.Name, noted.Version?.Version, noted.Outcome, RenderWay.Route, noted.Execution, noted.Group);
        }
    }

    private async Task<Answer<RenderedPrompt>> RenderAsync(Actor actor, string name, RenderBody body, NotedRender noted, CancellationToken cancellationToken)
    {
        if (Refusal(body) is { } refusal)
            return refusal;
        var fingerprint = body is { RequestId: not null, DryRun: false } ? Fingerprint(name, body) : null;
        if (fingerprint is not null && await executions.FindRequestAsync(body.RequestId!.Value, cancellationToken) is { } earlier)
            return await RepeatAsync(actor, earlier, fingerprint, body, noted, cancellationToken);
        for (var tries = 1; ; tries++)
        {
            // Who asks for a version or a label gets that one.
            var assignment = body is { EnableAbTesting: true, Version: null, Label: null } ? experiments.Assign(name, body.UserId) : null;
            var found = await catalogue.FindAsync(name, assignment?.Group.TemplateVersion ?? body.Version, body.Label, cancellationToken);
            if (found.Value is not { } version)
                return found.Problem!;
            if (!actor.Reaches(version.Row.Name, version.Row.Category))
                return await OutOfReachAsync(actor, version.Row, cancellationToken);
            (noted.Version, noted.Group) = (version.Row, assignment?.Group.Name);
            if (await RenderAsync(actor, version, assignment, body, fingerprint, noted, cancellationToken) is { } answer)
                return answer;
            if (tries == MostTries)
                return RenderProblem.DraftChanged(version.Row);
            // Another node changed it.
            await changes.FollowAsync(cancellationToken);
        }
    }

    /// <summary>Renders a version, and stores that; null when it is a draft that was changed meanwhile.</summary>
    private async Task<Answer<RenderedPrompt>?> RenderAsync(
        Actor actor, CataloguedVersion version, Assignment? assignment, RenderBody body, byte[]? fingerprint, NotedRender noted, CancellationToken cancellationToken)
    {
        var template = version.Row;
        if (version.Contract is not { } contract)
            return RenderProblem.Contract(template);
        var given = Given(body);
        if (contract.Check(given) is { Count: > 0 } problems)
            return RenderProblem.Variables(problems);
        var effective = contract.WithDefaults(given);

        var (text, messages, error, elapsed) = await RenderAsync(version, effective, clock, cancellationToken);
        var now = clock.GetUtcNow();
        var id = ExecutionId.New(now);
        GuardedRender guarded;
        using (RenderSpans.Start(RenderSpans.Guardrails))
            guarded = await guard.RenderAsync(template, effective, text, error is null ? null : Storable(error.ToString()), body.UserId ?? id.ToString(), cancellationToken);
        guarded = storage.Of(template.StoreRenderedPrompt, guarded, cancellationToken);
        var verdict = guarded.Verdict;
        IReadOnlyList<Violation> told = [.. verdict.Violations.Where(violation => violation.IsTold)];

        (noted.Template, noted.Violations) = (elapsed, verdict.Violations);
        noted.Outcome = error is not null ? RenderOutcome.Error : verdict.Blocks ? RenderOutcome.Blocked : null;
        if (body.DryRun)
            return error is not null ? RenderProblem.Template(error) : verdict.Blocks ? GuardrailProblem.Blocked(told, null) : Rendered(template, text, messages, null, told, assignment);
        var createdAt = ExecutionId.Instant(id)!.Value;
        var execution = new PromptExecution
        {
            Id = id,
            CreatedAt = createdAt,
            PromptTemplateId = template.Id,
            Variables = guarded.Variables,
            RenderedPrompt = guarded.Prompt,
            StoredAs = template.StoreRenderedPrompt,
            RenderTimeUs = (int)Math.Min(elapsed.TotalMicroseconds, int.MaxValue),
            ModelName = body.ModelName,
            Status = error is not null ? ExecutionStatus.Error : verdict.Blocks ? ExecutionStatus.Blocked : ExecutionStatus.Success,
            ErrorMessage = guarded.Error,
            RequestId = body.RequestId,
            UserId = body.UserId,
            ExperimentId = assignment?.Experiment.Id,
            ExperimentPhase = assignment?.Experiment.Phase,
            AbTestGroup = assignment?.Group.Name,
            IsRandomGroup = assignment?.IsRandom ?? false,
            DraftRevision = template.FrozenAt is null ? template.Revision : null,
            GuardrailViolations = Violation.Write(verdict.Violations),
            Violations = [.. verdict.Violations.Select(violation => violation.ToRow(Guid.CreateVersion7(now), createdAt, id, template.Name, template.Id))],
            IsRedacted = guarded.IsRedacted,
        };
        noted.Execution = id;
        using var storing = RenderSpans.Start(RenderSpans.Store);
        // What gives no prompt does not use up the caller's request_id: the same request may succeed once the template, or the guardrail, is mended.
        if ((error is not null ? RenderProblem.Template(error) : verdict.Blocks ? GuardrailProblem.Blocked(told, id) : null) is { } failure)
            return await executions.AddAsync(execution, cancellationToken) ? failure : default(Answer<RenderedPrompt>?);
        if (fingerprint is null)
            return await executions.AddAsync(execution, cancellationToken) ? Rendered(template, text, messages, id, told, assignment) : default(Answer<RenderedPrompt>?);
        return await executions.AddOnceAsync(execution, fingerprint, cancellationToken) switch
        {
            (true, _) => Rendered(template, text, messages, id, told, assignment),
            (_, { } first) => await RepeatAsync(actor, first, fingerprint, body, noted, cancellationToken),
            _ => default(Answer<RenderedPrompt>?),
        };
    }

    private static JsonElement Given(RenderBody body) => body.Variables is { ValueKind: JsonValueKind.Object } variables ? variables : NoVariables;

    private Task<Problem> OutOfReachAsync(Actor actor, PromptTemplate template, CancellationToken cancellationToken) =>
        refusals.RecordAsync(actor, $"render prompt {template.Name}", AccessProblem.OutOfReach(template.Name), cancellationToken);

    private static Problem? Refusal(RenderBody body) => body switch
    {
        { Variables.ValueKind: not (JsonValueKind.Object or JsonValueKind.Null) } => Invalid("variables", "'variables' must be an object."),
        { Version: not null, Label: not null } => Invalid("label", "Give 'version' or 'label', not both."),
        { Version: < 1 } => Invalid("version", "'version' must be 1 or more."),
        { UserId.Length: > UserIdMaxLength } => Invalid("user_id", $"'user_id' may have {UserIdMaxLength} characters."),
        { ModelName.Length: > Outcome.ModelNameMaxLength } => Invalid("model_name", $"'model_name' may have {Outcome.ModelNameMaxLength} characters."),
        _ => null,
    };

    private static Problem Invalid(string member, string detail) => new(400, "invalid_request", detail) { Extensions = { ["member"] = member } };

    private async ValueTask<(string Text, IReadOnlyList<ChatMessage> Messages, TemplateError? Error, TimeSpan Elapsed)> RenderAsync(
        CataloguedVersion version, JsonElement variables, TimeProvider time, CancellationToken cancellationToken)
    {
        var (template, error) = version.Parsed;
        if (template is null)
            return ("", [], error, TimeSpan.Zero);
        var included = await catalogue.IncludedAsync(version, cancellationToken);
        var started = Stopwatch.GetTimestamp();
        try
        {
            using var span = RenderSpans.Start(RenderSpans.Template);
            var rendered = template.RenderWithLiterals(new RenderRequest { Variables = variables, Loader = included, Time = time, CancellationToken = cancellationToken });
            if (StorableJson.Problem(rendered.Text) is { } problem)
                throw new TemplateException(new TemplateError(TemplateErrorKind.Type, $"The rendered text contains {problem}", 1, 1));
            return (rendered.Text, ChatText.Read(rendered), null, Stopwatch.GetElapsedTime(started));
        }
        catch (TemplateException exception)
        {
            return ("", [], exception.Error, Stopwatch.GetElapsedTime(started));
        }
    }

    /// <summary>A failure's message may quote what made it fail.</summary>
    private static string Storable(string message) => StorableJson.Problem(message) is null ? message : string.Concat(message.EnumerateRunes()).Replace('\0', '\ufffd');

    private static RenderedPrompt Rendered(PromptTemplate template, string text, IReadOnlyList<ChatMessage> messages, Guid? executionId, IReadOnlyList<Violation> violations, Assignment? assignment = null) => new()
    {
        Text = text,
        Messages = PromptMessage.Of(text, messages),
        TemplateId = template.Id,
        TemplateName = template.Name,
        TemplateVersion = template.Version,
        AbTestGroup = assignment?.Group.Name,
        ExperimentId = assignment?.Experiment.Id,
        ExecutionId = executionId,
        GuardrailViolations = violations,
    };

    private async Task<Answer<RenderedPrompt>> RepeatAsync(Actor actor, ExecutionRequest first, byte[] fingerprint, RenderBody body, NotedRender noted, CancellationToken cancellationToken)
    {
        if (!first.RequestHash.AsSpan().SequenceEqual(fingerprint))
            return RenderProblem.RequestIdReused(first.RequestId);
        if (await executions.FindWithTemplateAsync(first.ExecutionId, cancellationToken) is not var (execution, template))
            return RenderProblem.RequestExpired(first.RequestId);
        if (!actor.Reaches(template.Name, template.Category))
            return await OutOfReachAsync(actor, template, cancellationToken);
        if (execution.StoredAs == StoredForm.None)
            return RenderProblem.AnswerNotStored(first.RequestId);
        if (await AnsweredAsync(execution, template, body, cancellationToken) is not var (text, messages))
            return IsWhole(execution) ? RenderProblem.AnswerChanged(first.RequestId) : RenderProblem.AnswerRedacted(first.RequestId);
        // What was found in the response belongs to the answer of its report.
        (noted.Version, noted.Group, noted.Execution, noted.Outcome) = (template, execution.AbTestGroup, execution.Id, RenderOutcome.Repeated);
        var told = Violation.Read(execution.GuardrailViolations).Where(violation => violation.IsTold && violation.Scope != GuardrailWords.Response);
        return Rendered(template, text, messages, execution.Id, [.. told]) with { AbTestGroup = execution.AbTestGroup, ExperimentId = execution.ExperimentId };
    }

    /// <summary>
    /// The prompt that was answered first. Where something of it is blacked out in what is stored, or only its hash is, it is made again from the request, which is the same
    /// one: it is the same prompt when what would be stored of it is what was stored. So is what looks like a chat: a stored text does not tell the template's own words, which
    /// begin the messages, from a value's. Null: it is not the same.
    /// </summary>
    private async Task<(string Text, IReadOnlyList<ChatMessage> Messages)?> AnsweredAsync(
        PromptExecution execution, PromptTemplate template, RenderBody body, CancellationToken cancellationToken)
    {
        if (IsWhole(execution) && !ChatText.MayBe(execution.RenderedPrompt))
            return (execution.RenderedPrompt, []);
        if (TemplateVariables.TryParse(template.TemplateVariables)?.WithDefaults(Given(body)) is not { } variables)
            return null;
        var version = new CataloguedVersion(template, templates);
        var (text, messages, error, _) = await RenderAsync(version, variables, new TimeOf(execution.CreatedAt, clock), cancellationToken);
        if (error is not null)
            return null;
        var stored = IsWhole(execution) ? text : Stored(execution.StoredAs, template, variables, text, body.UserId ?? execution.Id.ToString(), cancellationToken);
        return stored == execution.RenderedPrompt ? (text, messages) : null;
    }

    /// <summary>Whether what is stored is the prompt that was answered.</summary>
    private static bool IsWhole(PromptExecution execution) => execution is { IsRedacted: false, StoredAs: StoredForm.Full or StoredForm.Redacted };

    /// <summary>What would be stored of a prompt. It does not depend on what a model says, so none is asked.</summary>
    private string Stored(string form, PromptTemplate template, JsonElement variables, string text, string unit, CancellationToken cancellationToken) =>
        storage.Of(form, guard.Render(template, variables, text, null, unit, cancellationToken), cancellationToken).Prompt;

    /// <summary>What makes two requests the same: everything that decides the answer, in whatever order the variables' members came.</summary>
    internal static byte[] Fingerprint(string name, RenderBody body)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartArray();
            writer.WriteStringValue(name);
            writer.WriteStringValue(body.UserId);
            writer.WriteStringValue(body.ModelName);
            writer.WriteNumberValue(body.Version ?? 0);
            writer.WriteStringValue(body.Label);
            writer.WriteBooleanValue(body.EnableAbTesting);
            WriteSorted(writer, body.Variables ?? NoVariables);
            writer.WriteEndArray();
        }
        return SHA256.HashData(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }

    private static void WriteSorted(Utf8JsonWriter writer, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in value.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(member.Name);
                    WriteSorted(writer, member.Value);
                }
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                    WriteSorted(writer, item);
                writer.WriteEndArray();
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }
}

/// <summary>The time that templates see who are rendered again: that of the first time.</summary>
internal sealed class TimeOf(DateTimeOffset instant, TimeProvider clock) : TimeProvider
{
    public override TimeZoneInfo LocalTimeZone => clock.LocalTimeZone;

    public override long TimestampFrequency => clock.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => instant;

    public override long GetTimestamp() => clock.GetTimestamp();
}

/// <summary>What is told to operators of one render.</summary>
internal sealed class NotedRender
{
    public long Started { get; } = Stopwatch.GetTimestamp();

    /// <summary>Null: there is no such prompt.</summary>
    public PromptTemplate? Version { get; set; }

    public string? Group { get; set; }

    /// <summary>Null: it is an answer, or none.</summary>
    public string? Outcome { get; set; }

    /// <summary>What the template took; null: it was not come to.</summary>
    public TimeSpan? Template { get; set; }

    public IReadOnlyList<Violation> Violations { get; set; } = [];

    public Guid? Execution { get; set; }
}
