using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.HttpResults;
using PromptStudio.Access;
using PromptStudio.Core.Experiments;
using PromptStudio.Core.Prompts;
using PromptStudio.Prompts;
using PromptStudio.Web;

namespace PromptStudio.Experiments;

/// <summary><c>/api/admin/ab-tests</c>.</summary>
public static class ExperimentApi
{
    private const int SearchMaxLength = 200;

    private static readonly string[] FitProblems = ["illegal_move", "winner_already_declared", "experiment_running", "approval_required", "contract_mismatch", "prompt_archived"];

    public static void MapExperimentApi(this IEndpointRouteBuilder admin)
    {
        var experiments = admin.MapGroup("/ab-tests").WithTags("Experiments");
        experiments.MapGet("", ListAsync)
            .RequireAuthorization(Policy.Read)
            .WithName("list_experiments")
            .WithSummary("List experiments")
            .WithDescription("A/B tests between versions of a prompt. A key that is bound to prompts sees theirs.")
            .WithParameter(new ParameterRule("search") { Description = "Part of a name, a description or a prompt's name.", MaxLength = SearchMaxLength })
            .WithParameter(new ParameterRule("status") { Description = "Only of this status.", Values = ExperimentStatus.All })
            .WithParameter(new ParameterRule("prompt") { Description = "Only of this prompt.", MaxLength = PromptName.MaxLength, Example = "nlu_topic_extraction" })
            .WithSort(ExperimentStore.Sortable)
            .WithAnswer(new ListPage<ExperimentView>([ExperimentExamples.View], 1, 50, 1));
        experiments.MapPost("", CreateAsync)
            .RequireAuthorization(Policy.Write)
            .WithName("create_experiment")
            .WithSummary("Create an experiment")
            .WithDescription("Makes a draft. All versions belong to one prompt; the shares sum up to 100. What is left out has its default: an equal split, all users, always_valid, 1,000 users a group, 0.05.")
            .WithBodyJson<NewExperiment>("""{"name": "Shorter question", "control_template_id": "01a2008d-7400-7000-8000-000000000011", "variant_template_ids": ["01a2008d-7400-7000-8000-000000000012"], "traffic_allocation": {"control": 50, "variant_a": 50}, "primary_metric": "success_rate", "guardrail_metrics": [{"metric": "avg_response_time", "margin": 0.05, "relative": true}]}""")
            .WithAnswer(ExperimentExamples.View, StatusCodes.Status201Created)
            .WithProblem(404, "version_not_found")
            .WithProblem(409, "experiment_exists", "too_many_experiments", "prompt_archived")
            .WithProblem(422, "invalid_experiment");
        experiments.MapGet("/{id:guid}", GetAsync)
            .RequireAuthorization(Policy.Read)
            .WithName("get_experiment")
            .WithSummary("Get an experiment")
            .WithDescription("The ETag is what an update sends as If-Match.")
            .WithParameter(new ParameterRule("id") { Description = "The id of an experiment.", Example = ExperimentExamples.Id })
            .WithAnswer(ExperimentExamples.View)
            .WithProblem(404, "experiment_not_found");
        experiments.MapPut("/{id:guid}", ChangeAsync)
            .RequireAuthorization(Policy.Write)
            .WithName("change_experiment")
            .WithSummary("Change an experiment")
            .WithDescription("What is absent stays as it is. Once it has started, only name, description, coverage, planned_end and traffic_allocation change; another allocation begins a new phase, which is analysed for itself. Needs If-Match.")
            .WithParameter(new ParameterRule("id") { Description = "The id of an experiment.", Example = ExperimentExamples.Id })
            .WithBodyJson<ExperimentEdit>("""{"coverage": 50}""")
            .WithAnswer(ExperimentExamples.View)
            .WithProblem(404, "experiment_not_found")
            .WithProblem(409, "edit_conflict", "experiment_exists", "illegal_move", "winner_already_declared")
            .WithProblem(422, "invalid_experiment")
            .WithProblem(428, "if_match_required");
        Move(experiments, "start", StartAsync, "Start an experiment",
                "From now on it decides which version callers get, unless they ask for a version or a label. Each version must be fit to be activated: approved where the prompt asks for it, without errors, and callers send what it requires, unless the body, which is optional, says {\"force\": true}. Its versions never change from then on.",
                FitProblems)
            .WithBody(new StartExperiment())
            .WithProblem(422, "template_error", "invalid_experiment");
        Move(experiments, "pause", (Guid id, HttpContext context, ExperimentCommands commands, CancellationToken cancellationToken) => DoneAsync(context, commands.PauseAsync(context.Actor(), id, cancellationToken)),
            "Pause an experiment", "Callers get the active version until it is resumed.", "illegal_move", "winner_already_declared");
        Move(experiments, "resume", (Guid id, HttpContext context, ExperimentCommands commands, CancellationToken cancellationToken) => DoneAsync(context, commands.ResumeAsync(context.Actor(), id, cancellationToken)),
                "Resume an experiment", "Goes on where it was paused: each user in the same group as before.", "illegal_move", "winner_already_declared", "experiment_running", "approval_required", "prompt_archived")
            .WithProblem(422, "template_error");
        Move(experiments, "complete", (Guid id, HttpContext context, ExperimentCommands commands, CancellationToken cancellationToken) => DoneAsync(context, commands.CompleteAsync(context.Actor(), id, cancellationToken)),
            "Complete an experiment", "Ends it without a decision: callers get the active version. Outcomes that come late are still counted.", "illegal_move", "winner_already_declared");
        experiments.MapPost("/{id:guid}/recompute", RecomputeAsync)
            .RequireAuthorization(Policy.Write)
            .WithName("recompute_experiment")
            .WithSummary("Recompute an experiment now")
            .WithDescription("Counts what is new, as a job does every minute. The body is optional; {\"from_scratch\": true} reads all executions again, which gives the same figures.")
            .WithParameter(new ParameterRule("id") { Description = "The id of an experiment.", Example = ExperimentExamples.Id })
            .WithBody(new RecomputeExperiment())
            .WithAnswer(ExperimentExamples.Metrics)
            .WithProblem(404, "experiment_not_found");
        experiments.MapGet("/{id:guid}/metrics", MetricsAsync)
            .RequireAuthorization(Policy.Read)
            .WithName("experiment_metrics")
            .WithSummary("Get what an experiment shows")
            .WithDescription("The newest snapshot with its figures, gates and decision in words; the primary metric over time; how the recomputation goes; the decision, once there is one.")
            .WithParameter(new ParameterRule("id") { Description = "The id of an experiment.", Example = ExperimentExamples.Id })
            .WithAnswer(ExperimentExamples.Metrics)
            .WithProblem(404, "experiment_not_found");
        experiments.MapPost("/{id:guid}/winner", DeclareAsync)
            .RequireAuthorization(Policy.Write)
            .WithName("declare_winner")
            .WithSummary("Declare the winner")
            .WithDescription("Activates the version, ends the experiment and writes the decision down, in one transaction. Refused while a gate is closed (sample, significance, sample_ratio, guardrails), unless override_reason says why; the audit log keeps that. The rules of an activation hold too.")
            .WithParameter(new ParameterRule("id") { Description = "The id of an experiment.", Example = ExperimentExamples.Id })
            .WithBody(new DeclareWinner { TemplateId = ExperimentExamples.Variant })
            .WithAnswer(ExperimentExamples.View)
            .WithProblem(403, "promotion_not_allowed")
            .WithProblem(404, "experiment_not_found")
            .WithProblem(409, "gates_closed", "winner_already_declared", "illegal_move", "not_recomputed", "approval_required", "contract_mismatch", "prompt_archived")
            .WithProblem(422, "invalid_winner", "template_error");
        experiments.MapPost("/significance", Significance)
            .RequireAuthorization(Policy.Read)
            .WithName("calculate_significance")
            .WithSummary("Calculate significance")
            .WithDescription("From counts (successes) or means (mean and standard_deviation) of 2 to 20 arms, the control first. For figures that are looked at once. What cannot be computed says why.")
            .WithBodyJson<SignificanceQuestion>("""{"arms": [{"users": 1000, "successes": 120}, {"users": 1000, "successes": 155}]}""")
            .WithAnswer(ExperimentExamples.Significance)
            .WithProblem(422, "invalid_calculation");
        experiments.MapPost("/sample-size", SampleSizeAsync)
            .RequireAuthorization(Policy.Read)
            .WithName("calculate_sample_size")
            .WithSummary("Calculate a sample size")
            .WithDescription("Users that it takes to find an effect, for one look and for who looks all the time; days, at the traffic given or at a prompt's users of the last 24 hours. With users_per_group: the smallest effect that they find.")
            .WithBodyJson<SampleSizeQuestion>("""{"baseline_rate": 0.1, "minimum_effect": 0.02, "users_per_day": 1200}""")
            .WithAnswer(ExperimentExamples.SampleSize)
            .WithProblem(404, "prompt_not_found")
            .WithProblem(422, "invalid_calculation");
    }

    private static RouteHandlerBuilder Move(IEndpointRouteBuilder experiments, string move, Delegate handler, string summary, string description, params string[] conflicts) =>
        experiments.MapPost($"/{{id:guid}}/{move}", handler)
            .RequireAuthorization(Policy.Write)
            .WithName($"{move}_experiment")
            .WithSummary(summary)
            .WithDescription($"{description} On a protected prompt it needs the right to promote.")
            .WithParameter(new ParameterRule("id") { Description = "The id of an experiment.", Example = ExperimentExamples.Id })
            .WithAnswer(ExperimentExamples.View)
            .WithProblem(403, "promotion_not_allowed")
            .WithProblem(404, "experiment_not_found")
            .WithProblem(409, conflicts);

    private static async Task<Results<Ok<ListPage<ExperimentView>>, Problem>> ListAsync(
        [AsParameters] PageQuery page, string? search, string? status, string? prompt, HttpContext context, ExperimentStore experiments, CancellationToken cancellationToken)
    {
        var request = page.Check([.. ExperimentStore.Sortable]);
        if (request.Value is not { } asked)
            return request.Problem!;
        if ((QueryText.TooLong("search", search, SearchMaxLength) ?? QueryText.Unknown("status", status, ExperimentStatus.All) ?? QueryText.TooLong("prompt", prompt, PromptName.MaxLength)) is { } problem)
            return problem;
        return TypedResults.Ok(await experiments.ListAsync(context.Actor(), new ExperimentFilter(search?.Trim(), status, prompt), asked, cancellationToken));
    }

    private static async Task<Results<Created<ExperimentView>, Problem>> CreateAsync(Body<NewExperiment> body, HttpContext context, ExperimentCommands commands, CancellationToken cancellationToken)
    {
        var answer = await commands.CreateAsync(context.Actor(), body.Value, cancellationToken);
        if (answer.Value is not { } made)
            return answer.Problem!;
        context.SetETag(made.Revision);
        return TypedResults.Created($"/api/admin/ab-tests/{made.Id}", made);
    }

    private static Task<Results<Ok<ExperimentView>, Problem>> GetAsync(Guid id, HttpContext context, ExperimentStore experiments, CancellationToken cancellationToken) =>
        DoneAsync(context, experiments.FindAsync(context.Actor(), id, cancellationToken));

    private static async Task<Results<Ok<ExperimentView>, Problem>> ChangeAsync(Guid id, Body<ExperimentEdit> body, HttpContext context, ExperimentCommands commands, CancellationToken cancellationToken)
    {
        var (revision, problem) = IfMatch.Read(context.Request);
        return problem is not null ? problem : await DoneAsync(context, commands.ChangeAsync(context.Actor(), id, revision, body.Value, cancellationToken));
    }

    private static async Task<Results<Ok<ExperimentView>, Problem>> StartAsync(Guid id, HttpContext context, ExperimentCommands commands, CancellationToken cancellationToken)
    {
        var asked = await OptionalAsync(context, new StartExperiment());
        return asked.Value is { } start ? await DoneAsync(context, commands.StartAsync(context.Actor(), id, start.Force, cancellationToken)) : asked.Problem!;
    }

    private static async Task<Results<Ok<ExperimentMetrics>, Problem>> RecomputeAsync(
        Guid id, HttpContext context, ExperimentStore experiments, ExperimentRecompute recompute, CancellationToken cancellationToken)
    {
        var asked = await OptionalAsync(context, new RecomputeExperiment());
        if (asked.Value is not { } wanted)
            return asked.Problem!;
        if ((await experiments.FindAsync(context.Actor(), id, cancellationToken)).Problem is { } problem)
            return problem;
        _ = wanted.FromScratch ? await recompute.FromScratchAsync(id, cancellationToken) : await recompute.RunAsync(id, wait: true, cancellationToken);
        return await MetricsAsync(id, context, experiments, cancellationToken);
    }

    private static async Task<Results<Ok<ExperimentMetrics>, Problem>> MetricsAsync(Guid id, HttpContext context, ExperimentStore experiments, CancellationToken cancellationToken)
    {
        var answer = await experiments.MetricsAsync(context.Actor(), id, cancellationToken);
        return answer.Value is { } metrics ? TypedResults.Ok(metrics) : answer.Problem!;
    }

    private static Task<Results<Ok<ExperimentView>, Problem>> DeclareAsync(Guid id, Body<DeclareWinner> body, HttpContext context, WinnerCommand winner, CancellationToken cancellationToken) =>
        DoneAsync(context, winner.RunAsync(context.Actor(), id, body.Value, cancellationToken));

    private static Results<Ok<SignificanceAnswer>, Problem> Significance(Body<SignificanceQuestion> body)
    {
        var answer = Calculators.Significance(body.Value);
        return answer.Value is { } figures ? TypedResults.Ok(figures) : answer.Problem!;
    }

    private static async Task<Results<Ok<SampleSizeAnswer>, Problem>> SampleSizeAsync(Body<SampleSizeQuestion> body, HttpContext context, Calculators calculators, CancellationToken cancellationToken)
    {
        var answer = await calculators.SampleSizeAsync(context.Actor(), body.Value, cancellationToken);
        return answer.Value is { } size ? TypedResults.Ok(size) : answer.Problem!;
    }

    private static async Task<Answer<T>> OptionalAsync<T>(HttpContext context, T absent)
        where T : class => context.HasBody() ? await JsonBody.ReadAsync(context.Request, (JsonTypeInfo<T>)ApiJson.Options.GetTypeInfo(typeof(T))) : absent;

    private static async Task<Results<Ok<ExperimentView>, Problem>> DoneAsync(HttpContext context, Task<Answer<ExperimentView>> work)
    {
        var answer = await work;
        if (answer.Value is not { } experiment)
            return answer.Problem!;
        context.SetETag(experiment.Revision);
        return TypedResults.Ok(experiment);
    }
}
