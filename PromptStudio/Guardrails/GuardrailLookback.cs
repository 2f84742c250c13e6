using System.Diagnostics;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptStudio.Core.Access;
using PromptStudio.Core.Guardrails;
using PromptStudio.Database;
using PromptStudio.Web;

namespace PromptStudio.Guardrails;

/// <summary>What guardrails would have done to what was rendered already: they look again at the last executions, and their past hits are counted at every step of a roll-out.</summary>
public sealed class GuardrailLookback(IDbContextFactory<StudioDbContext> contexts, GuardrailStore guardrails, GuardrailChecks checks, TimeProvider clock)
{
    /// <summary>Executions that are looked at again.</summary>
    public const int MostExecutions = 100;

    /// <summary>Hits of a guardrail that a roll-out is worked out from.</summary>
    private const int MostHits = 20_000;

    /// <summary>Places that are shown of each guardrail.</summary>
    private const int MostShown = 20;

    private static readonly TimeSpan Window = TimeSpan.FromDays(30);
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(8);

    /// <summary>Lets guardrails look at the last executions of the prompts that they apply to. Stores nothing.</summary>
    /// <returns>Or 403, 404 <c>guardrail_not_found</c>, 422 <c>invalid_guardrail</c> or <c>lookback_not_possible</c>.</returns>
    public async Task<Answer<Lookback>> RunAsync(Actor actor, LookbackRequest request, CancellationToken cancellationToken)
    {
        if (await guardrails.RefusedAsync(actor, Permissions.Read, "test guardrails", cancellationToken) is { } refused)
            return refused;
        var asked = await RowsAsync(request, cancellationToken);
        if (asked.Value is not { } rows)
            return asked.Problem!;
        // Each look would be a call to a model, which costs its owner money.
        if (rows.FirstOrDefault(row => row.RuleType == RuleType.ModelCheck) is { } remote)
            return new Problem(422, "lookback_not_possible", $"'{remote.Name}' asks a model about each text. Test it on one text instead.");
        var compiled = rows.Select(GuardrailInput.Build).ToList();
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var executions = await LastAsync(context, request.Prompt, compiled.Count == 1 ? compiled[0].Guardrail.AppliesTo : [], cancellationToken);
        var started = Stopwatch.GetTimestamp();
        var looks = compiled.Select(one => new Look(one)).ToList();
        var looked = 0;
        foreach (var execution in executions)
        {
            if (Stopwatch.GetElapsedTime(started) > Budget)
                break;
            using var variables = JsonDocument.Parse(execution.Variables);
            foreach (var look in looks.Where(look => look.Compiled.Guardrail.AppliesToPrompt(execution.PromptName, execution.Category ?? "")))
                LookAgain(look, execution, variables.RootElement, cancellationToken);
            looked++;
        }
        return new Lookback(looked, executions.Count, [.. looks.Select(look => look.ToResult())]);
    }

    /// <summary>How many of a guardrail's hits of the last seven days would have been blocked at each percentage.</summary>
    /// <returns>Or 403.</returns>
    public async Task<Answer<Rollout>> RolloutAsync(Actor actor, Guid id, CancellationToken cancellationToken)
    {
        if (await guardrails.RefusedAsync(actor, Permissions.Read, "guardrails", cancellationToken) is { } refused)
            return refused;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var since = clock.GetUtcNow() - GuardrailFigures.Window;
        var hits = await context.GuardrailViolations.AsNoTracking().Where(hit => hit.GuardrailId == id && hit.CreatedAt >= since && hit.Hits > 0)
            .OrderByDescending(hit => hit.Id).Take(MostHits).Select(hit => hit.ExecutionId).ToListAsync(cancellationToken);
        var units = await context.PromptExecutions.AsNoTracking().Where(execution => hits.Contains(execution.Id) && execution.CreatedAt >= since.AddDays(-1))
            .Select(execution => new { execution.Id, execution.UserId }).ToDictionaryAsync(execution => execution.Id, execution => execution.UserId, cancellationToken);
        return Rollout.Of(id, hits.Select(hit => units.GetValueOrDefault(hit) ?? hit.ToString()));
    }

    private async Task<Answer<IReadOnlyList<PromptGuardrail>>> RowsAsync(LookbackRequest request, CancellationToken cancellationToken)
    {
        if (request.Rule is not { } unsaved)
            return await guardrails.RowsAsync(request.GuardrailIds is { } ids ? [.. ids.Distinct().Take(GuardrailTrial.MostIds)] : null, cancellationToken);
        var row = new PromptGuardrail { Id = Guid.Empty, Name = "rule", RuleType = unsaved.RuleType, RuleConfig = "{}", EnforcementLevel = GuardrailWords.Blocking };
        var edit = new GuardrailEdit
        {
            RuleConfig = unsaved.RuleConfig,
            AllowList = unsaved.AllowList,
            Message = unsaved.Message,
            Scope = request.Scope,
            Variables = request.Variables,
            AppliesTo = request.AppliesTo,
        };
        if ((GuardrailEdits.Apply(row, edit) ?? GuardrailInput.Check(row)) is { } invalid)
            return invalid;
        return new List<PromptGuardrail> { row };
    }

    private async Task<List<Past>> LastAsync(StudioDbContext context, string? prompt, IReadOnlyList<string> appliesTo, CancellationToken cancellationToken)
    {
        var since = clock.GetUtcNow() - Window;
        var executions = context.PromptExecutions.AsNoTracking().Where(execution => execution.CreatedAt >= since);
        if (prompt is not null || appliesTo.Count > 0)
        {
            var versions = await context.PromptTemplates.AsNoTracking()
                .Where(version => (prompt == null || version.Name == prompt) && (appliesTo.Count == 0 || appliesTo.Contains(version.Name) || appliesTo.Contains(version.Category!)))
                .Select(version => version.Id).ToArrayAsync(cancellationToken);
            executions = executions.Where(execution => versions.Contains(execution.PromptTemplateId));
        }
        return await executions.OrderByDescending(execution => execution.Id).Take(MostExecutions)
            .Join(context.PromptTemplates, execution => execution.PromptTemplateId, version => version.Id,
                (execution, version) => new Past
                {
                    Id = execution.Id,
                    CreatedAt = execution.CreatedAt,
                    PromptName = version.Name,
                    Version = version.Version,
                    Category = version.Category,
                    Variables = execution.Variables,
                    RenderedPrompt = execution.RenderedPrompt,
                    ResponseText = execution.ResponseText,
                })
            .OrderByDescending(execution => execution.Id).ToListAsync(cancellationToken);
    }

    private void LookAgain(Look look, Past execution, JsonElement variables, CancellationToken cancellationToken)
    {
        var context = new RuleContext(variables.ValueKind == JsonValueKind.Object ? variables : null, null);
        var isHit = false;
        foreach (var (path, text) in Texts(look.Compiled.Guardrail, execution, variables))
        {
            var started = Stopwatch.GetTimestamp();
            var findings = checks.Find(look.Rules, text, context, cancellationToken);
            look.Elapsed += Stopwatch.GetElapsedTime(started);
            look.Texts++;
            if (findings.Count == 0)
                continue;
            look.Error ??= findings[0].Error;
            if (findings[0].Hits.Count == 0)
                continue;
            isHit = true;
            if (look.Shown.Count < MostShown)
                look.Shown.Add(new LookbackHit(execution.Id, execution.CreatedAt, execution.PromptName, execution.Version, path, text, [.. findings[0].Hits.Where(hit => hit.Span is not null).Select(hit => new TestedSpan(
                    CodePoints.Before(text, hit.Span!.Value.Start)!.Value, CodePoints.Before(text, hit.Span.Value.End)!.Value, hit.Entity, hit.Message))]));
        }
        look.Executions += isHit ? 1 : 0;
    }

    private static IEnumerable<(string? Path, string Text)> Texts(Guardrail guardrail, Past execution, JsonElement variables) => guardrail.Scope switch
    {
        GuardrailScope.RenderedPrompt => execution.RenderedPrompt.Length > 0 ? [(null, execution.RenderedPrompt)] : [],
        GuardrailScope.Response => execution.ResponseText is { Length: > 0 } response ? [(null, response)] : [],
        _ => VariableTexts.Values(variables).Where(value => new VariableRules(guardrail.Variables, null!).Covers(value.Path)).Select(value => ((string?)value.Path, value.Text)),
    };

    /// <summary>An execution, with what it was made from.</summary>
    private sealed record Past
    {
        public required Guid Id { get; init; }
        public required DateTimeOffset CreatedAt { get; init; }
        public required string PromptName { get; init; }
        public required int Version { get; init; }
        public string? Category { get; init; }
        public required string Variables { get; init; }
        public required string RenderedPrompt { get; init; }
        public string? ResponseText { get; init; }
    }

    private sealed class Look(CompiledGuardrail compiled)
    {
        public CompiledGuardrail Compiled { get; } = compiled;
        public RuleSet Rules { get; } = new([compiled]);
        public TimeSpan Elapsed { get; set; }
        public int Texts { get; set; }
        public int Executions { get; set; }
        public string? Error { get; set; }
        public List<LookbackHit> Shown { get; } = [];

        public LookedBack ToResult() => new(
            Compiled.Guardrail.Id == Guid.Empty ? null : Compiled.Guardrail.Id, Compiled.Guardrail.Name, Compiled.Guardrail.RuleType, Executions, Texts == 0 ? 0 : Math.Round(Elapsed.TotalMicroseconds / Texts, 1), Error, Shown);
    }
}

/// <summary>Which guardrails look back, and at what.</summary>
public sealed record LookbackRequest
{
    /// <summary>Stored ones; null: all active ones, unless <see cref="Rule"/> is given.</summary>
    public IReadOnlyList<Guid>? GuardrailIds { get; init; }

    /// <summary>One that need not be saved, with the members below.</summary>
    public UnsavedRule? Rule { get; init; }

    /// <inheritdoc cref="NewGuardrail.Scope"/>
    public string Scope { get; init; } = GuardrailWords.RenderedPrompt;

    /// <inheritdoc cref="NewGuardrail.Variables"/>
    public IReadOnlyList<string>? Variables { get; init; }

    /// <inheritdoc cref="NewGuardrail.AppliesTo"/>
    public IReadOnlyList<string>? AppliesTo { get; init; }

    /// <summary>Only executions of this prompt; null: any.</summary>
    public string? Prompt { get; init; }
}

/// <summary>What guardrails say of the last executions.</summary>
/// <param name="Looked">Executions that were looked at.</param>
/// <param name="Found">Executions that there are to look at; more than <paramref name="Looked"/> when the time ran out.</param>
/// <param name="Guardrails">Each of them.</param>
public sealed record Lookback(int Looked, int Found, IReadOnlyList<LookedBack> Guardrails);

/// <summary>What one guardrail says of them.</summary>
/// <param name="Id">Null: it is not saved.</param>
/// <param name="Name">Its name.</param>
/// <param name="RuleType">Its type.</param>
/// <param name="Executions">Executions that it found something in.</param>
/// <param name="Microseconds">For each text, on the average.</param>
/// <param name="Error">Why it could not look at one of them; null: it could.</param>
/// <param name="Hits">Some of what it found, the newest first.</param>
public sealed record LookedBack(Guid? Id, string Name, string RuleType, int Executions, double Microseconds, string? Error, IReadOnlyList<LookbackHit> Hits);

/// <summary>A text of an execution that a guardrail found something in.</summary>
/// <param name="ExecutionId">The execution.</param>
/// <param name="CreatedAt">When it was rendered.</param>
/// <param name="PromptName">Of which prompt.</param>
/// <param name="Version">Of which version.</param>
/// <param name="Variable">The variable whose value the text is; null: the prompt or the response.</param>
/// <param name="Text">As it is stored.</param>
/// <param name="Spans">Where; empty: the text as a whole.</param>
public sealed record LookbackHit(Guid ExecutionId, DateTimeOffset CreatedAt, string PromptName, int Version, string? Variable, string Text, IReadOnlyList<TestedSpan> Spans);

/// <summary>What a guardrail would have blocked at each percentage of its roll-out.</summary>
/// <param name="Blocked">101 figures, for 0 to 100 per cent.</param>
public sealed record Rollout(IReadOnlyList<int> Blocked)
{
    /// <summary>Hits at all.</summary>
    public int Hits => Blocked[^1];

    /// <summary>Counts hits by the step at which their user is reached first; the same users as in a render.</summary>
    public static Rollout Of(Guid guardrail, IEnumerable<string> units)
    {
        var blocked = new int[101];
        foreach (var unit in units)
            blocked[Math.Min(100, (int)Math.Floor(Core.Experiments.Bucket.Of(guardrail.ToString(), unit) * 100) + 1)]++;
        for (var percent = 1; percent <= 100; percent++)
            blocked[percent] += blocked[percent - 1];
        return new Rollout(blocked);
    }
}
