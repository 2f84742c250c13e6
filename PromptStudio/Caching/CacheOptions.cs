using System.ComponentModel.DataAnnotations;

namespace PromptStudio.Caching;

/// <summary>Section <c>Cache</c>.</summary>
public sealed class CacheOptions
{
    /// <summary>Megabytes that a node keeps in its memory.</summary>
    [Range(1, 65_536, ErrorMessage = "Cache:Megabytes must be 1 to 65,536.")]
    public int Megabytes { get; init; } = 64;

    /// <summary>How long a request waits for Redis.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00", ErrorMessage = "Cache:RedisTimeout must be from 00:00:00.010 to 00:01:00.")]
    public TimeSpan RedisTimeout { get; init; } = TimeSpan.FromMilliseconds(250);
}
