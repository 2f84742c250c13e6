using PromptStudio.Core.Prompts;
using PromptStudio.Web;

namespace PromptStudio.Prompts;

/// <summary>Why a prompt is not found, not changed, or not put into service.</summary>
public static class PromptProblem
{
    /// <summary>404: no prompt has this name.</summary>
    public static Problem NotFound(string name) => new(404, "prompt_not_found", $"There is no prompt '{name}'.");

    /// <summary>404: it was taken out of service.</summary>
    public static Problem Archived(string name) => new(404, "prompt_not_found", $"'{name}' is archived, so it is not rendered. Restore it in the studio first.");

    /// <summary>404: no version has this id.</summary>
    public static Problem NoVersion(Guid id) => new(404, "version_not_found", $"There is no version with the id {id}.");

    /// <summary>404: the prompt has no version of this number.</summary>
    public static Problem NoVersion(string name, int version) => new(404, "version_not_found", $"'{name}' has no version {version}.");

    /// <summary>409: the name is taken.</summary>
    public static Problem Exists(string name) => new(409, "prompt_exists", $"There is a prompt '{name}' already. Choose another name, or create a version of it.");

    /// <summary>422: a text, a name or the declared variables break a rule.</summary>
    public static Problem Invalid(string member, string detail) => new(422, "invalid_prompt", detail) { Extensions = { ["member"] = member } };

    /// <summary>422: the version cannot be rendered, and where its text stops being a template.</summary>
    public static Problem Broken(PromptTemplate version, TemplateFinding finding) =>
        new(422, "template_error", $"Version {version.Version} of '{version.Name}' cannot be rendered: {finding.Message}")
        {
            Extensions = { ["line"] = finding.Line, ["column"] = finding.Column },
        };

    /// <summary>409: callers would be refused.</summary>
    public static Problem Mismatch(PromptTemplate version, ContractCheck check) => new(409, "contract_mismatch", check.Describe(version.Version))
    {
        Extensions = { ["checked"] = check.Checked, ["missing"] = check.Missing },
    };

    /// <summary>409: somebody saved in between. Both texts are in it, so that none is lost.</summary>
    public static Problem Conflict(PromptTemplate current, object? yours) =>
        new(409, "edit_conflict", $"{current.UpdatedBy ?? "Somebody"} changed version {current.Version} of '{current.Name}' after you opened it. Look at both, and save again with the new ETag.")
        {
            Extensions =
            {
                ["current"] = new
                {
                    current.TemplateText,
                    current.TemplateFormat,
                    TemplateVariables = PromptDetail.Variables(current.TemplateVariables),
                    current.Message,
                    current.Description,
                    current.Category,
                    current.Revision,
                    Etag = IfMatch.Tag(current.Revision),
                    current.UpdatedBy,
                    current.UpdatedAt,
                },
                ["yours"] = yours,
            },
        };

    /// <summary>What a rule says, with its status.</summary>
    public static Problem Of(Obstacle obstacle) => new(obstacle.Kind switch
    {
        ObstacleKind.Forbidden => 403,
        ObstacleKind.Conflict => 409,
        _ => 422,
    }, obstacle.Code, obstacle.Detail);
}
