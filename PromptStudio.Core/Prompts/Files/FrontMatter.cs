using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace PromptStudio.Core.Prompts.Files;

/// <summary>
/// A text file with a head: <c>---</c>, YAML, <c>---</c>, and the body. The YAML is read as JSON (numbers as JSON writes them,
/// nothing that YAML guesses), and the same head is always written in the same way, so that Git shows what changed and no more.
/// </summary>
public static partial class FrontMatter
{
    /// <summary>Characters that a head may have.</summary>
    public const int MaxLength = 500_000;

    /// <summary>How deep lists and mappings may be nested.</summary>
    public const int MaxDepth = 64;

    private const string Fence = "---";

    /// <summary>Writes a file. The body ends with one line end more than it has, as editors and Git like it.</summary>
    public static string Write(JsonObject head, string body)
    {
        var text = new StringBuilder();
        text.Append(Fence).Append('\n').Append(Yaml(head)).Append(Fence).Append('\n').Append(body).Append('\n');
        return text.ToString();
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="FormatException">It has no head, or its head is not such YAML; the message says where.</exception>
    public static (JsonObject Head, string Body) Read(string text)
    {
        text = text.TrimStart('\ufeff');
        RefuseUnstorable(text);
        // A checkout on Windows may have turned every line end.
        if (text.StartsWith(Fence + "\r\n", StringComparison.Ordinal))
            text = text.Replace("\r\n", "\n", StringComparison.Ordinal);
        if (!text.StartsWith(Fence + "\n", StringComparison.Ordinal))
            throw new FormatException("The file must begin with a line '---', YAML, and another line '---'.");
        var end = text.IndexOf("\n" + Fence + "\n", Fence.Length, StringComparison.Ordinal);
        if (end < 0)
            throw new FormatException("The line '---' that ends the head is missing.");
        var head = Head(text[(Fence.Length + 1)..(end + 1)]);
        var body = text[(end + Fence.Length + 2)..];
        return (head, body.EndsWith('\n') ? body[..^1] : body);
    }

    private static JsonObject Head(string yaml)
    {
        if (yaml.Length > MaxLength)
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"The head may have {MaxLength:N0} characters."));
        try
        {
            var parser = new Parser(new Scanner(new StringReader(yaml), skipComments: true));
            parser.Consume<StreamStart>();
            if (parser.Accept<StreamEnd>(out _))
                return [];
            parser.Consume<DocumentStart>();
            var head = Node(parser, 0);
            parser.Consume<DocumentEnd>();
            parser.Consume<StreamEnd>();
            return head switch
            {
                JsonObject mapping => mapping,
                null => [],
                _ => throw new FormatException("The head must be a mapping of names to values."),
            };
        }
        catch (YamlException exception)
        {
            // The head begins on the file's second line.
            throw new FormatException($"The head is no YAML (line {exception.Start.Line + 1}): {exception.Message}", exception);
        }
    }

    private static JsonNode? Node(Parser parser, int depth)
    {
        if (depth > MaxDepth)
            throw new FormatException($"The head is nested deeper than {MaxDepth} levels.");
        var at = parser.Current!.Start.Line + 1;
        if (parser.Current is NodeEvent { Anchor.IsEmpty: false } or AnchorAlias)
            throw new FormatException($"Line {at}: anchors and aliases are not taken; write the value out.");
        if (parser.Current is NodeEvent { Tag.IsEmpty: false })
            throw new FormatException($"Line {at}: tags are not taken.");
        if (parser.TryConsume<Scalar>(out var scalar))
            return Scalar(scalar);
        if (parser.TryConsume<SequenceStart>(out _))
        {
            var list = new JsonArray();
            while (!parser.TryConsume<SequenceEnd>(out _))
                list.Add(Node(parser, depth + 1));
            return list;
        }
        parser.Consume<MappingStart>();
        var mapping = new JsonObject();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var line = parser.Current!.Start.Line + 1;
            if (!parser.TryConsume<Scalar>(out var key))
                throw new FormatException($"Line {line}: a name must be plain text.");
            if (mapping.ContainsKey(key.Value))
                throw new FormatException($"Line {line}: '{key.Value}' is there twice.");
            mapping[key.Value] = Node(parser, depth + 1);
        }
        return mapping;
    }

    private static JsonNode? Scalar(Scalar scalar) => scalar switch
    {
        { Style: not ScalarStyle.Plain } => Quoted(scalar.Value),
        { Value: "" or "~" or "null" } => null,
        { Value: "true" } => JsonValue.Create(true),
        { Value: "false" } => JsonValue.Create(false),
        _ when Number().IsMatch(scalar.Value) => JsonNode.Parse(scalar.Value),
        _ => JsonValue.Create(scalar.Value),
    };

    private static JsonValue Quoted(string text)
    {
        RefuseUnstorable(text);
        return JsonValue.Create(text);
    }

    /// <summary>What a database's text cannot hold; in quotes YAML can say it.</summary>
    private static void RefuseUnstorable(string text)
    {
        if (text.Contains('\0', StringComparison.Ordinal) || HalfPair().IsMatch(text))
            throw new FormatException("Text may not contain the character U+0000 or half of a surrogate pair.");
    }

    private static string Yaml(JsonObject head)
    {
        if (head.Count == 0)
            return "";
        var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var emitter = new Emitter(text, new EmitterSettings().WithBestIndent(2).WithBestWidth(int.MaxValue).WithNewLine("\n").WithoutAnchorName().WithIndentedSequences());
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart());
        Emit(emitter, head);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        var yaml = text.ToString();
        return yaml.EndsWith('\n') ? yaml : yaml + "\n";
    }

    private static void Emit(Emitter emitter, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject mapping:
                emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, isImplicit: true, mapping.Count == 0 ? MappingStyle.Flow : MappingStyle.Block));
                foreach (var (name, value) in mapping)
                {
                    emitter.Emit(Text(name));
                    Emit(emitter, value);
                }
                emitter.Emit(new MappingEnd());
                break;
            case JsonArray list:
                emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, list.Count == 0 ? SequenceStyle.Flow : SequenceStyle.Block));
                foreach (var item in list)
                    Emit(emitter, item);
                emitter.Emit(new SequenceEnd());
                break;
            case JsonValue value when value.GetValueKind() == System.Text.Json.JsonValueKind.String:
                emitter.Emit(Text(value.GetValue<string>()));
                break;
            default:
                emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, node?.ToJsonString() ?? "null", ScalarStyle.Plain, isPlainImplicit: true, isQuotedImplicit: false));
                break;
        }
    }

    /// <summary>Plain where no reader of YAML, old or new, takes it for anything but text.</summary>
    private static Scalar Text(string text) => PlainText().IsMatch(text) && !Words().IsMatch(text)
        ? new Scalar(AnchorName.Empty, TagName.Empty, text, ScalarStyle.Plain, isPlainImplicit: true, isQuotedImplicit: true)
        : new Scalar(AnchorName.Empty, TagName.Empty, text, ScalarStyle.DoubleQuoted, isPlainImplicit: false, isQuotedImplicit: true);

    [GeneratedRegex(@"\A-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?\z", RegexOptions.NonBacktracking)]
    private static partial Regex Number();

    [GeneratedRegex(@"\A[A-Za-z][A-Za-z0-9_.@/-]*( [A-Za-z0-9_.@/,()'-]+)*\z", RegexOptions.NonBacktracking)]
    private static partial Regex PlainText();

    [GeneratedRegex(@"[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]")]
    private static partial Regex HalfPair();

    [GeneratedRegex(@"\A(y|n|yes|no|on|off|true|false|null)\z", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Words();
}
