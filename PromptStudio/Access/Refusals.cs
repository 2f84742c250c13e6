using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using PromptStudio.Audit;
using PromptStudio.Core.Access;
using PromptStudio.Web;

namespace PromptStudio.Access;

/// <summary>Keeps in the audit log what somebody known was refused.</summary>
public sealed class Refusals(AuditLog audit, TimeProvider clock)
{
    /// <summary>The same refusal is written once in this time: a program that tries in a loop must not fill the log.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);

    private const int MostRemembered = 10_000;

    private readonly Dictionary<(string?, string), DateTimeOffset> _written = [];

    /// <summary>Writes a refusal down.</summary>
    /// <param name="actor">Who was refused.</param>
    /// <param name="what">What they tried, e.g. <c>PUT /api/admin/users/{id}</c>.</param>
    /// <param name="problem">What they were told: a 403.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The same problem.</returns>
    public async Task<Problem> RecordAsync(Actor actor, string what, Problem problem, CancellationToken cancellationToken)
    {
        if (actor.Kind != ActorKind.Anonymous && IsNew(actor.Id, what))
            await audit.AppendAsync(actor, new AuditEvent(AuditAction.AccessRefused, "access", what, After: new { problem.Code, problem.Detail }), cancellationToken);
        return problem;
    }

    private bool IsNew(string? actor, string what)
    {
        var now = clock.GetUtcNow();
        lock (_written)
        {
            if (_written.TryGetValue((actor, what), out var last) && now - last < Quiet)
                return false;
            if (_written.Count >= MostRemembered)
                _written.Clear();
            _written[(actor, what)] = now;
            return true;
        }
    }
}

/// <summary>Writes down what the policies of routes and pages refuse, then lets the framework answer.</summary>
public sealed class RecordedRefusals(Refusals refusals) : IAuthorizationMiddlewareResultHandler
{
    private readonly AuthorizationMiddlewareResultHandler _framework = new();

    public async Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        if (authorizeResult.Forbidden)
        {
            var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? context.Request.Path.Value ?? "";
            await refusals.RecordAsync(context.Actor(), $"{context.Request.Method} {route}", AccessProblem.Forbidden(context.User), context.RequestAborted);
        }
        await _framework.HandleAsync(next, context, policy, authorizeResult);
    }
}
