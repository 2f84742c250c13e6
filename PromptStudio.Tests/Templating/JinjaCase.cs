using System.Text.Json;
using PromptStudio.Core.Templating;
using PromptStudio.Core.Templating.Jinja;

namespace PromptStudio.Tests.Templating;

/// <summary>A case of a case file: a template with what real Jinja2 makes of it.</summary>
public sealed class JinjaCase(JsonElement json)
{
    private static readonly DateTimeOffset Then = new(2025, 7, 26, 12, 34, 56, TimeSpan.Zero);

    public string Id => json.GetProperty("id").GetString()!;

    public string Template => json.GetProperty("template").GetString()!;

    public JsonElement Variables => json.GetProperty("variables");

    public bool IsError => json.TryGetProperty("error", out _);

    public TemplateOptions Options => json.TryGetProperty("settings", out var settings) ? Read(settings) : TemplateOptions.Studio;

    public RenderRequest Request(JinjaEngine engine) => new()
    {
        Variables = Variables,
        Loader = new TextTemplateLoader(new TemplateCache(), engine, Texts()),
        Time = new FixedTime(),
    };

    /// <summary>What is wrong with what the engine makes of the case; null when nothing is.</summary>
    public string? Run(JinjaEngine engine)
    {
        string? output = null;
        TemplateError? error = null;
        try
        {
            output = engine.Parse(Template, Options).Render(Request(engine));
        }
        catch (TemplateException e)
        {
            error = e.Error;
        }

        if (!json.TryGetProperty("error", out var expected))
        {
            return output == json.GetProperty("expected").GetString() ? null : $"expected {json.GetProperty("expected")}, not {output ?? error!.ToString()}";
        }

        if (error is null)
        {
            return $"expected {expected}, not the text {output}";
        }

        var line = expected.GetProperty("line");
        var sameLine = line.ValueKind == JsonValueKind.Null || line.GetInt32() == error.Line;
        return error.PythonType == expected.GetProperty("type").GetString() && sameLine ? null : $"expected {expected}, not {error.PythonType} {error}";
    }

    private static TemplateOptions Read(JsonElement settings)
    {
        var options = settings.TryGetProperty("profile", out var profile) && profile.GetString() == "hf_chat"
            ? TemplateOptions.HuggingFaceChat : TemplateOptions.Jinja;
        foreach (var setting in settings.EnumerateObject())
        {
            var value = setting.Value;
            options = setting.Name switch
            {
                "trim_blocks" => options with { TrimBlocks = value.GetBoolean() },
                "lstrip_blocks" => options with { LstripBlocks = value.GetBoolean() },
                "autoescape" => options with { Autoescape = value.GetBoolean() },
                "keep_trailing_newline" => options with { KeepTrailingNewline = value.GetBoolean() },
                "newline_sequence" => options with { NewlineSequence = value.GetString()! },
                "undefined" => options with { Undefined = Enum.Parse<UndefinedMode>(value.GetString()!, true) },
                "sandbox" => options with { Sandbox = Enum.Parse<SandboxMode>(value.GetString()!, true) },
                "extensions" => options with
                {
                    DoStatement = value.EnumerateArray().Any(name => name.GetString() == "do"),
                    LoopControls = value.EnumerateArray().Any(name => name.GetString() == "loopcontrols"),
                },
                "block_start_string" => options with { BlockStart = value.GetString()! },
                "block_end_string" => options with { BlockEnd = value.GetString()! },
                "variable_start_string" => options with { VariableStart = value.GetString()! },
                "variable_end_string" => options with { VariableEnd = value.GetString()! },
                "comment_start_string" => options with { CommentStart = value.GetString()! },
                "comment_end_string" => options with { CommentEnd = value.GetString()! },
                "line_statement_prefix" => options with { LineStatementPrefix = value.GetString() },
                "line_comment_prefix" => options with { LineCommentPrefix = value.GetString() },
                "profile" => options,
                _ => throw new InvalidOperationException($"unknown setting {setting.Name}"),
            };
        }

        return options;
    }

    private Dictionary<string, string> Texts()
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        if (json.TryGetProperty("templates", out var templates) && templates.ValueKind == JsonValueKind.Object)
        {
            foreach (var template in templates.EnumerateObject())
            {
                texts[template.Name] = template.Value.GetString()!;
            }
        }

        return texts;
    }

    private sealed class FixedTime : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => Then;
    }
}
