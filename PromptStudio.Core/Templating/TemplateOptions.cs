namespace PromptStudio.Core.Templating;

/// <summary>What a name without a value does.</summary>
public enum UndefinedMode
{
    /// <summary>Prints as nothing and counts as empty; other uses fail.</summary>
    Lenient,

    /// <summary>Every use but a test for it fails.</summary>
    Strict,

    /// <summary>As lenient, and attributes of it are undefined too.</summary>
    Chainable,

    /// <summary>As lenient, and prints its own name.</summary>
    Debug,
}

/// <summary>What attributes a template may reach, in Python's terms.</summary>
public enum SandboxMode
{
    /// <summary>Jinja2's plain Environment.</summary>
    None,

    /// <summary>Jinja2's SandboxedEnvironment: no underscored attributes, bounded ranges.</summary>
    Sandboxed,

    /// <summary>Jinja2's ImmutableSandboxedEnvironment: no methods that change lists and dicts either.</summary>
    Immutable,
}

/// <summary>The environment that a template was written for.</summary>
public enum TemplateProfile
{
    /// <summary>Jinja2's own filters and globals.</summary>
    Jinja,

    /// <summary>Hugging Face's chat templates: their <c>tojson</c>, <c>raise_exception</c>, <c>strftime_now</c>, <c>generation</c>.</summary>
    HuggingFaceChat,
}

/// <summary>How a template's text is read and rendered. Equal by value: part of the cache's key.</summary>
public sealed record TemplateOptions
{
    /// <summary>The studio's defaults: trim_blocks and lstrip_blocks, strict undefined, no autoescape.</summary>
    public static TemplateOptions Studio { get; } = new();

    /// <summary>Jinja2's own defaults.</summary>
    public static TemplateOptions Jinja { get; } = new() { TrimBlocks = false, LstripBlocks = false, Undefined = UndefinedMode.Lenient };

    /// <summary>Hugging Face's chat templates.</summary>
    public static TemplateOptions HuggingFaceChat { get; } = new()
    {
        Undefined = UndefinedMode.Lenient,
        Profile = TemplateProfile.HuggingFaceChat,
        Sandbox = SandboxMode.Immutable,
        LoopControls = true,
    };

    /// <summary>The first newline after a block tag is removed.</summary>
    public bool TrimBlocks { get; init; } = true;

    /// <summary>White space before a block tag on its own line is removed.</summary>
    public bool LstripBlocks { get; init; } = true;

    /// <summary>A single newline at the end of the text is kept.</summary>
    public bool KeepTrailingNewline { get; init; }

    /// <summary>What newlines of the text become: <c>\n</c>, <c>\r\n</c> or <c>\r</c>.</summary>
    public string NewlineSequence { get; init; } = "\n";

    /// <summary>Values are escaped for HTML unless marked safe.</summary>
    public bool Autoescape { get; init; }

    /// <summary>What names without a value do.</summary>
    public UndefinedMode Undefined { get; init; } = UndefinedMode.Strict;

    /// <summary>What attributes may be reached.</summary>
    public SandboxMode Sandbox { get; init; }

    /// <summary>Whose filters and globals the template uses.</summary>
    public TemplateProfile Profile { get; init; }

    /// <summary>The <c>do</c> statement is known.</summary>
    public bool DoStatement { get; init; }

    /// <summary>The <c>break</c> and <c>continue</c> statements are known.</summary>
    public bool LoopControls { get; init; }

    /// <summary>Opens a statement.</summary>
    public string BlockStart { get; init; } = "{%";

    /// <summary>Closes a statement.</summary>
    public string BlockEnd { get; init; } = "%}";

    /// <summary>Opens an expression.</summary>
    public string VariableStart { get; init; } = "{{";

    /// <summary>Closes an expression.</summary>
    public string VariableEnd { get; init; } = "}}";

    /// <summary>Opens a comment.</summary>
    public string CommentStart { get; init; } = "{#";

    /// <summary>Closes a comment.</summary>
    public string CommentEnd { get; init; } = "#}";

    /// <summary>Begins a line that is a statement; null for none.</summary>
    public string? LineStatementPrefix { get; init; }

    /// <summary>Begins a comment up to the line's end; null for none.</summary>
    public string? LineCommentPrefix { get; init; }
}
