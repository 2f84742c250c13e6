using System.Globalization;
using System.Text;
using System.Text.Json;
using CsCheck;
using PromptStudio.Core.Templating;
using PromptStudio.Core.Templating.Jinja;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Templating;

/// <summary>The engine reads the bytes of its variables itself: what it finds there must be what System.Text.Json finds.</summary>
[Trait(Tier.Name, Tier.Unit)]
public sealed class JinjaVariablesTests
{
    private static readonly JsonDocumentOptions WithComments = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    // Numbers as JSON has them and as Python prints them.
    private static readonly Dictionary<string, string> Numbers = new(StringComparer.Ordinal)
    {
        ["0"] = "0",
        ["-0"] = "0",
        ["7"] = "7",
        ["-42"] = "-42",
        ["1234567"] = "1234567",
        ["999999999999999999"] = "999999999999999999",
        ["9223372036854775807"] = "9223372036854775807",
        ["-9223372036854775809"] = "-9223372036854775809",
        ["123456789012345678901234567890"] = "123456789012345678901234567890",
        ["0.5"] = "0.5",
        ["-0.0"] = "-0.0",
        ["2.50"] = "2.5",
        ["1e3"] = "1000.0",
        ["1E-7"] = "1e-07",
        ["1.5e+300"] = "1.5e+300",
    };

    private static readonly string[] Names = ["a", "b", "name", "year", "seven_7", "eight_88", "eight_89", "a_name_of_more_bytes_than_a_vector_has"];

    private static readonly string[] Texts =
    [
        "", "x", "fifteen letters", "sixteen letters!", "seventeen letters", "Zoë Ångström", "日本語のテキスト", "🎉", "a ☃ in the middle of a longer text",
        "{not: [a, \"mark\"]}", "// no comment", "/* none */", "\\", "\"", "\\\"", "line\nline", "\t", "\u0001", "ends with \\",
    ];

    [Fact]
    public void Values_AreThoseOfSystemTextJson() => Gen.Int.Sample(
        seed =>
        {
            using var json = JsonDocument.Parse(new Writer(new Random(seed)).Write(), WithComments);
            var template = new StringBuilder();
            var expected = new StringBuilder();
            foreach (var name in Names)
            {
                if (json.RootElement.TryGetProperty(name, out var value))
                {
                    Ask(template, expected, name, value);
                }
            }

            var text = new JinjaEngine().Parse($"{template}.", TemplateOptions.HuggingFaceChat)
                .Render(new RenderRequest { Variables = json.RootElement });

            Assert.Equal($"{expected}.", text);
        },
        iter: 2000,
        seed: null);

    [Fact]
    public void Renders_LeaveNothingBehind()
    {
        var prints = new JinjaEngine().Parse("{{ a }}|{{ b }}|{{ c }}", TemplateOptions.Jinja);
        var changes = new JinjaEngine().Parse(
            "{% do a.append(9) %}{% do b.update(z=1) %}{% for x in a %}{% set c = loop %}{{ loop.index }}{% endfor %}", TemplateOptions.Jinja with { DoStatement = true });
        var full = new RenderRequest { Variables = JsonElement.Parse("""{"a": [1, "x"], "b": {"k": [], "l": {"m": "n"}}, "c": "secret"}""") };
        var other = new RenderRequest { Variables = JsonElement.Parse("""{"a": [[], {}], "b": {"q": {}}}""") };

        Assert.Equal("[1, 'x']|{'k': [], 'l': {'m': 'n'}}|secret", prints.Render(full));
        Assert.Equal("123", changes.Render(full));
        Assert.Equal("[[], {}]|{'q': {}}|", prints.Render(other));
        Assert.Equal("[1, 'x']|{'k': [], 'l': {'m': 'n'}}|secret", prints.Render(full));
    }

    // Prints a value whole, and each text in it by the way to it.
    private static void Ask(StringBuilder template, StringBuilder expected, string path, JsonElement value)
    {
        template.Append(CultureInfo.InvariantCulture, $"{{{{ {path}|tojson }}}}\n");
        Append(expected, value);
        expected.Append('\n');
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                template.Append(CultureInfo.InvariantCulture, $"{{{{ {path} }}}}\n{{{{ {path}|upper|lower|trim }}}}\n");
                expected.Append(value.GetString()).Append('\n').Append(Trimmed(value.GetString()!)).Append('\n');
                break;
            case JsonValueKind.Array:
                for (var i = 0; i < value.GetArrayLength(); i++)
                {
                    Ask(template, expected, $"{path}[{i}]", value[i]);
                }

                break;
            case JsonValueKind.Object:
                foreach (var name in Names)
                {
                    if (value.TryGetProperty(name, out var member))
                    {
                        Ask(template, expected, $"{path}.{name}", member);
                    }
                }

                break;
        }
    }

    private static string Trimmed(string text) => text.ToUpperInvariant().ToLowerInvariant().Trim([' ', '\n', '\t']);

    private static void Append(StringBuilder expected, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                Quote(expected, value.GetString()!);
                break;
            case JsonValueKind.Number:
                expected.Append(Numbers[value.GetRawText()]);
                break;
            case JsonValueKind.Array:
                expected.Append('[');
                var between = "";
                foreach (var item in value.EnumerateArray())
                {
                    expected.Append(between);
                    Append(expected, item);
                    between = ", ";
                }

                expected.Append(']');
                break;
            case JsonValueKind.Object:
                // The last of equal names counts, at the place of the first.
                expected.Append('{');
                between = "";
                foreach (var name in value.EnumerateObject().Select(member => member.Name).Distinct())
                {
                    expected.Append(between);
                    Quote(expected, name);
                    expected.Append(": ");
                    Append(expected, value.GetProperty(name));
                    between = ", ";
                }

                expected.Append('}');
                break;
            default:
                expected.Append(value.GetRawText());
                break;
        }
    }

    private static void Quote(StringBuilder expected, string text)
    {
        expected.Append('"');
        foreach (var c in text)
        {
            expected.Append(c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\t' => "\\t",
                < ' ' => $"\\u{(int)c:x4}",
                _ => c.ToString(),
            });
        }

        expected.Append('"');
    }

    /// <summary>Writes random JSON, with white space, comments and escapes where they may be.</summary>
    private sealed class Writer(Random random)
    {
        private readonly StringBuilder _json = new();
        private readonly int _gaps = random.Next(3);
        private readonly bool _escapes = random.Next(3) == 0;
        private readonly bool _comments = random.Next(8) == 0;

        public string Write()
        {
            Object(0);
            Gap();
            return _json.ToString();
        }

        private void Value(int depth)
        {
            switch (random.Next(depth > 3 ? 6 : 9))
            {
                case 0:
                    _json.Append(((string[])["true", "false", "null"])[random.Next(3)]);
                    break;
                case 1 or 2:
                    _json.Append(Numbers.Keys.ElementAt(random.Next(Numbers.Count)));
                    break;
                case < 6:
                    Text(Texts[random.Next(Texts.Length)]);
                    break;
                case 6:
                    Array(depth);
                    break;
                default:
                    Object(depth);
                    break;
            }
        }

        private void Array(int depth)
        {
            _json.Append('[');
            for (var left = random.Next(5); left > 0; left--)
            {
                Gap();
                Value(depth + 1);
                Gap();
                _json.Append(left > 1 ? "," : "");
            }

            Gap();
            _json.Append(']');
        }

        private void Object(int depth)
        {
            _json.Append('{');
            for (var left = random.Next(random.Next(4) == 0 ? 14 : 6); left > 0; left--)
            {
                Gap();
                Text(Names[random.Next(Names.Length)]);
                _json.Append(' ', _gaps).Append(':');
                Gap();
                Value(depth + 1);
                Gap();
                _json.Append(left > 1 ? "," : "");
            }

            Gap();
            _json.Append('}');
        }

        private void Text(string text)
        {
            _json.Append('"');
            foreach (var c in text)
            {
                var isEscaped = c is '"' or '\\' or < ' ' || (_escapes && (char.IsSurrogate(c) || random.Next(4) == 0));
                _json.Append(!isEscaped ? c.ToString() : random.Next(2) == 0 && c is '"' or '\\' ? $"\\{c}" : $"\\u{(int)c:X4}");
            }

            _json.Append('"');
        }

        private void Gap()
        {
            if (_gaps > 0)
            {
                _json.Append(' ', random.Next(_gaps * 3));
            }

            if (_comments && random.Next(6) == 0)
            {
                _json.Append(random.Next(2) == 0 ? "/* \"a\": [ \\ */" : "// it's \"{\n");
            }
        }
    }
}
