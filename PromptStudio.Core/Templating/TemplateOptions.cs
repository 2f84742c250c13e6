namespace PromptStudio.Core.Templating;

/// <summary>How a template's text is read and rendered.</summary>
public sealed record TemplateOptions
{
    /// <summary>The studio's defaults: trim_blocks and lstrip_blocks, strict undefined, no autoescape.</summary>
    public static TemplateOptions Studio { get; } = new();

    /// <summary>The first newline after a block tag is removed.</summary>
    public bool TrimBlocks { get; init; } = true;

    /// <summary>White space before a block tag on its own line is removed.</summary>
    public bool LstripBlocks { get; init; } = true;

    /// <summary>A single newline at the end of the text is kept.</summary>
    public bool KeepTrailingNewline { get; init; }
}
