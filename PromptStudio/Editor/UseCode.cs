using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using PromptStudio.Core.Prompts;
using PromptStudio.Shell;

namespace PromptStudio.Editor;

/// <summary>Ready code that asks for a prompt: what an application needs, and nothing else.</summary>
/// <param name="Language">As people know it.</param>
/// <param name="Code">Runs as it is, once the key is in the environment.</param>
public sealed record UseSample(string Language, string Code);

/// <summary>Writes the code of the tab "Use".</summary>
public static class UseCode
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The code in each language.</summary>
    /// <param name="studio">Where the studio is, e.g. <c>https://prompts.example.com/</c>.</param>
    /// <param name="name">The prompt.</param>
    /// <param name="values">What the variables are filled with.</param>
    /// <param name="label">The label to ask for; null: the active version.</param>
    /// <param name="isChat">Whether its messages are wanted.</param>
    public static IReadOnlyList<UseSample> Of(Uri studio, string name, JsonElement values, string? label, bool isChat)
    {
        var member = isChat ? "messages" : "rendered_prompt";
        var address = new Uri(studio, Links.Render(name)).AbsoluteUri;
        var body = new Dictionary<string, object> { ["variables"] = values };
        if (label is not null and not LabelName.Production)
            body["label"] = label;
        body["user_id"] = "user-1";
        var json = JsonSerializer.Serialize(body, Json);
        return
        [
            new("curl", $"""
                curl {address} \
                  -H "Authorization: Bearer $PROMPT_STUDIO_KEY" \
                  -H "Content-Type: application/json" \
                  -d @- <<'EOF'
                {Indent(json, "")}
                EOF
                """),
            new("C#", $$$""""
                using System.Net.Http.Headers;
                using System.Text;
                using System.Text.Json;

                using var http = new HttpClient();
                http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Environment.GetEnvironmentVariable("PROMPT_STUDIO_KEY"));
                var body = """
                    {{{Indent(json, "    ")}}}
                    """;
                var answer = await http.PostAsync("{{{address}}}", new StringContent(body, Encoding.UTF8, "application/json"));
                answer.EnsureSuccessStatusCode();
                using var rendered = JsonDocument.Parse(await answer.Content.ReadAsStreamAsync());
                Console.WriteLine(rendered.RootElement.GetProperty("{{{member}}}"));
                """"),
            new("Python", $"""
                import os
                import requests

                answer = requests.post(
                    "{address}",
                    headers={Braces($"\"Authorization\": f\"Bearer {Braces("os.environ['PROMPT_STUDIO_KEY']")}\"")},
                    json={Indent(Python(JsonSerializer.SerializeToElement(body), 1), "")},
                    timeout=10,
                )
                answer.raise_for_status()
                print(answer.json()["{member}"])
                """),
            new("TypeScript", $$"""
                const answer = await fetch("{{address}}", {
                  method: "POST",
                  headers: {
                    Authorization: `Bearer ${process.env.PROMPT_STUDIO_KEY}`,
                    "Content-Type": "application/json",
                  },
                  body: JSON.stringify({{Indent(json, "  ")}}),
                });
                if (!answer.ok) throw new Error(await answer.text());
                const { {{member}} } = await answer.json();
                console.log({{member}});
                """),
        ];
    }

    private static string Braces(string text) => "{" + text + "}";

    private static string Indent(string text, string by) => text.ReplaceLineEndings("\n").Replace("\n", "\n" + by, StringComparison.Ordinal);

    /// <summary>JSON's values as Python writes them.</summary>
    private static string Python(JsonElement value, int depth)
    {
        var inner = new string(' ', (depth + 1) * 4);
        var outer = new string(' ', depth * 4);
        var text = new StringBuilder();
        switch (value.ValueKind)
        {
            case JsonValueKind.Object when value.EnumerateObject().Any():
                text.Append("{\n");
                foreach (var member in value.EnumerateObject())
                    text.Append(CultureInfo.InvariantCulture, $"{inner}{Text(member.Name)}: {Python(member.Value, depth + 1)},\n");
                return text.Append(outer).Append('}').ToString();
            case JsonValueKind.Array when value.GetArrayLength() > 0:
                text.Append("[\n");
                foreach (var item in value.EnumerateArray())
                    text.Append(inner).Append(Python(item, depth + 1)).Append(",\n");
                return text.Append(outer).Append(']').ToString();
            case JsonValueKind.True:
                return "True";
            case JsonValueKind.False:
                return "False";
            case JsonValueKind.Null:
                return "None";
            case JsonValueKind.String:
                return Text(value.GetString()!);
            default:
                return value.GetRawText();
        }
    }

    /// <summary>JSON's escapes are Python's too.</summary>
    private static string Text(string text) => JsonSerializer.Serialize(text, Json);
}
