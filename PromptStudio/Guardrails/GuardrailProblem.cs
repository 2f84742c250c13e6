using PromptStudio.Web;

namespace PromptStudio.Guardrails;

/// <summary>Why a guardrail is not found or not changed, and what it stops.</summary>
public static class GuardrailProblem
{
    /// <summary>404: no guardrail has this id.</summary>
    public static Problem NotFound(Guid id) => new(404, "guardrail_not_found", $"There is no guardrail with the id {id}.");

    /// <summary>404: no violation has this id.</summary>
    public static Problem NoViolation(Guid id) => new(404, "violation_not_found", $"There is no violation with the id {id}.");

    /// <summary>409: the name is taken.</summary>
    public static Problem Exists(string name) => new(409, "guardrail_exists", $"There is a guardrail '{name}' already. Choose another name, or change that one.");

    /// <summary>409: the studio has as many guardrails as it can check.</summary>
    public static Problem TooMany { get; } = new(409, "too_many_guardrails", $"The studio keeps {GuardrailStore.Most} guardrails. Delete one that is not needed first.");

    /// <summary>422: a member breaks a rule.</summary>
    public static Problem Invalid(string member, string detail) => new(422, "invalid_guardrail", detail) { Extensions = { ["member"] = member } };

    /// <summary>409: somebody saved in between. What both wrote is in it, but no secret.</summary>
    public static Problem Conflict(GuardrailView current, GuardrailEdit yours) =>
        new(409, "edit_conflict", $"{current.UpdatedBy ?? "Somebody"} changed the guardrail '{current.Name}' after you opened it. Look at both, and save again with the new ETag.")
        {
            Extensions = { ["current"] = current, ["yours"] = yours with { Secret = null } },
        };

    /// <summary>422: the prompt is not handed out.</summary>
    /// <param name="violations">What callers are told: never the text that was found.</param>
    /// <param name="executionId">Null after a dry run.</param>
    public static Problem Blocked(IReadOnlyList<Violation> violations, Guid? executionId) =>
        new(422, "guardrail_blocked", string.Join(" ", violations.Where(violation => violation.Outcome == ViolationOutcome.Blocked).Select(violation => $"'{violation.Name}' stopped the prompt: {violation.Message}")))
        {
            Extensions = { ["guardrail_violations"] = violations, ["execution_id"] = executionId },
        };
}
