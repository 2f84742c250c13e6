using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using PromptStudio.Web;

namespace PromptStudio.Caching;

/// <summary>What the application sees of caching: a <see cref="HybridCache"/>, and the connection to <see cref="Redis"/> that whoever shares something between nodes can use.</summary>
public static class CacheRoom
{
    /// <param name="services">Where.</param>
    /// <param name="configuration">Says whether there is a second level.</param>
    /// <exception cref="Database.StartupException"><c>ConnectionStrings:Redis</c> cannot be read. A Redis that is out of reach is no error.</exception>
    public static void AddCaching(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddValidatedOptions<CacheOptions>("Cache");
        // Everything in it must state its size; the hybrid cache does.
        services.AddOptions<MemoryCacheOptions>().Configure<IOptions<CacheOptions>>((memory, cache) => memory.SizeLimit = cache.Value.Megabytes * 1_048_576L);
        services.AddHybridCache(cache => cache.DefaultEntryOptions = new HybridCacheEntryOptions { Expiration = TimeSpan.FromMinutes(5) });
        var server = RedisServerOptions.Read(configuration.GetConnectionString("Redis"));
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<Redis>(provider, server ?? RedisServerOptions.None));
        services.AddHostedService(provider => provider.GetRequiredService<Redis>());
        if (server is not null)
            services.AddSingleton<IDistributedCache, SecondLevel>();
    }
}
