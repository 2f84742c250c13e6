namespace PromptStudio.Client;

/// <summary>Where the studio is, and how patiently it is asked.</summary>
public sealed class PromptStudioOptions
{
    /// <summary>Where the studio is, e.g. <c>https://prompts.example.com</c>.</summary>
    public Uri? Address { get; set; }

    /// <summary>An API key with the scope <c>render</c>: <c>ps_…</c>.</summary>
    public string? ApiKey { get; set; }

    /// <summary>How long a call may take with all its retries.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long one attempt may take.</summary>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a call is tried; 1: no retries.</summary>
    public int MaxAttempts { get; set; } = 4;

    /// <summary>About how long the client waits before the second attempt; it doubles with each further one. A Retry-After of the studio comes first.</summary>
    public TimeSpan FirstDelay { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long the client waits at most where the studio says nothing.</summary>
    public TimeSpan MaxDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The clock of delays and timeouts; tests bring their own.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>Checks what is given.</summary>
    /// <exception cref="ArgumentException">Something cannot be; the message names it.</exception>
    internal PromptStudioOptions Checked()
    {
        if (Address is not { IsAbsoluteUri: true, Scheme: "http" or "https" })
            throw new ArgumentException("PromptStudioOptions.Address must be the studio's address, like https://prompts.example.com.");
        if (string.IsNullOrWhiteSpace(ApiKey) || ApiKey.Any(character => character is <= ' ' or > '~'))
            throw new ArgumentException("PromptStudioOptions.ApiKey must be an API key of the studio, like ps_….");
        if (MaxAttempts < 1)
            throw new ArgumentException("PromptStudioOptions.MaxAttempts must be 1 or more.");
        if (Timeout <= TimeSpan.Zero || AttemptTimeout <= TimeSpan.Zero)
            throw new ArgumentException("PromptStudioOptions.Timeout and AttemptTimeout must be longer than nothing.");
        if (FirstDelay < TimeSpan.Zero || MaxDelay < FirstDelay)
            throw new ArgumentException("PromptStudioOptions.FirstDelay must not be negative, nor longer than MaxDelay.");
        return this;
    }
}
