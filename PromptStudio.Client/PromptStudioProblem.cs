using System.Text.Json.Serialization;

namespace PromptStudio.Client;

/// <summary>Why the studio did not do what was asked, or that it could not be asked.</summary>
public sealed record PromptStudioProblem
{
    /// <summary>What programs look at: one of <see cref="ProblemCode"/>, or one that a later studio has. It never changes.</summary>
    public required string Code { get; init; }

    /// <summary>What people read: what happened, and what to do.</summary>
    public string Detail { get; init; } = "";

    /// <summary>The HTTP status; 0: there was no answer.</summary>
    public int Status { get; init; }

    /// <summary>By it the studio's operator finds the request in the log.</summary>
    public string? TraceId { get; init; }

    /// <summary>The member of the request that is wrong.</summary>
    public string? Member { get; init; }

    /// <summary>With <c>missing_variables</c>: which ones.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];

    /// <summary>With <c>missing_variables</c> and <c>invalid_variable</c>: those of the wrong type.</summary>
    public IReadOnlyList<string> Invalid { get; init; } = [];

    /// <summary>With <c>template_error</c> and <c>limit_exceeded</c>: the line in the template, from 1.</summary>
    public int? Line { get; init; }

    /// <summary>The column, from 1.</summary>
    public int? Column { get; init; }

    /// <summary>With <c>guardrail_blocked</c>: what was found.</summary>
    public IReadOnlyList<GuardrailViolation> GuardrailViolations { get; init; } = [];

    /// <summary>With <c>guardrail_blocked</c>: the execution that is stored as blocked.</summary>
    public Guid? ExecutionId { get; init; }

    /// <summary>When the studio said to try again; null: it said nothing.</summary>
    [JsonIgnore]
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether the same request may succeed later.</summary>
    [JsonIgnore]
    public bool IsTransient => Status is 0 or 408 or 425 or 429 or 502 or 503 or 504;

    [JsonIgnore]
    internal Exception? Cause { get; init; }

    /// <summary>The exception for it.</summary>
    public PromptStudioException ToException() => Code switch
    {
        ProblemCode.GuardrailBlocked => new PromptBlockedException(this),
        ProblemCode.MissingVariables or ProblemCode.InvalidVariable => new PromptVariablesException(this),
        ProblemCode.PromptNotFound or ProblemCode.VersionNotFound => new PromptNotFoundException(this),
        ProblemCode.TemplateError or ProblemCode.LimitExceeded => new PromptTemplateException(this),
        _ => Status switch
        {
            401 or 403 => new PromptStudioAccessException(this),
            _ when IsTransient => new PromptStudioUnavailableException(this),
            _ => new PromptStudioException(this),
        },
    };
}

/// <summary>The codes of the problems that renders and reports meet. All are described in the studio's documentation of its HTTP API.</summary>
public static class ProblemCode
{
    /// <summary>A blocking guardrail stopped the prompt.</summary>
    public const string GuardrailBlocked = "guardrail_blocked";

    /// <summary>Variables that the prompt needs were not given.</summary>
    public const string MissingVariables = "missing_variables";

    /// <summary>A variable has the wrong type.</summary>
    public const string InvalidVariable = "invalid_variable";

    /// <summary>The template fails with these variables.</summary>
    public const string TemplateError = "template_error";

    /// <summary>The template took too many steps, too much output, time or memory.</summary>
    public const string LimitExceeded = "limit_exceeded";

    /// <summary>No prompt has this name, or it is archived.</summary>
    public const string PromptNotFound = "prompt_not_found";

    /// <summary>The prompt has no such version or label, or no active version.</summary>
    public const string VersionNotFound = "version_not_found";

    /// <summary>No execution has this id.</summary>
    public const string ExecutionNotFound = "execution_not_found";

    /// <summary>The request id stands for another request.</summary>
    public const string RequestIdReused = "request_id_reused";

    /// <summary>The request id was used, and its execution is no longer kept.</summary>
    public const string RequestIdExpired = "request_id_expired";

    /// <summary>The first answer to the request id is not stored in clear, and cannot be made again.</summary>
    public const string AnswerRedacted = "answer_redacted";

    /// <summary>The first answer to the request id was a chat, whose messages cannot be made again.</summary>
    public const string AnswerChanged = "answer_changed";

    /// <summary>The draft was changed each time while it was rendered.</summary>
    public const string DraftChanged = "draft_changed";

    /// <summary>The execution has another outcome already.</summary>
    public const string OutcomeConflict = "outcome_conflict";

    /// <summary>The execution gave no prompt, so it has no outcome.</summary>
    public const string ExecutionFailed = "execution_failed";

    /// <summary>The outcome breaks a rule.</summary>
    public const string InvalidOutcome = "invalid_outcome";

    /// <summary>A member of the request is unknown, or has the wrong type or size.</summary>
    public const string InvalidRequest = "invalid_request";

    /// <summary>No API key was sent.</summary>
    public const string ApiKeyMissing = "api_key_missing";

    /// <summary>The API key is unknown, expired or revoked.</summary>
    public const string ApiKeyInvalid = "api_key_invalid";

    /// <summary>The API key may not do this.</summary>
    public const string ScopeMissing = "scope_missing";

    /// <summary>The API key is bound to other prompts.</summary>
    public const string PromptNotAllowed = "prompt_not_allowed";

    /// <summary>Too often in too short a time.</summary>
    public const string RateLimited = "rate_limited";

    /// <summary>The studio's database does not answer.</summary>
    public const string DatabaseUnavailable = "database_unavailable";

    /// <summary>The client's own: the studio could not be reached, or did not answer in time.</summary>
    public const string StudioUnavailable = "studio_unavailable";

    /// <summary>The client's own: something that is no Prompt Studio answered.</summary>
    public const string UnexpectedAnswer = "unexpected_answer";
}
