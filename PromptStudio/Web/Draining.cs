using Microsoft.AspNetCore.Http.Features;

namespace PromptStudio.Web;

/// <summary>Whether this node was told to stop: it still serves, and wants no new connections.</summary>
public sealed class Draining(IHostApplicationLifetime application)
{
    private int _begun;

    /// <summary>Whether it was told to stop.</summary>
    public bool HasBegun => Volatile.Read(ref _begun) == 1 || application.ApplicationStopping.IsCancellationRequested;

    /// <summary>It was told to stop; false: it knew.</summary>
    public bool Begin() => Interlocked.Exchange(ref _begun, 1) == 0;
}

/// <summary>How a node leaves: <c>/health/ready</c> says 503, connections are closed after their next answer, and only then everything stops.</summary>
public static class DrainingRoom
{
    public static void AddDraining(this IServiceCollection services)
    {
        services.AddValidatedOptions<ShutdownOptions>("Shutdown");
        services.AddSingleton<Draining>();
    }

    /// <summary>A caller that keeps its connection would never meet another node.</summary>
    public static void UseDraining(this WebApplication app)
    {
        var draining = app.Services.GetRequiredService<Draining>();
        app.Use((context, next) =>
        {
            // HTTP/2 has no such header, and a connection that becomes a socket says its own.
            if (draining.HasBegun && HttpProtocol.IsHttp11(context.Request.Protocol) && context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true })
                context.Response.Headers.Connection = "close";
            return next(context);
        });
    }
}
