using PromptStudio.Core.Prompts;
using PromptStudio.Prompts;
using PromptStudio.Web;

namespace PromptStudio.Experiments;

/// <summary>Why an experiment is not found, not changed, not started, or not decided.</summary>
public static class ExperimentProblem
{
    /// <summary>404: no experiment has this id.</summary>
    public static Problem NotFound(Guid id) => new(404, "experiment_not_found", $"There is no experiment with the id {id}.");

    /// <summary>409: the name is taken.</summary>
    public static Problem Exists(string name) => new(409, "experiment_exists", $"There is an experiment '{name}' already. Choose another name.");

    /// <summary>409: the prompt has one that runs.</summary>
    public static Problem Running(string prompt, string other) =>
        new(409, "experiment_running", $"'{other}' runs on '{prompt}', and two experiments on one prompt would blur each other's figures. Complete or pause that one first.");

    /// <summary>422: a member breaks a rule.</summary>
    public static Problem Invalid(string member, string detail) => new(422, "invalid_experiment", detail) { Extensions = { ["member"] = member } };

    /// <summary>409: somebody saved in between.</summary>
    public static Problem Conflict(ExperimentView current, ExperimentEdit yours) =>
        new(409, "edit_conflict", $"{current.UpdatedBy ?? "Somebody"} changed the experiment '{current.Name}' after you opened it. Look at both, and save again with the new ETag.")
        {
            Extensions = { ["current"] = current, ["yours"] = yours },
        };

    /// <summary>What the state machine says.</summary>
    public static Problem Illegal(Obstacle obstacle, string status)
    {
        var problem = PromptProblem.Of(obstacle);
        problem.Extensions["experiment_status"] = status;
        return problem;
    }
}
