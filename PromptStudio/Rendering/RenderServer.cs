using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;

namespace PromptStudio.Rendering;

/// <summary>
/// The web server, with the <see cref="RenderLane"/> in front of the application: a render that the lane takes costs no HttpContext, no activity, no scope of services
/// and no middleware. All other requests go the usual way.
/// </summary>
public sealed class RenderServer(IServer server, Func<RenderLane> lane) : IServer
{
    public IFeatureCollection Features => server.Features;

    /// <summary>Puts the lane in front of the server that is registered.</summary>
    public static void Wrap(IServiceCollection services)
    {
        var kestrel = services.Last(service => service.ServiceType == typeof(IServer)).ImplementationType
            ?? throw new InvalidOperationException("The web server is registered in a way that the lane does not know.");
        services.AddSingleton(kestrel);
        services.AddSingleton<IServer>(provider => new RenderServer((IServer)provider.GetRequiredService(kestrel), provider.GetRequiredService<RenderLane>));
    }

    public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull =>
        // The lane is made only now: the app makes its server before the database has started.
        server.StartAsync(new Application<TContext>(application, lane()), cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => server.StopAsync(cancellationToken);

    /// <summary>The container made the server, and disposes it.</summary>
    public void Dispose()
    {
    }

    /// <param name="Features">Of a request that the lane may take; null: the application has it already.</param>
    /// <param name="Usual">The application's.</param>
    private readonly record struct Context<TContext>(IFeatureCollection? Features, TContext? Usual);

    private sealed class Application<TContext>(IHttpApplication<TContext> usual, RenderLane lane) : IHttpApplication<Context<TContext>>
        where TContext : notnull
    {
        public Context<TContext> CreateContext(IFeatureCollection contextFeatures) =>
            contextFeatures.Get<IHttpRequestFeature>() is { } request && RenderLane.IsRender(request)
                ? new Context<TContext>(contextFeatures, default)
                : new Context<TContext>(null, usual.CreateContext(contextFeatures));

        public Task ProcessRequestAsync(Context<TContext> context) => context.Features is { } features ? TryAsync(features) : usual.ProcessRequestAsync(context.Usual!);

        public void DisposeContext(Context<TContext> context, Exception? exception)
        {
            if (context.Features is not { } features)
                usual.DisposeContext(context.Usual!, exception);
            else if (features.Get<Left>() is { } left)
                usual.DisposeContext(left.Context, exception);
        }

        private async Task TryAsync(IFeatureCollection features)
        {
            if (await lane.TryAsync(features))
                return;
            var context = usual.CreateContext(features);
            // The server ends the answer after this, and what the application wants to do then still needs the context.
            features.Set(new Left(context));
            await usual.ProcessRequestAsync(context);
        }

        /// <summary>What the lane left to the application.</summary>
        private sealed record Left(TContext Context);
    }
}
