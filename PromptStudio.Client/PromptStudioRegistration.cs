using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace PromptStudio.Client;

/// <summary>Puts the client into an application's services.</summary>
public static class PromptStudioRegistration
{
    /// <summary>Adds <see cref="IPromptStudio"/>, one for the whole application.</summary>
    /// <param name="services">Where to.</param>
    /// <param name="configure">Sets at least <see cref="PromptStudioOptions.Address"/> and <see cref="PromptStudioOptions.ApiKey"/>.</param>
    /// <exception cref="ArgumentException">An option cannot be; thrown when the client is first asked for.</exception>
    public static IServiceCollection AddPromptStudio(this IServiceCollection services, Action<PromptStudioOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.TryAddSingleton(provider =>
        {
            var options = new PromptStudioOptions();
            if (provider.GetService<TimeProvider>() is { } time)
                options.Time = time;
            configure(options);
            return new PromptStudioClient(options);
        });
        services.TryAddSingleton<IPromptStudio>(provider => provider.GetRequiredService<PromptStudioClient>());
        return services;
    }
}
