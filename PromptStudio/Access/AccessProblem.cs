using System.Security.Claims;
using PromptStudio.Core.Access;
using PromptStudio.Web;

namespace PromptStudio.Access;

/// <summary>What people and programs read who may not.</summary>
public static class AccessProblem
{
    /// <summary>401: nothing says who it is.</summary>
    public static Problem Unknown { get; } = new(401, "api_key_missing", "Send an API key: Authorization: Bearer ps_…");

    /// <summary>401: the key opens nothing.</summary>
    public static Problem InvalidKey { get; } = new(401, "api_key_invalid", "This API key is unknown, expired or revoked.");

    /// <summary>403: the policy of a route asks for more.</summary>
    public static Problem Forbidden(ClaimsPrincipal user) => user.ToActor().Kind == ActorKind.ApiKey
        ? new Problem(403, "scope_missing", "This API key does not have the scope that this address needs.")
        : new Problem(403, "role_missing", "Your role does not allow this. Ask a SuperAdmin.");

    /// <summary>403: what the actor's role or scopes do not include.</summary>
    public static Problem Missing(Actor actor, Permissions permission) => actor.Kind == ActorKind.ApiKey
        ? new Problem(403, "scope_missing", $"This API key may not {Verb(permission)}.")
        : new Problem(403, "role_missing", $"Your role may not {Verb(permission)}. Ask a SuperAdmin.");

    /// <summary>The code of <see cref="OutOfReach"/>.</summary>
    public const string OutOfReachCode = "prompt_not_allowed";

    /// <summary>403: the key is bound to other prompts.</summary>
    public static Problem OutOfReach(string promptName) =>
        new(403, OutOfReachCode, $"This API key is bound to other prompts than '{promptName}'.");

    /// <summary>403: a bound key writes a text that includes whatever prompt a render names.</summary>
    public static Problem ComputedInclude { get; } =
        new(403, "prompt_not_allowed", "This API key is bound to some prompts, so the texts that it writes must name the prompts that they include: a computed name could be any.");

    /// <summary>403: what a key asks for is about all prompts, and it is bound to some.</summary>
    public static Problem Bound { get; } = new(403, "prompt_not_allowed", "This API key is bound to some prompts, and this is about all of them. Use a key without a binding.");

    private static string Verb(Permissions permission) => permission switch
    {
        Permissions.Render => "render prompts",
        Permissions.Read => "read this",
        Permissions.Write => "change this",
        Permissions.Promote => "move what is protected, or change guardrails",
        _ => "administer the studio",
    };
}
