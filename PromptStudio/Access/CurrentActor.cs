using System.Diagnostics;
using Microsoft.AspNetCore.Components.Authorization;
using PromptStudio.Core.Access;

namespace PromptStudio.Access;

/// <summary>Who acts in a page: the person of the circuit. Scoped to it.</summary>
public sealed class CurrentActor(AuthenticationStateProvider authentication)
{
    /// <summary>Where the circuit's first request came from.</summary>
    public string? Address { get; set; }

    /// <summary>The person, as they are now: a role that was taken away is gone here too, once the state was revalidated.</summary>
    public async Task<Actor> GetAsync() => (await authentication.GetAuthenticationStateAsync()).User.ToActor() with
    {
        Address = Address,
        RequestId = Activity.Current?.TraceId.ToString(),
    };
}
