using System.Buffers;
using System.Text;
using System.Text.Json;
using PromptStudio.Core.Templating;

namespace PromptStudio.Core.Guardrails;

/// <summary>
/// Rule type <c>custom</c>: <c>{expression, message?}</c>, a Jinja expression over <c>prompt</c>, <c>variables</c> and <c>template</c>. A text is hit where it is true.
/// </summary>
public sealed class CustomRule : Rule
{
    private static readonly RenderLimits Limits = new() { Steps = 200_000, OutputCharacters = 10_000, AllocatedBytes = 8L << 20, CallDepth = 50, Deadline = TimeSpan.FromMilliseconds(50) };

    /// <summary>What is not there counts as empty, however deep: a rule about <c>variables.user.tier</c> holds for callers that name no user.</summary>
    private static readonly TemplateOptions Options = TemplateOptions.Studio with { Undefined = UndefinedMode.Chainable, Sandbox = SandboxMode.Immutable };

    private readonly ITemplate _condition;
    private readonly string _message;

    internal CustomRule(RuleConfig config)
    {
        var expression = config.Text("expression") ?? throw RuleConfig.Wrong("expression", "must be given: a Jinja expression that is true where the rule is broken.");
        _message = config.Text("message") ?? "The rule's condition is true.";
        config.RefuseOthers();
        if (LeavesExpression(expression))
            throw RuleConfig.Wrong("expression", "must be one expression, without statements.");
        try
        {
            _condition = TemplateEngines.Find("jinja2")!.Parse($"{{% if ({expression}\n) %}}1{{% endif %}}", Options);
        }
        catch (TemplateException exception)
        {
            throw RuleConfig.Wrong("expression", $"is no Jinja expression: {exception.Error.Message}");
        }
        if (_condition.FreeVariables.FirstOrDefault(name => name is not ("prompt" or "variables" or "template")) is { } unknown)
            throw RuleConfig.Wrong("expression", $"reads '{unknown}'; it has prompt, variables and template.");
    }

    /// <inheritdoc/>
    public override bool IsSlow => true;

    /// <inheritdoc/>
    public override void Find(RuleInput input, List<Hit> hits)
    {
        input.Deadline.Keep();
        var left = input.Deadline.Left;
        var limits = left < Limits.Deadline ? Limits with { Deadline = left } : Limits;
        try
        {
            if (_condition.Render(new RenderRequest { Variables = Variables(input), Limits = limits, CancellationToken = input.CancellationToken }).Length > 0)
                hits.Add(new Hit(_message));
        }
        catch (TemplateException exception)
        {
            throw new RuleException($"The expression failed: {exception.Error.Message}", exception);
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException or JsonException)
        {
            throw new RuleException("The expression's values could not be read as JSON.", exception);
        }
    }

    /// <summary>Whether a text ends the tag that it is put into; inside a quoted text it does not.</summary>
    private static bool LeavesExpression(string expression)
    {
        var quote = '\0';
        for (var at = 0; at < expression.Length; at++)
        {
            var character = expression[at];
            if (quote != '\0' && character == '\\')
                at++;
            else if (quote != '\0')
                quote = character == quote ? '\0' : quote;
            else if (character is '\'' or '"')
                quote = character;
            else if (character == '%' && at + 1 < expression.Length && expression[at + 1] == '}')
                return true;
        }
        return quote != '\0';
    }

    private static JsonElement Variables(RuleInput input)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            // Half of a pair cannot be written as JSON: as UTF-8 it is the sign for what is none.
            writer.WriteString("prompt"u8, Encoding.UTF8.GetBytes(input.Text.Original.Text));
            Write(writer, "variables"u8, input.Variables);
            Write(writer, "template"u8, input.Template);
            writer.WriteEndObject();
        }
        return JsonElement.Parse(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name, JsonElement? value)
    {
        writer.WritePropertyName(name);
        if (value is { ValueKind: not JsonValueKind.Undefined } given)
            given.WriteTo(writer);
        else
            writer.WriteRawValue("{}"u8);
    }
}
