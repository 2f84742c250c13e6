using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using PromptStudio.Access;
using PromptStudio.Web;

namespace PromptStudio.Editor.Samples;

/// <summary>The values of a sample.</summary>
public sealed record SampleBody
{
    /// <summary>An object.</summary>
    public required JsonElement Variables { get; init; }
}

/// <summary><c>/api/admin/prompts/{name}/samples</c>: values to preview with.</summary>
public static class SampleApi
{
    public static void MapSampleApi(this IEndpointRouteBuilder admin)
    {
        var example = new SampleView("A shy student", JsonElement.Parse("""{"query": "What is a prime?", "grade_level": 5}"""), "ada@example.com", new DateTimeOffset(2026, 11, 22, 10, 0, 0, TimeSpan.Zero));
        var name = new ParameterRule("name") { Description = "The name of a prompt.", Example = "nlu_topic_extraction" };
        var sample = new ParameterRule("sample") { Description = "The name of a sample.", MaxLength = PromptSample.NameMaxLength, Example = "A shy student" };
        admin.MapGet("/prompts/{name}/samples", ListAsync)
            .RequireAuthorization(Policy.Read)
            .WithName("list_samples")
            .WithTags("Samples")
            .WithSummary("List the samples of a prompt")
            .WithDescription("Sets of values that everybody previews the prompt with.")
            .WithParameter(name)
            .WithAnswer(new SampleList([example]))
            .WithProblem(404, "prompt_not_found");
        admin.MapPut("/prompts/{name}/samples/{sample}", SaveAsync)
            .RequireAuthorization(Policy.Write)
            .WithName("save_sample")
            .WithTags("Samples")
            .WithSummary("Save a sample")
            .WithDescription("Under its name; one that is there already is replaced.")
            .WithParameter(name)
            .WithParameter(sample)
            .WithBody(new SampleBody { Variables = example.Variables })
            .WithAnswer(example)
            .WithProblem(404, "prompt_not_found")
            .WithProblem(409, "prompt_archived")
            .WithProblem(422, "invalid_sample");
        admin.MapDelete("/prompts/{name}/samples/{sample}", DeleteAsync)
            .RequireAuthorization(Policy.Write)
            .WithName("delete_sample")
            .WithTags("Samples")
            .WithSummary("Delete a sample")
            .WithDescription("One that is not there is deleted already.")
            .WithParameter(name)
            .WithParameter(sample)
            .WithEmptyAnswer()
            .WithProblem(404, "prompt_not_found")
            .WithProblem(409, "prompt_archived");
    }

    private static async Task<Results<Ok<SampleList>, Problem>> ListAsync(string name, HttpContext context, SampleStore samples, CancellationToken cancellationToken)
    {
        var answer = await samples.ListAsync(context.Actor(), name, cancellationToken);
        return answer.Value is { } list ? TypedResults.Ok(list) : answer.Problem!;
    }

    private static async Task<Results<Ok<SampleView>, Problem>> SaveAsync(
        string name, string sample, Body<SampleBody> body, HttpContext context, SampleStore samples, CancellationToken cancellationToken)
    {
        var answer = await samples.SaveAsync(context.Actor(), name, sample, body.Value.Variables, cancellationToken);
        return answer.Value is { } saved ? TypedResults.Ok(saved) : answer.Problem!;
    }

    private static async Task<Results<NoContent, Problem>> DeleteAsync(string name, string sample, HttpContext context, SampleStore samples, CancellationToken cancellationToken)
    {
        var answer = await samples.DeleteAsync(context.Actor(), name, sample, cancellationToken);
        return answer.Problem is { } problem ? problem : TypedResults.NoContent();
    }
}
