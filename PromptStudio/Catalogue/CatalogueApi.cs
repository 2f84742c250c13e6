using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using PromptStudio.Access;
using PromptStudio.Prompts;
using PromptStudio.Web;

namespace PromptStudio.Catalogue;

/// <summary><c>/api/catalogue</c>: for clients that go on rendering while the studio is down.</summary>
public static class CatalogueApi
{
    /// <summary>Seconds that a client may wait for a change: shorter than what proxies allow.</summary>
    private const int LongestWait = 30;

    private const int RevisionMaxLength = 100;

    public static void MapCatalogue(this IEndpointRouteBuilder routes)
    {
        var catalogue = routes.MapGroup("/api/catalogue").RequireAuthorization(Policy.Read).WithTags("Rendering");
        catalogue.MapGet("/", GetAsync)
            .WithName("get_catalogue")
            .WithSummary("Get what can be rendered")
            .WithDescription("Every version that is active or labelled and that the key reaches, with its text and what it includes: what a client keeps to be able to render by itself while the studio is down. Needs the scope read, since it holds the texts. Send the ETag of the last answer as If-None-Match: 304 while nothing has changed.")
            .WithAnswer(new CatalogueAnswer("6f5902ac237024bdd0c176cb93063dc4", [Example]))
            .WithEmptyAnswer(StatusCodes.Status304NotModified);
        catalogue.MapGet("/changes", ChangesAsync)
            .WithName("wait_for_catalogue")
            .WithSummary("Wait for a change of the catalogue")
            .WithDescription("Answers as soon as the catalogue has another revision than the given one, or when the time is over. Get the catalogue when the revision is another one, and wait again.")
            .WithParameter(new ParameterRule("revision") { Description = "The revision of the catalogue that the client has; absent: the answer comes at once.", MaxLength = RevisionMaxLength, Example = "6f5902ac237024bdd0c176cb93063dc4" })
            .WithParameter(new ParameterRule("wait_seconds") { Description = "How long to wait.", Minimum = 0, Maximum = LongestWait, Default = LongestWait })
            .WithAnswer(new CatalogueRevision("6f5902ac237024bdd0c176cb93063dc4"))
            .WithProblem(503, "too_many_waiting");
    }

    private static async Task<Results<Ok<CatalogueAnswer>, StatusCodeHttpResult>> GetAsync(HttpContext context, ClientCatalogue catalogue, CancellationToken cancellationToken)
    {
        var actor = context.Actor();
        var revision = await catalogue.RevisionAsync(cancellationToken);
        var tag = ClientCatalogue.Tag(revision, actor.Binding);
        context.Response.Headers.ETag = tag;
        context.Response.Headers.CacheControl = "private, no-cache";
        return context.Request.Headers.IfNoneMatch.ToString().Split(',', StringSplitOptions.TrimEntries).Contains(tag, StringComparer.Ordinal)
            ? TypedResults.StatusCode(StatusCodes.Status304NotModified)
            : TypedResults.Ok(await catalogue.ReadAsync(actor, revision, cancellationToken));
    }

    private static async Task<Results<Ok<CatalogueRevision>, Problem>> ChangesAsync(
        [FromQuery(Name = "revision")] string? revision, [FromQuery(Name = "wait_seconds")] int? waitSeconds,
        CatalogueWatch watch, ClientCatalogue catalogue, IHostApplicationLifetime application, CancellationToken cancellationToken)
    {
        if (QueryText.TooLong("revision", revision, RevisionMaxLength) is { } problem)
            return problem;
        if (waitSeconds is < 0 or > LongestWait)
            return QueryText.Invalid("wait_seconds", $"'wait_seconds' must be 0 to {LongestWait}.");
        if (revision is null || waitSeconds == 0)
            return TypedResults.Ok(new CatalogueRevision(await catalogue.RevisionAsync(cancellationToken)));
        // A node that stops keeps nobody waiting.
        using var either = CancellationTokenSource.CreateLinkedTokenSource(application.ApplicationStopping, cancellationToken);
        return await watch.ChangedAsync(revision, TimeSpan.FromSeconds(waitSeconds ?? LongestWait), either.Token) is { } current
            ? TypedResults.Ok(new CatalogueRevision(current))
            : new Problem(503, "too_many_waiting", "Too many clients wait at this node already. Ask for the catalogue itself now and then, with If-None-Match.") { RetryAfter = 60 };
    }

    private static CatalogueVersion Example { get; } = new()
    {
        TemplateId = PromptExamples.Id,
        Name = "nlu_topic_extraction",
        Version = 2,
        Category = "nlu",
        Labels = ["production"],
        TemplateFormat = "jinja2",
        TemplateText = "Student Query: {{ query }}",
        TemplateVariables = JsonElement.Parse("""{"required": ["query"]}"""),
        Includes = new Dictionary<string, string>(),
        IsGuarded = false,
    };
}

/// <summary>What the catalogue is like.</summary>
/// <param name="Revision">Another one: something has changed.</param>
public sealed record CatalogueRevision(string Revision);
