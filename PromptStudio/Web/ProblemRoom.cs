using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Diagnostics;
using Npgsql;
using PromptStudio.Executions;

namespace PromptStudio.Web;

/// <summary>Every failure under <c>/api</c> is a problem document with a code, also those of the framework.</summary>
public static partial class ProblemRoom
{
    /// <summary>For the API's part of the pipeline.</summary>
    public static void UseProblems(this IApplicationBuilder api)
    {
        api.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandler = context => ForException(context.Features.Get<IExceptionHandlerFeature>()!.Error).ExecuteAsync(context),
            // An outage, or a caller who hung up, says nothing new with each request's stack; what is unexpected is logged with all of it.
            SuppressDiagnosticsCallback = context => ForException(context.Exception).Status != 500 || context.HttpContext.RequestAborted.IsCancellationRequested,
        });
        api.UseStatusCodePages(pages => ForStatus(pages.HttpContext.Response.StatusCode).ExecuteAsync(pages.HttpContext));
    }

    /// <summary>Whether a request is a program's: its failures are problem documents.</summary>
    public static bool IsApi(HttpRequest request) => request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase);

    /// <summary>What no other route of the API takes; without it, unknown addresses would ask for a sign-in.</summary>
    public static void MapUnknownApi(this IEndpointRouteBuilder routes) =>
        routes.MapFallback("/api/{**path}", (HttpContext context) =>
            new Problem(404, "route_not_found", $"There is nothing at {context.Request.Method} {context.Request.Path}.").ExecuteAsync(context)).AllowAnonymous();

    private static Problem ForException(Exception exception) =>
        exception is BadHttpRequestException bad ? ForBadRequest(bad)
        : exception is StudioBusyException ? new Problem(503, "studio_busy", "More is asked of the studio than it can store at the moment. Try again after a while; with a request_id, nothing is stored twice.") { RetryAfter = 1 }
        : IsOutage(exception) ? new Problem(503, "database_unavailable", "The database does not answer at the moment. Try again; with a request_id, nothing is stored twice.") { RetryAfter = 1 }
        : new Problem(500, "internal_error", "Something in Prompt Studio failed. The operator finds it in the log by the trace_id.");

    /// <summary>A parameter of the wrong type, or what Kestrel cannot read.</summary>
    private static Problem ForBadRequest(BadHttpRequestException exception) =>
        exception.StatusCode == 400 && Parameter().Match(exception.Message) is { Success: true } parameter
            ? new Problem(400, "invalid_request", $"'{Name(parameter)}' has the wrong type.") { Extensions = { ["member"] = Name(parameter) } }
            : ForStatus(exception.StatusCode);

    private static string Name(Match parameter) => JsonNamingPolicy.SnakeCaseLower.ConvertName(parameter.Groups[1].Value);

    /// <summary>What the framework says: <c>Failed to bind parameter "int? Page" from "x".</c></summary>
    [GeneratedRegex("""\AFailed to bind parameter "[^" ]+ ([A-Za-z_]+)" from """, RegexOptions.NonBacktracking)]
    private static partial Regex Parameter();

    /// <summary>Whether the database is away for a while; EF Core wraps what Npgsql throws.</summary>
    private static bool IsOutage(Exception? exception) => exception switch
    {
        null => false,
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } or NpgsqlException { IsTransient: true } => true,
        _ => IsOutage(exception.InnerException),
    };

    private static Problem ForStatus(int status) => status switch
    {
        StatusCodes.Status400BadRequest => new Problem(status, "bad_request", "The request cannot be read."),
        StatusCodes.Status405MethodNotAllowed => new Problem(status, "method_not_allowed", "This address does not take this method."),
        StatusCodes.Status408RequestTimeout => new Problem(status, "request_timeout", "The request's body did not arrive in time."),
        StatusCodes.Status413PayloadTooLarge => JsonBody.TooLarge,
        StatusCodes.Status415UnsupportedMediaType => JsonBody.NotJson,
        _ => new Problem(status, "http_" + status.ToString(System.Globalization.CultureInfo.InvariantCulture), Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status)),
    };
}
