namespace PromptStudio.Client;

/// <summary>The studio did not do what was asked, or could not be asked.</summary>
public class PromptStudioException : Exception
{
    /// <summary>Makes one of a problem.</summary>
    public PromptStudioException(PromptStudioProblem problem)
        : base(MessageOf(problem), problem?.Cause) => Problem = problem!;

    /// <summary>Why, in full.</summary>
    public PromptStudioProblem Problem { get; }

    /// <summary>What programs look at; see <see cref="ProblemCode"/>.</summary>
    public string Code => Problem.Code;

    private static string MessageOf(PromptStudioProblem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        return $"{problem.Code}: {problem.Detail}";
    }
}

/// <summary>A blocking guardrail stopped the prompt: it must not be sent to a model.</summary>
public sealed class PromptBlockedException(PromptStudioProblem problem) : PromptStudioException(problem)
{
    /// <summary>What was found.</summary>
    public IReadOnlyList<GuardrailViolation> Violations => Problem.GuardrailViolations;
}

/// <summary>Variables are missing, or of the wrong type.</summary>
public sealed class PromptVariablesException(PromptStudioProblem problem) : PromptStudioException(problem)
{
    /// <summary>Those that were not given.</summary>
    public IReadOnlyList<string> Missing => Problem.Missing;

    /// <summary>Those of the wrong type.</summary>
    public IReadOnlyList<string> Invalid => Problem.Invalid;
}

/// <summary>There is no such prompt, or it has no such version or label, or no active version.</summary>
public sealed class PromptNotFoundException(PromptStudioProblem problem) : PromptStudioException(problem);

/// <summary>The template fails with these variables.</summary>
public sealed class PromptTemplateException(PromptStudioProblem problem) : PromptStudioException(problem)
{
    /// <summary>From 1.</summary>
    public int? Line => Problem.Line;

    /// <summary>From 1.</summary>
    public int? Column => Problem.Column;
}

/// <summary>The API key is missing, unknown, expired or revoked, or may not do this.</summary>
public sealed class PromptStudioAccessException(PromptStudioProblem problem) : PromptStudioException(problem);

/// <summary>The studio could not be reached, did not answer in time, or has too much to do, and all retries were in vain.</summary>
public sealed class PromptStudioUnavailableException(PromptStudioProblem problem) : PromptStudioException(problem)
{
    /// <summary>When the studio said to try again; null: it said nothing.</summary>
    public TimeSpan? RetryAfter => Problem.RetryAfter;
}
