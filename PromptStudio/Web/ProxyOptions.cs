using System.ComponentModel.DataAnnotations;
using System.Net;
using Microsoft.AspNetCore.HttpOverrides;

namespace PromptStudio.Web;

/// <summary>Section <c>ForwardedHeaders</c>: the proxies in front of the studio, whose word on the caller's address and scheme counts.</summary>
public sealed class ProxyOptions : IValidatableObject
{
    /// <summary>Addresses (<c>10.0.0.7</c>) and networks (<c>10.0.0.0/8</c>) of proxies; empty: none, and their headers are ignored.</summary>
    public string[] KnownProxies { get; init; } = [];

    /// <summary>Proxies that a request passes, one behind the other.</summary>
    [Range(1, 10, ErrorMessage = "ForwardedHeaders:Hops must be 1 to 10.")]
    public int Hops { get; init; } = 1;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        KnownProxies.Where(proxy => !IPAddress.TryParse(proxy, out _) && !System.Net.IPNetwork.TryParse(proxy, out _))
            .Select(proxy => new ValidationResult($"ForwardedHeaders:KnownProxies has '{proxy}', which is neither an address like 10.0.0.7 nor a network like 10.0.0.0/8."));

    /// <summary>For the middleware.</summary>
    public ForwardedHeadersOptions ToMiddleware()
    {
        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = Hops };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var proxy in KnownProxies)
        {
            if (IPAddress.TryParse(proxy, out var address))
                options.KnownProxies.Add(address);
            else
                options.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(proxy));
        }
        return options;
    }
}
