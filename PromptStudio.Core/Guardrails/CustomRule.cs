using System.Buffers;
using System.Text.Json;
using PromptStudio.Core.Templating;

namespace PromptStudio.Core.Guardrails;

/// <summary>
/// Rule type <c>custom</c>: <c>{expression, message?}</c>, a Jinja expression over <c>prompt</c>, <c>variables</c> and <c>template</c>. A text is hit where it is true.
/// </summary>
public sealed class CustomRule : Rule
{
    private static readonly RenderLimits Limits = new() { Steps = 200_000, OutputCharacters = 10_000, AllocatedBytes = 8L << 20, CallDepth = 50, Deadline = TimeSpan.FromMilliseconds(50) };

    private readonly ITemplate _condition;
    private readonly string _message;

    internal CustomRule(RuleConfig config)
    {
        var expression = config.Text("expression") ?? throw RuleConfig.Wrong("expression", "must be given: a Jinja expression that is true where the rule is broken.");
        _message = config.Text("message") ?? "The rule's condition is true.";
        config.RefuseOthers();
        if (expression.Contains("%}", StringComparison.Ordinal) || expression.Contains("{%", StringComparison.Ordinal))
            throw RuleConfig.Wrong("expression", "must be one expression, without statements.");
        try
        {
            _condition = TemplateEngines.Find("jinja2")!.Parse($"{{% if ({expression}\n) %}}1{{% endif %}}", TemplateOptions.Studio with { Undefined = UndefinedMode.Lenient });
        }
        catch (TemplateException exception)
        {
            throw RuleConfig.Wrong("expression", $"is no Jinja expression: {exception.Error.Message}");
        }
        if (_condition.FreeVariables.FirstOrDefault(name => name is not ("prompt" or "variables" or "template")) is { } unknown)
            throw RuleConfig.Wrong("expression", $"reads '{unknown}'; it has prompt, variables and template.");
    }

    public override void Find(RuleInput input, List<Hit> hits)
    {
        try
        {
            if (_condition.Render(new RenderRequest { Variables = Variables(input), Limits = Limits, CancellationToken = input.CancellationToken }).Length > 0)
                hits.Add(new Hit(_message));
        }
        catch (TemplateException exception)
        {
            throw new RuleException($"The expression failed: {exception.Error.Message}", exception);
        }
    }

    private static JsonElement Variables(RuleInput input)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("prompt", input.Text.Original.Text);
            foreach (var (name, value) in new[] { ("variables", input.Variables), ("template", input.Template) })
            {
                writer.WritePropertyName(name);
                if (value is { ValueKind: not JsonValueKind.Undefined } given)
                    given.WriteTo(writer);
                else
                    writer.WriteRawValue("{}");
            }
            writer.WriteEndObject();
        }
        return JsonElement.Parse(buffer.WrittenSpan);
    }
}
