using System.Text.Json;

namespace PromptStudio.Core.Templating;

/// <summary>What one render gets.</summary>
public sealed record RenderRequest
{
    /// <summary>The variables: a JSON object.</summary>
    public required JsonElement Variables { get; init; }

    /// <summary>Finds included, imported and extended templates; null when there are none.</summary>
    public ITemplateLoader? Loader { get; init; }

    /// <summary>The bounds of this render.</summary>
    public RenderLimits Limits { get; init; } = RenderLimits.Default;

    /// <summary>The clock of the deadline and of the template's date functions.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Observed while rendering.</summary>
    public CancellationToken CancellationToken { get; init; }
}

/// <summary>The bounds of one render; reaching one is a <see cref="TemplateErrorKind.Limit"/> error that names it.</summary>
public sealed record RenderLimits
{
    /// <summary>The limits when nothing else is configured.</summary>
    public static RenderLimits Default { get; } = new();

    /// <summary>Characters (UTF-16 units) that the rendered text may have.</summary>
    public int OutputCharacters { get; init; } = 1_000_000;

    /// <summary>Statements, loop turns, calls and elements handled by filters.</summary>
    public int Steps { get; init; } = 4_000_000;

    /// <summary>Bytes, estimated, of all values that a render makes; charged before they are made.</summary>
    public long AllocatedBytes { get; init; } = 96L << 20;

    /// <summary>Calls of macros, blocks and recursive loops inside each other.</summary>
    public int CallDepth { get; init; } = 150;

    /// <summary>Included, imported and extended templates inside each other.</summary>
    public int TemplateDepth { get; init; } = 20;

    /// <summary>Wall-clock time of one render.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromMilliseconds(750);
}
