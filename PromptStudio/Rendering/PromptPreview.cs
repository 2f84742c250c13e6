using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using PromptStudio.Core.Access;
using PromptStudio.Core.Prompts;
using PromptStudio.Core.Templating;
using PromptStudio.Guardrails;
using PromptStudio.Prompts;
using PromptStudio.Web;

namespace PromptStudio.Rendering;

/// <summary>A text that is to be rendered without being stored.</summary>
public sealed record PreviewBody
{
    /// <summary>The text; with a version: absent means the version's own.</summary>
    public string? TemplateText { get; init; }

    /// <summary><c>jinja2</c> or <c>scriban</c>; absent: the version's own, else <c>jinja2</c>.</summary>
    public string? TemplateFormat { get; init; }

    /// <summary>The contract, whose defaults are used; absent: the version's own.</summary>
    public JsonElement TemplateVariables { get; init; }

    /// <summary>What the template is filled with: an object.</summary>
    public JsonElement Variables { get; init; }

    /// <summary>Options of a Jinja2 Environment: what they leave out has Jinja2's own default; absent: the studio's defaults.</summary>
    public JsonElement Settings { get; init; }

    /// <summary>Texts by name that stand in for stored prompts in an include.</summary>
    public Dictionary<string, string>? Templates { get; init; }
}

/// <summary>What a text makes of variables, and what is wrong with it.</summary>
public sealed record PreviewedPrompt
{
    /// <summary>Null when it could not be rendered: then the diagnostics say why.</summary>
    public required string? RenderedPrompt { get; init; }

    /// <summary>Of a chat prompt: its messages. Absent: it is none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<PromptMessage>? Messages => PromptMessage.Of(RenderedPrompt ?? "", Chat);

    /// <summary>Each place that the prompt's guardrails find, also those that would block or only log; of a text without a prompt, those of guardrails for all prompts.</summary>
    public IReadOnlyList<Violation> GuardrailViolations { get; init; } = [];

    /// <summary>The variables that the text reads.</summary>
    public required IReadOnlyList<string> DetectedVariables { get; init; }

    public required IReadOnlyList<Diagnostic> Diagnostics { get; init; }

    /// <summary>Where the messages are in the text; for the studio's own pages.</summary>
    [JsonIgnore]
    public IReadOnlyList<ChatMessage> Chat { get; init; } = [];

    /// <summary>What the render alone took; for the studio's own pages.</summary>
    [JsonIgnore]
    public TimeSpan RenderTime { get; init; }
}

/// <summary>Renders what is not saved yet, under the limits of a render. Stores nothing, and keeps nothing in the studio's cache.</summary>
public sealed class PromptPreview(PromptStore prompts, StoredIncludes includes, PromptGuard guard, TimeProvider clock)
{
    /// <summary>Texts that may stand in for stored prompts.</summary>
    private const int MostTemplates = 100;

    private static readonly JsonElement NoVariables = JsonElement.Parse("{}");

    /// <summary>Previews a stored version, with what the body changes of it.</summary>
    /// <returns>The preview, also of what cannot be rendered; or 400, 403, 404, 422 for what is no preview.</returns>
    public async Task<Answer<PreviewedPrompt>> RenderAsync(Actor actor, Guid id, PreviewBody body, CancellationToken cancellationToken)
    {
        var found = await prompts.FindAsync(actor, id, cancellationToken);
        if (found.Value is not { } version)
            return found.Problem!;
        return await RenderAsync(actor, (version.Name, version.Category), body with
        {
            TemplateText = body.TemplateText ?? version.TemplateText,
            TemplateFormat = body.TemplateFormat ?? version.TemplateFormat,
            TemplateVariables = body.TemplateVariables.ValueKind == JsonValueKind.Undefined ? version.TemplateVariables ?? default : body.TemplateVariables,
        }, cancellationToken);
    }

    /// <summary>Previews a text.</summary>
    /// <returns>The preview, also of what cannot be rendered; or 400, 422 for what is no preview.</returns>
    public Task<Answer<PreviewedPrompt>> RenderAsync(Actor actor, PreviewBody body, CancellationToken cancellationToken) => RenderAsync(actor, ("", null), body, cancellationToken);

    private async Task<Answer<PreviewedPrompt>> RenderAsync(Actor actor, (string Name, string? Category) prompt, PreviewBody body, CancellationToken cancellationToken)
    {
        if (body.TemplateText is not { } text)
            return Invalid("template_text", "'template_text' must be given.");
        if (body.Variables.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null or JsonValueKind.Object))
            return Invalid("variables", "'variables' must be an object.");
        if (body.Templates is { } standIns && (standIns.Count > MostTemplates || standIns.Values.Any(standIn => standIn is null || standIn.Length > PromptText.TemplateMaxLength)))
            return Invalid("templates", $"'templates' may have {MostTemplates} texts of {PromptText.TemplateMaxLength} characters.");
        var format = body.TemplateFormat ?? "jinja2";
        if (PromptInput.Texts(text, format, null, null, null) is { } problem)
            return problem;
        TemplateOptions options;
        try
        {
            options = body.Settings.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null ? TemplateOptions.Studio : TemplateSettings.Read(body.Settings);
        }
        catch (FormatException exception)
        {
            return new Problem(422, "invalid_settings", exception.Message);
        }

        var contract = PromptInput.Json(body.TemplateVariables);
        var findings = TemplateCheck.Run(format, text, contract, options);
        List<Diagnostic> diagnostics = [.. findings.Select(Diagnostic.Of)];
        var given = body.Variables.ValueKind == JsonValueKind.Object ? body.Variables : NoVariables;
        var variables = TemplateVariables.TryParse(contract)?.WithDefaults(given) ?? given;
        var scope = new IncludeScope(actor.Binding, body.Templates ?? []);
        var (rendered, chat, detected, error, elapsed) = await RenderAsync(TemplateEngines.Find(format)!, text, options, variables, scope, cancellationToken);
        if (error is not null)
        {
            // The text's own errors are found twice: by reading it and by rendering it.
            diagnostics.RemoveAll(known => known.Line == error.Line && known.Message == error.Message);
            diagnostics.Insert(0, new Diagnostic("error", Storable(error.Message), error.Line > 0 ? error.Line : null, error.Column > 0 ? error.Column : null)
            {
                Type = error.PythonType,
                TemplateName = error.TemplateName,
            });
        }
        return new PreviewedPrompt
        {
            RenderedPrompt = rendered,
            Chat = chat,
            GuardrailViolations = rendered is null ? [] : await guard.PreviewAsync(prompt.Name, prompt.Category, variables, rendered, cancellationToken),
            DetectedVariables = detected,
            Diagnostics = diagnostics,
            RenderTime = elapsed,
        };
    }

    private async Task<(string? Text, IReadOnlyList<ChatMessage> Chat, IReadOnlyList<string> Variables, TemplateError? Error, TimeSpan Elapsed)> RenderAsync(
        ITemplateEngine engine, string text, TemplateOptions options, JsonElement variables, IncludeScope scope, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> detected = [];
        var started = Stopwatch.GetTimestamp();
        try
        {
            var parsed = engine.Parse(text, options);
            detected = parsed.FreeVariables;
            var loader = await includes.LoadAsync(engine, parsed, new TemplateCache(), scope, cancellationToken);
            started = Stopwatch.GetTimestamp();
            var rendered = parsed.RenderWithLiterals(new RenderRequest { Variables = variables, Loader = loader, Time = clock, CancellationToken = cancellationToken });
            return StorableJson.Problem(rendered.Text) is { } problem
                ? (null, [], detected, new TemplateError(TemplateErrorKind.Type, $"The rendered text contains {problem}", 1, 1), Stopwatch.GetElapsedTime(started))
                : (rendered.Text, ChatText.Read(rendered), detected, null, Stopwatch.GetElapsedTime(started));
        }
        catch (TemplateException exception)
        {
            return (null, [], detected, exception.Error, Stopwatch.GetElapsedTime(started));
        }
    }

    /// <summary>A failure's message may quote what made it fail.</summary>
    private static string Storable(string message) => StorableJson.Problem(message) is null ? message : string.Concat(message.EnumerateRunes()).Replace('\0', '\ufffd');

    private static Problem Invalid(string member, string detail) => new(400, "invalid_request", detail) { Extensions = { ["member"] = member } };
}
