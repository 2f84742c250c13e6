using PromptStudio.Core.Prompts;
using PromptStudio.Core.Templating;
using PromptStudio.Prompts;
using PromptStudio.Web;

namespace PromptStudio.Rendering;

/// <summary>Why a prompt was not rendered.</summary>
public static class RenderProblem
{
    /// <summary>422: every variable that breaks the contract, by name; <c>missing_variables</c> as soon as one is missing.</summary>
    public static Problem Variables(IReadOnlyList<VariableProblem> problems)
    {
        var missing = problems.Where(problem => problem.Kind == VariableProblemKind.Missing).Select(problem => problem.Name).ToArray();
        return new Problem(422, missing.Length > 0 ? "missing_variables" : "invalid_variable", string.Join(" ", problems.Select(problem => problem.Message)))
        {
            Extensions =
            {
                ["missing"] = missing,
                ["invalid"] = problems.Where(problem => problem.Kind == VariableProblemKind.Mistyped).Select(problem => problem.Name).ToArray(),
            },
        };
    }

    /// <summary>422: what the version declares of its variables cannot be read.</summary>
    public static Problem Contract(PromptTemplate template) =>
        new(422, "template_error", $"The template_variables of '{template.Name}' version {template.Version} cannot be read. Mend them in the studio.");

    /// <summary>422: the template failed, and where.</summary>
    public static Problem Template(TemplateError error) =>
        new(422, error.Kind == TemplateErrorKind.Limit ? "limit_exceeded" : "template_error", error.ToString())
        {
            Extensions = { ["line"] = error.Line, ["column"] = error.Column },
        };

    /// <summary>409: the first answer is older than what the studio keeps.</summary>
    public static Problem RequestExpired(Guid requestId) =>
        new(409, "request_id_expired", $"The request_id {requestId} was used before, and its execution is no longer kept. Send a new one.");

    /// <summary>409: somebody saves the draft faster than it is rendered.</summary>
    public static Problem DraftChanged(PromptTemplate template) =>
        new(409, "draft_changed", $"Version {template.Version} of '{template.Name}' is a draft, and was changed each time while it was rendered. Try again.");

    /// <summary>409: what was answered is not stored in clear, and rendering again does not make the same.</summary>
    public static Problem AnswerRedacted(Guid requestId) =>
        new(409, "answer_redacted", $"The first answer to the request_id {requestId} is not stored in clear, and what it was made from has changed since. Send a new request_id.");

    /// <summary>409: the stored text does not say where its messages begin, and rendering again does not make the same.</summary>
    public static Problem AnswerChanged(Guid requestId) =>
        new(409, "answer_changed", $"The first answer to the request_id {requestId} was a chat, and what its messages were made from has changed since. Send a new request_id.");

    /// <summary>409: nothing of what was answered is stored.</summary>
    public static Problem AnswerNotStored(Guid requestId) =>
        new(409, "answer_not_stored", $"The request_id {requestId} was answered before, and the prompt's store_rendered_prompt is 'none': the answer is not kept. Send a new request_id.");

    /// <summary>409: the id stands for another request.</summary>
    public static Problem RequestIdReused(Guid requestId) =>
        new(409, "request_id_reused", $"The request_id {requestId} was used for another request. Send a new one.");
}
