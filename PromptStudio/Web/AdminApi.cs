using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using PromptStudio.Access;

namespace PromptStudio.Web;

/// <summary>What all of <c>/api/admin</c> shares: how input is refused, and what protects people's cookies.</summary>
public static class AdminApi
{
    public static void AddApi(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(json => ApiJson.Configured(json.SerializerOptions));
        services.AddAntiforgery(antiforgery => antiforgery.HeaderName = "X-CSRF-TOKEN");
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
    }

    /// <summary>The group that every route of the admin API is mapped on; each still states its policy.</summary>
    public static RouteGroupBuilder MapAdmin(this IEndpointRouteBuilder routes)
    {
        var admin = routes.MapGroup("/api/admin")
            .AddEndpointFilter(RefuseForgeryAsync)
            .AddEndpointFilter(RefuseBadInputAsync);
        admin.MapGet("/antiforgery", Token)
            .RequireAuthorization(Policy.Read)
            .WithName("antiforgery")
            .WithTags("Access")
            .WithSummary("Get the token for writes with the studio's cookie")
            .WithDescription("Send it as X-CSRF-TOKEN with each POST, PUT and DELETE that the cookie authenticates. Calls with an API key need none.")
            .WithAnswer(new AntiforgeryToken("CfDJ8K…"));
        return admin;
    }

    private static Ok<AntiforgeryToken> Token(HttpContext context, IAntiforgery antiforgery) =>
        TypedResults.Ok(new AntiforgeryToken(antiforgery.GetAndStoreTokens(context).RequestToken!));

    /// <summary>A browser sends the cookie with any site's request; only the studio's own pages know the token.</summary>
    private static async ValueTask<object?> RefuseForgeryAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var context = invocation.HttpContext;
        var isWrite = !HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method);
        if (isWrite && context.User.Identity?.AuthenticationType == IdentityConstants.ApplicationScheme
            && !await context.RequestServices.GetRequiredService<IAntiforgery>().IsRequestValidAsync(context))
        {
            return new Problem(400, "antiforgery_failed", "Writes with the studio's cookie need the token of GET /api/admin/antiforgery in the header X-CSRF-TOKEN.");
        }
        return await next(invocation);
    }

    private static ValueTask<object?> RefuseBadInputAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next) =>
        invocation.Arguments.OfType<IInput>().FirstOrDefault(input => input.Problem is not null) is { } wrong
            ? ValueTask.FromResult<object?>(wrong.Problem)
            : next(invocation);
}

/// <summary>The token that proves that a write comes from the studio's own pages.</summary>
public sealed record AntiforgeryToken(string Token);
