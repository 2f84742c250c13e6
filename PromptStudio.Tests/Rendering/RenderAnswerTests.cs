using System.Text.Json;
using PromptStudio.Core.Prompts;
using PromptStudio.Guardrails;
using PromptStudio.Rendering;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Rendering;

/// <summary>The lane writes by hand what the route lets the serializer write: the same bytes.</summary>
[Trait(Tier.Name, Tier.Unit)]
public sealed class RenderAnswerTests
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private static readonly Guid Id = new("01a2047b-3a97-7139-b2de-be3cb065d8a6");

    public static TheoryData<string> Texts { get; } =
    [
        "",
        "plain",
        "Two\nlines, a \"quote\", it's <b>bold</b> & 1 + 1 \\ `code`\t\r\b\f\u007f\u0001",
        "Grüße aus Köln, 北京, 🌤 und \u2028",
        string.Concat(Enumerable.Repeat("A longer text that is looked at in blocks; ", 100)) + "ends here'",
    ];

    [Theory]
    [MemberData(nameof(Texts))]
    public void Write_OfAText_IsWhatTheSerializerWrites(string text)
    {
        Assert.Equal(Serialized(text, null, null, Id, []), Written(text, null, null, Id, []));
        Assert.Equal(Serialized(text, "variant_a", Id, null, [new Violation("n", "regex", "warning", text, 1, 2) { Variable = text }]),
            Written(text, "variant_a", Id, null, [new Violation("n", "regex", "warning", text, 1, 2) { Variable = text }]));
    }

    [Fact]
    public void Write_OfAChat_IsWhatTheSerializerWrites()
    {
        var text = Texts.Select(row => row.Data).Aggregate((one, other) => one + other);
        IReadOnlyList<ChatMessage> messages = [new("system", 0, 0), new("user", 3, text.Length - 9), new("assistant", text.Length - 9, text.Length)];

        Assert.Equal(Serialized(text, null, null, Id, [], messages), Written(text, null, null, Id, [], messages));
    }

    [Fact]
    public void MaxLength_OfAChatOfTheLongestCharacters_IsEnough()
    {
        var text = new string('é', 5_000);
        IReadOnlyList<ChatMessage> messages = [.. Enumerable.Range(0, text.Length).Select(at => new ChatMessage("developer", at, at + 1))];

        Assert.Equal(Serialized(text, null, null, Id, [], messages), Written(text, null, null, Id, [], messages));
    }

    [Fact]
    public void Escape_OfEachCharacter_IsWhatTheSerializerWrites()
    {
        var written = new byte[16];
        for (var code = 0; code <= char.MaxValue; code++)
        {
            // Half a pair alone is no text, and is refused before.
            if (char.IsSurrogate((char)code))
                continue;
            var text = ((char)code).ToString();

            var length = RenderAnswer.Escape(text, written);

            Assert.Equal(JsonEncodedText.Encode(text).EncodedUtf8Bytes, written.AsSpan(0, length));
        }
    }

    private static string Written(string text, string? group, Guid? experiment, Guid? execution, IReadOnlyList<Violation> told, params IReadOnlyList<ChatMessage> messages)
    {
        var about = RenderAnswer.About(Id, "näme", 7);
        var violations = RenderAnswer.Told(told);
        var buffer = new byte[RenderAnswer.MaxLength(text, messages, about, violations)];
        return System.Text.Encoding.UTF8.GetString(buffer, 0, RenderAnswer.Write(buffer, text, messages, about, group, experiment, execution, violations));
    }

    private static string Serialized(string text, string? group, Guid? experiment, Guid? execution, IReadOnlyList<Violation> told, params IReadOnlyList<ChatMessage> messages) => JsonSerializer.Serialize(
        new RenderedPrompt
        {
            Text = text,
            Messages = PromptMessage.Of(text, messages),
            TemplateId = Id,
            TemplateName = "näme",
            TemplateVersion = 7,
            AbTestGroup = group,
            ExperimentId = experiment,
            ExecutionId = execution,
            GuardrailViolations = told,
        },
        Json);
}
