using System.Text.Json;

namespace PromptStudio.Core.Templating;

/// <summary>Reads the options of a Jinja2 Environment as callers write them, e.g. <c>{"trim_blocks": true, "undefined": "strict"}</c>.</summary>
public static class TemplateSettings
{
    /// <summary>Characters that a delimiter may have.</summary>
    private const int DelimiterMaxLength = 20;

    /// <summary>Reads settings; what they leave out has Jinja2's own default.</summary>
    /// <exception cref="FormatException">A setting is unknown or has the wrong type; the message names it.</exception>
    public static TemplateOptions Read(JsonElement settings)
    {
        if (settings.ValueKind != JsonValueKind.Object)
            throw new FormatException("'settings' must be an object.");
        var options = TemplateOptions.Jinja;
        if (settings.TryGetProperty("profile", out var profile))
        {
            options = Text(profile, "profile") switch
            {
                "hf_chat" => TemplateOptions.HuggingFaceChat,
                "jinja" => TemplateOptions.Jinja,
                _ => throw new FormatException("'settings.profile' must be 'jinja' or 'hf_chat'."),
            };
        }
        foreach (var setting in settings.EnumerateObject())
            options = Apply(options, setting.Name, setting.Value);
        return options;
    }

    private static TemplateOptions Apply(TemplateOptions options, string name, JsonElement value) => name switch
    {
        "profile" => options,
        "trim_blocks" => options with { TrimBlocks = Flag(value, name) },
        "lstrip_blocks" => options with { LstripBlocks = Flag(value, name) },
        "autoescape" => options with { Autoescape = Flag(value, name) },
        "keep_trailing_newline" => options with { KeepTrailingNewline = Flag(value, name) },
        "newline_sequence" => options with
        {
            NewlineSequence = Text(value, name) is "\n" or "\r\n" or "\r" ? value.GetString()! : throw new FormatException("'settings.newline_sequence' must be \\n, \\r\\n or \\r."),
        },
        "undefined" => options with { Undefined = Choice<UndefinedMode>(value, name) },
        "sandbox" => options with { Sandbox = Choice<SandboxMode>(value, name) },
        "extensions" => Extended(options, value),
        "block_start_string" => options with { BlockStart = Delimiter(value, name) },
        "block_end_string" => options with { BlockEnd = Delimiter(value, name) },
        "variable_start_string" => options with { VariableStart = Delimiter(value, name) },
        "variable_end_string" => options with { VariableEnd = Delimiter(value, name) },
        "comment_start_string" => options with { CommentStart = Delimiter(value, name) },
        "comment_end_string" => options with { CommentEnd = Delimiter(value, name) },
        "line_statement_prefix" => options with { LineStatementPrefix = value.ValueKind == JsonValueKind.Null ? null : Delimiter(value, name) },
        "line_comment_prefix" => options with { LineCommentPrefix = value.ValueKind == JsonValueKind.Null ? null : Delimiter(value, name) },
        _ => throw new FormatException($"There is no setting '{name}'."),
    };

    private static TemplateOptions Extended(TemplateOptions options, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array)
            throw new FormatException("'settings.extensions' must be a list of 'do' and 'loopcontrols'.");
        options = options with { DoStatement = false, LoopControls = false };
        foreach (var extension in value.EnumerateArray())
        {
            options = Text(extension, "extensions") switch
            {
                "do" => options with { DoStatement = true },
                "loopcontrols" => options with { LoopControls = true },
                var name => throw new FormatException($"There is no extension '{name}'; there are 'do' and 'loopcontrols'."),
            };
        }
        return options;
    }

    private static bool Flag(JsonElement value, string name) => value.ValueKind is JsonValueKind.True or JsonValueKind.False
        ? value.GetBoolean()
        : throw new FormatException($"'settings.{name}' must be true or false.");

    private static string Text(JsonElement value, string name) => value.ValueKind == JsonValueKind.String
        ? value.GetString()!
        : throw new FormatException($"'settings.{name}' must be text.");

    private static string Delimiter(JsonElement value, string name) => Text(value, name) is { Length: > 0 and <= DelimiterMaxLength } text
        ? text
        : throw new FormatException($"'settings.{name}' must have 1 to {DelimiterMaxLength} characters.");

    private static T Choice<T>(JsonElement value, string name)
        where T : struct, Enum
    {
        var names = Enum.GetNames<T>();
        var said = Text(value, name);
        return Array.Find(names, known => string.Equals(known, said, StringComparison.OrdinalIgnoreCase)) is { } found
            ? Enum.Parse<T>(found)
            : throw new FormatException($"'settings.{name}' must be one of {string.Join(", ", names.Select(known => known.ToLowerInvariant()))}.");
    }
}
