using System.Text.Json;
using PromptStudio.Core.Guardrails;
using PromptStudio.Web;

namespace PromptStudio.Guardrails;

/// <summary>What a guardrail did in the last seven days.</summary>
public sealed record GuardrailFigures
{
    /// <summary>How far back the figures reach.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromDays(7);

    /// <summary>Prompts that were not handed out, and responses that must not be shown.</summary>
    public int Blocked { get; init; }

    /// <summary>What it would have blocked if it were enforced for everybody.</summary>
    public int WouldBlock { get; init; }

    public int Warned { get; init; }
    public int Logged { get; init; }

    /// <summary>Texts that it could not look at, and let pass.</summary>
    public int Error { get; init; }

    /// <summary>How many of its violations somebody marked as found wrongly.</summary>
    public int FalsePositives { get; init; }

    /// <summary>Share of its violations, 0 to 1, that nobody marked as found wrongly; null: it has none.</summary>
    public double? Precision => Blocked + WouldBlock + Warned + Logged is var hits and > 0 ? 1 - ((double)FalsePositives / hits) : null;
}

/// <summary>A guardrail, as the admin API and the page show it; never its secret.</summary>
public sealed record GuardrailView
{
    public required Guid Id { get; init; }
    public required string Name { get; init; }
    public string? Description { get; init; }
    public required string RuleType { get; init; }

    /// <summary>By rule type.</summary>
    public required JsonElement RuleConfig { get; init; }

    /// <summary><c>blocking</c>, <c>warning</c> or <c>logging</c>.</summary>
    public required string EnforcementLevel { get; init; }

    /// <summary>For how many users of a hundred a blocking guardrail blocks.</summary>
    public required double EnforcementPercentage { get; init; }

    /// <summary><c>rendered_prompt</c>, <c>variables</c> or <c>response</c>.</summary>
    public required string Scope { get; init; }

    /// <summary>With the scope <c>variables</c>: those that it looks at; empty: all.</summary>
    public required IReadOnlyList<string> Variables { get; init; }

    /// <summary>Names of prompts or categories; empty: all prompts.</summary>
    public required IReadOnlyList<string> AppliesTo { get; init; }

    /// <summary><c>allow</c> or <c>block</c>.</summary>
    public required string OnError { get; init; }

    /// <summary>What is told about a hit; null: the rule's own words.</summary>
    public string? Message { get; init; }

    public required bool Redact { get; init; }
    public required AllowedTexts AllowList { get; init; }
    public required bool IsActive { get; init; }
    public required bool HasSecret { get; init; }

    /// <summary>Why the rule cannot be built; null: it can. A broken guardrail follows its <c>on_error</c> at each text.</summary>
    public string? Broken { get; init; }

    /// <summary>Of a regex: whether its time grows with the text and no faster; null: the rule is no regex.</summary>
    public bool? IsLinear { get; init; }

    /// <summary>Why a regex is not linear.</summary>
    public string? NotLinearBecause { get; init; }

    /// <summary>Counts the changes, from 1.</summary>
    public required int Revision { get; init; }

    /// <summary>What an update sends as If-Match.</summary>
    public required string Etag { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }
    public string? UpdatedBy { get; init; }
    public GuardrailFigures LastSevenDays { get; init; } = new();

    internal static GuardrailView Of(PromptGuardrail row, CompiledGuardrail compiled, GuardrailFigures? figures = null) => new()
    {
        Id = row.Id,
        Name = row.Name,
        Description = row.Description,
        RuleType = row.RuleType,
        RuleConfig = JsonElement.Parse(row.RuleConfig),
        EnforcementLevel = row.EnforcementLevel,
        EnforcementPercentage = row.EnforcementPercentage,
        Scope = row.Scope,
        Variables = row.Variables,
        AppliesTo = row.AppliesTo ?? [],
        OnError = row.OnError,
        Message = row.Message,
        Redact = row.Redact,
        AllowList = new AllowedTexts(compiled.Guardrail.Allowed.Texts, compiled.Guardrail.Allowed.Patterns),
        IsActive = row.IsActive,
        HasSecret = row.SecretProtected is not null,
        Broken = compiled.Broken,
        IsLinear = (compiled.Rule as RegexRule)?.IsLinear,
        NotLinearBecause = (compiled.Rule as RegexRule)?.BacktrackingReason,
        Revision = row.Revision,
        Etag = IfMatch.Tag(row.Revision),
        CreatedAt = row.CreatedAt,
        UpdatedAt = row.UpdatedAt,
        UpdatedBy = row.UpdatedBy,
        LastSevenDays = figures ?? new(),
    };
}

/// <summary>What each guardrail says of a text.</summary>
public sealed record TestedGuardrails(IReadOnlyList<TestedGuardrail> Guardrails);

/// <summary>What one guardrail says of a text.</summary>
public sealed record TestedGuardrail
{
    /// <summary>Null: the rule is not saved.</summary>
    public Guid? Id { get; init; }

    public string? Name { get; init; }
    public required string RuleType { get; init; }

    /// <summary>Whether it found something.</summary>
    public required bool Hit { get; init; }

    /// <summary>What would be told; null: it found nothing.</summary>
    public string? Message { get; init; }

    /// <summary>Where, in the order of the text; empty with a hit: the text as a whole.</summary>
    public required IReadOnlyList<TestedSpan> Spans { get; init; }

    /// <summary>Microseconds that it took, once it was ready.</summary>
    public required double Microseconds { get; init; }

    /// <summary>Why it could not look; null: it could.</summary>
    public string? Error { get; init; }

    /// <summary>Of a regex: whether its time grows with the text and no faster; null: the rule is no regex.</summary>
    public bool? IsLinear { get; init; }

    /// <summary>Why a regex is not linear.</summary>
    public string? NotLinearBecause { get; init; }

    /// <summary>Of a <c>model_check</c>: what its model says, hit or not; null: the rule asks none, or got no answer.</summary>
    public IReadOnlyList<TestedScore>? Scores { get; init; }
}

/// <summary>One thing that a model says of a text.</summary>
/// <param name="Name">What it is about.</param>
/// <param name="Value">What it gives; of a yes or no, 1 or 0.</param>
/// <param name="Threshold">Where a hit begins; null: the model says yes or no itself.</param>
/// <param name="Hit">Whether it is one.</param>
public sealed record TestedScore(string Name, double Value, double? Threshold, bool Hit);

/// <summary>A place that a guardrail found.</summary>
/// <param name="Start">In code points.</param>
/// <param name="End">In code points.</param>
/// <param name="Entity">What kind of thing; null: the rule has one kind only.</param>
/// <param name="Message">What the rule says of it.</param>
public sealed record TestedSpan(int Start, int End, string? Entity, string Message);

/// <summary>A violation, as the admin API and the page show it.</summary>
public sealed record ViolationRow
{
    public required Guid Id { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required Guid ExecutionId { get; init; }

    /// <summary>The guardrail may be gone.</summary>
    public required Guid GuardrailId { get; init; }

    /// <summary>The guardrail's name at that time.</summary>
    public required string Name { get; init; }

    public required string RuleType { get; init; }

    /// <summary><c>blocking</c>, <c>warning</c> or <c>logging</c>, at that time.</summary>
    public required string EnforcementLevel { get; init; }

    /// <summary><c>blocked</c>, <c>would_block</c>, <c>warned</c>, <c>logged</c>, or <c>error</c>: it could not look, and let the text pass.</summary>
    public required string Outcome { get; init; }

    /// <summary><c>rendered_prompt</c>, <c>variables</c> or <c>response</c>.</summary>
    public required string Scope { get; init; }

    /// <summary>With the scope <c>variables</c>: which one, e.g. <c>user.email</c>.</summary>
    public string? Variable { get; init; }

    public required string PromptName { get; init; }
    public required Guid TemplateId { get; init; }

    /// <summary>Places where it found something; 0: it could not look.</summary>
    public required int Hits { get; init; }

    public required string Message { get; init; }

    /// <summary>What kind of thing the first place is.</summary>
    public string? Entity { get; init; }

    /// <summary>Where the first place begins, in code points of the text before anything was blacked out; null: the text as a whole.</summary>
    public int? Start { get; init; }

    public int? End { get; init; }

    /// <summary>True: somebody said that it was found wrongly; null: nobody did.</summary>
    public bool? FalsePositive { get; init; }

    public string? MarkedBy { get; init; }
    public DateTimeOffset? MarkedAt { get; init; }

    internal static ViolationRow Of(GuardrailViolation row) => new()
    {
        Id = row.Id,
        CreatedAt = row.CreatedAt,
        ExecutionId = row.ExecutionId,
        GuardrailId = row.GuardrailId,
        Name = row.Name,
        RuleType = row.RuleType,
        EnforcementLevel = row.EnforcementLevel,
        Outcome = row.Outcome,
        Scope = row.Scope,
        Variable = row.Variable,
        PromptName = row.PromptName,
        TemplateId = row.TemplateId,
        Hits = row.Hits,
        Message = row.Message,
        Entity = row.Entity,
        Start = row.Start,
        End = row.End,
        FalsePositive = row.FalsePositive,
        MarkedBy = row.MarkedBy,
        MarkedAt = row.MarkedAt,
    };
}

/// <summary>A page of violations.</summary>
/// <param name="Items">The newest first.</param>
/// <param name="Next">What to ask for as <c>after</c> to get the next page; null: this is the last one.</param>
public sealed record ViolationPage(IReadOnlyList<ViolationRow> Items, Guid? Next);

/// <summary>What guardrails did, day by day.</summary>
/// <param name="Days">Each day of the time that was asked for, the oldest first, also those without violations.</param>
public sealed record ViolationsByDay(IReadOnlyList<ViolationDay> Days);

/// <summary>What guardrails did on a day.</summary>
/// <param name="Day">UTC.</param>
/// <param name="Blocked">Violations with this outcome.</param>
/// <param name="WouldBlock">Violations with this outcome.</param>
/// <param name="Warned">Violations with this outcome.</param>
/// <param name="Logged">Violations with this outcome.</param>
/// <param name="Error">Violations with this outcome.</param>
public sealed record ViolationDay(DateOnly Day, int Blocked, int WouldBlock, int Warned, int Logged, int Error);
