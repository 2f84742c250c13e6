using PromptStudio.Core.Prompts;
using PromptStudio.Core.Templating;
using PromptStudio.Editor;
using PromptStudio.Guardrails;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Editor;

[Trait(Tier.Name, Tier.Unit)]
public sealed class PreviewTextTests
{
    private const string Chat = "---\nrole: system\n---\nBe brief.\n\n---\nrole: user\n---\nCall 555 now\n";

    private static readonly IReadOnlyList<ChatMessage> Messages = ChatText.Read(new RenderedText(Chat, [new TextSpan(0, Chat.Length)]));

    [Fact]
    public void Read_OfPlainText_IsOneMessageWithoutRole()
    {
        var message = Assert.Single(PreviewText.Read("Hello", [], []));

        Assert.Null(message.Role);
        Assert.Equal(["Hello"], message.Parts.Select(part => part.Text));
    }

    [Fact]
    public void Read_OfAChat_SplitsItByRoles()
    {
        var messages = PreviewText.Read(Chat, Messages, []);

        Assert.Equal([("system", "Be brief."), ("user", "Call 555 now")], messages.Select(message => (message.Role!, string.Concat(message.Parts.Select(part => part.Text)))));
    }

    [Fact]
    public void Read_WithPlacesInCodePoints_MarksTheirText()
    {
        // The emoji is one code point and two of .NET's characters.
        var parts = PreviewText.Read("😀 call 555 now", [], [At("phone", GuardrailWords.Blocking, 7, 10), At("digits", GuardrailWords.Warning, 8, 13)])[0].Parts;

        Assert.Equal(
            [("😀 call ", null), ("5", "blocking"), ("55", "blocking"), (" no", "warning"), ("w", null)],
            parts.Select(part => (part.Text, part.Level)));
    }

    [Fact]
    public void Read_OfAPlaceInAMessage_MarksItThere()
    {
        var start = Chat.IndexOf("555", StringComparison.Ordinal);
        var messages = PreviewText.Read(Chat, Messages, [At("phone", GuardrailWords.Logging, start, start + 3)]);

        Assert.Equal(["Call ", "555", " now"], messages[1].Parts.Select(part => part.Text));
        Assert.Null(messages[0].Parts[0].Level);
    }

    private static Violation At(string name, string level, int start, int end) => new(name, "regex", level, "Found", start, end);
}
