using System.ComponentModel.DataAnnotations;

namespace PromptStudio.Web;

/// <summary>Section <c>RateLimits</c>: for each node. 0 turns a limit off.</summary>
public sealed class RateLimitOptions
{
    /// <summary>Renders and outcomes a second, for each API key.</summary>
    [Range(0, 1_000_000, ErrorMessage = "RateLimits:RenderPerSecond must be 0 to 1,000,000.")]
    public int RenderPerSecond { get; init; } = 10_000;

    /// <summary>Calls of the admin API a second, for each key or person.</summary>
    [Range(0, 1_000_000, ErrorMessage = "RateLimits:AdminPerSecond must be 0 to 1,000,000.")]
    public int AdminPerSecond { get; init; } = 50;

    /// <summary>Forms of the account pages (the sign-in is one) a minute, for each network address.</summary>
    [Range(0, 1_000_000, ErrorMessage = "RateLimits:AccountPerMinute must be 0 to 1,000,000.")]
    public int AccountPerMinute { get; init; } = 10;

    /// <summary>Wrong API keys a minute, for each network address.</summary>
    [Range(0, 1_000_000, ErrorMessage = "RateLimits:WrongKeysPerMinute must be 0 to 1,000,000.")]
    public int WrongKeysPerMinute { get; init; } = 60;
}
