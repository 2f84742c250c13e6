using PromptStudio.Database;
using StackExchange.Redis;

namespace PromptStudio.Caching;

/// <summary>How Redis is reached.</summary>
/// <param name="Server">Null: there is none.</param>
public sealed record RedisServerOptions(ConfigurationOptions? Server)
{
    /// <summary>No Redis.</summary>
    public static RedisServerOptions None { get; } = new((ConfigurationOptions?)null);

    /// <summary>Reads a connection string; null: there is none.</summary>
    /// <exception cref="StartupException">It is none. The message has no part of it: there may be a password in it.</exception>
    public static RedisServerOptions? Read(string? connectionString)
    {
        if (string.IsNullOrWhiteSpace(connectionString))
            return null;
        if (connectionString.Contains("://", StringComparison.Ordinal))
            throw new StartupException("ConnectionStrings:Redis must be like redis.example.org:6379,password=…,ssl=true, and no URL.");
        try
        {
            var server = ConfigurationOptions.Parse(connectionString);
            if (server.EndPoints.Count == 0)
                throw new StartupException("ConnectionStrings:Redis names no server.");
            // It comes back by itself; until then a command fails at once instead of waiting for it.
            server.AbortOnConnectFail = false;
            server.BacklogPolicy = BacklogPolicy.FailFast;
            server.ClientName ??= "prompt-studio";
            return new RedisServerOptions(server);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or OverflowException)
        {
            throw new StartupException("ConnectionStrings:Redis cannot be read: it must be like redis.example.org:6379,password=…,ssl=true.");
        }
    }
}
