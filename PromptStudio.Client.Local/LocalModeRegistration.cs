using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace PromptStudio.Client.Local;

/// <summary>Puts local mode into an application's services.</summary>
public static class LocalModeRegistration
{
    /// <summary>After <see cref="PromptStudioRegistration.AddPromptStudio"/>: <see cref="IPromptStudio"/> goes on while the studio is down. What waits is sent when the services are disposed.</summary>
    /// <param name="services">Where to.</param>
    /// <param name="configure">Sets what is to be other than usual.</param>
    public static IServiceCollection AddPromptStudioLocalMode(this IServiceCollection services, Action<LocalModeOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(provider =>
        {
            var options = new LocalModeOptions();
            configure?.Invoke(options);
            return new LocalPromptStudio(provider.GetRequiredService<PromptStudioClient>(), options);
        });
        services.RemoveAll<IPromptStudio>();
        services.AddSingleton<IPromptStudio>(provider => provider.GetRequiredService<LocalPromptStudio>());
        return services;
    }
}
