using System.ComponentModel.DataAnnotations;

namespace PromptStudio.Web;

/// <summary>Section <c>Shutdown</c>.</summary>
public sealed class ShutdownOptions
{
    /// <summary>
    /// Seconds that the app still serves everything after it was told to stop, while <c>/health/ready</c> says 503 already: as long as a load balancer needs to notice,
    /// so that a rolling restart fails no request. 0: it stops at once.
    /// </summary>
    [Range(0, 600, ErrorMessage = "Shutdown:DrainSeconds must be 0 to 600.")]
    public int DrainSeconds { get; init; }
}
