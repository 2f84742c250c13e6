using System.Text.Json;
using PromptStudio.Core.Guardrails;
using PromptStudio.Executions;

namespace PromptStudio.Guardrails;

/// <summary>What the documentation of the API shows.</summary>
internal static class GuardrailExamples
{
    public static readonly Guid Id = Guid.Parse("01a2008d-7400-7000-8000-0000000000b1");

    private static readonly DateTimeOffset Yesterday = new(2026, 11, 21, 9, 30, 0, TimeSpan.Zero);

    public static GuardrailView View { get; } = new()
    {
        Id = Id,
        Name = "US social security numbers",
        Description = "No prompt goes to a model with somebody's number in it.",
        RuleType = "regex",
        RuleConfig = JsonElement.Parse("""{"patterns": ["\\b\\d{3}-\\d{2}-\\d{4}\\b"]}"""),
        EnforcementLevel = GuardrailWords.Blocking,
        EnforcementPercentage = 100,
        Scope = GuardrailWords.RenderedPrompt,
        Variables = [],
        AppliesTo = ["nlu"],
        OnError = GuardrailWords.Allow,
        Message = "The text has a social security number.",
        Redact = true,
        AllowList = new AllowedTexts(["078-05-1120"], []),
        IsActive = true,
        HasSecret = false,
        IsLinear = true,
        Revision = 3,
        Etag = "\"3\"",
        CreatedAt = Yesterday,
        UpdatedAt = Yesterday,
        UpdatedBy = "ada@example.com",
        LastSevenDays = new GuardrailFigures { Blocked = 12, WouldBlock = 3, FalsePositives = 1 },
    };

    public static GuardrailTemplate Template { get; } = GuardrailTemplate.Of(RuleTemplates.All[0]);

    public static TestedGuardrails Tested { get; } = new(
    [
        new TestedGuardrail
        {
            Id = Id,
            Name = View.Name,
            RuleType = View.RuleType,
            Hit = true,
            Message = View.Message,
            Spans = [new TestedSpan(7, 18, null, "A pattern of the list was found.")],
            Microseconds = 3.4,
            IsLinear = true,
        },
        new TestedGuardrail
        {
            Id = Guid.Parse("01a2008d-7400-7000-8000-0000000000b2"),
            Name = "Toxicity",
            RuleType = "model_check",
            Hit = false,
            Spans = [],
            Microseconds = 84_512.3,
            Scores = [new TestedScore("TOXICITY", 0.12, 0.7, false)],
        },
    ]);

    public static ViolationRow Row { get; } = new()
    {
        Id = Guid.Parse("01a2047b-3a97-7139-b2de-be3cb065d9b7"),
        CreatedAt = ExecutionApi.Example.CreatedAt,
        ExecutionId = ExecutionApi.Example.Id,
        GuardrailId = Id,
        Name = View.Name,
        RuleType = View.RuleType,
        EnforcementLevel = View.EnforcementLevel,
        Outcome = ViolationOutcome.Blocked,
        Scope = View.Scope,
        PromptName = ExecutionApi.Example.PromptName,
        TemplateId = ExecutionApi.Example.TemplateId,
        Hits = 1,
        Message = View.Message!,
        Start = 7,
        End = 18,
    };

    public static Violation Warning { get; } = new("No raw HTML", "regex", GuardrailWords.Warning, "The text has HTML tags.", 12, 18) { GuardrailId = Id, Scope = GuardrailWords.Variables, Variable = "query" };
}
