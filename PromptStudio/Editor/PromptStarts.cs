using System.Text.Json;

namespace PromptStudio.Editor;

/// <summary>What a new prompt begins with.</summary>
/// <param name="Title">A key of <see cref="EditorWords"/>.</param>
/// <param name="About">A key of <see cref="EditorWords"/>.</param>
/// <param name="Jinja">Its text in Jinja2.</param>
/// <param name="Scriban">Its text in Scriban.</param>
/// <param name="Variables">Its contract, as JSON.</param>
public sealed record PromptStart(string Title, string About, string Jinja, string Scriban, string Variables)
{
    /// <summary>Text and contract in a language.</summary>
    public (string Text, JsonElement Variables) In(string format) => (format == "scriban" ? Scriban : Jinja, JsonElement.Parse(Variables));
}

/// <summary>The choices of the page for a new prompt.</summary>
public static class PromptStarts
{
    public static IReadOnlyList<PromptStart> All { get; } =
    [
        new("An empty text", "You write all of it.", "", "", "null"),
        new("A task", "Instructions, and the input of a user.",
            "You are an expert for {{ subject }}.\n\nAnswer in {{ language | default(\"English\") }}, in at most three sentences.\n\nQuestion: {{ question }}\n",
            "You are an expert for {{ subject }}.\n\nAnswer in {{ language ?? \"English\" }}, in at most three sentences.\n\nQuestion: {{ question }}\n",
            """{"required": {"subject": {"type": "string", "sample": "geometry"}, "question": {"type": "string", "sample": "What is a prime number?"}}, "optional": {"language": {"type": "string", "sample": "English"}}}"""),
        new("A chat", "A message of the system, one of the user, and what was said before.",
            "---\nrole: system\n---\nYou are a helpful assistant of {{ company }}.\n{% for message in history %}\n---\nrole: {{ message.role }}\n---\n{{ message.content }}\n{% endfor %}\n---\nrole: user\n---\n{{ question }}\n",
            "---\nrole: system\n---\nYou are a helpful assistant of {{ company }}.\n{{~ for message in history ~}}\n---\nrole: {{ message.role }}\n---\n{{ message.content }}\n{{~ end ~}}\n---\nrole: user\n---\n{{ question }}\n",
            """{"required": {"company": {"type": "string", "sample": "Acme"}, "history": {"type": "array", "sample": [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hello! How can I help?"}]}, "question": {"type": "string", "sample": "Where is my parcel?"}}, "optional": {}}"""),
    ];
}
