using System.Text.Json;

namespace PromptStudio.Core.Templating;

/// <summary>What one render gets.</summary>
public sealed record RenderRequest
{
    /// <summary>The variables: a JSON object.</summary>
    public required JsonElement Variables { get; init; }

    /// <summary>The bounds of this render.</summary>
    public RenderLimits Limits { get; init; } = RenderLimits.Default;

    /// <summary>Observed while rendering.</summary>
    public CancellationToken CancellationToken { get; init; }
}

/// <summary>The bounds of one render; reaching one is a <see cref="TemplateErrorKind.Limit"/> error that names it.</summary>
public sealed record RenderLimits
{
    /// <summary>The limits when nothing else is configured.</summary>
    public static RenderLimits Default { get; } = new();

    /// <summary>Characters that the rendered text may have.</summary>
    public int OutputCharacters { get; init; } = 1_000_000;
}
