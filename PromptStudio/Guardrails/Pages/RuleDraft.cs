using System.Text.Json;
using System.Text.Json.Nodes;
using PromptStudio.Core.Guardrails;
using PromptStudio.Core.Guardrails.Injection;
using PromptStudio.Core.Guardrails.ModelCheck;
using PromptStudio.Core.Guardrails.Pii;
using PromptStudio.Core.Guardrails.Secrets;

namespace PromptStudio.Guardrails.Pages;

/// <summary>What the forms of all rule types hold: from a <c>rule_config</c> and back to one. Lists are lines of a text field.</summary>
public sealed class RuleDraft
{
    /// <summary>Members that a config may have under an older name.</summary>
    private static readonly (string Old, string New)[] Aliases = [("pattern", "patterns"), ("keywords", "words"), ("max_length", "characters")];

    private JsonObject _read = [];

    public string Patterns { get; set; } = "";
    public bool IgnoreCase { get; set; }
    public bool Multiline { get; set; }
    public bool DotAll { get; set; }

    public string Words { get; set; } = "";
    public bool WholeWord { get; set; } = true;
    public string Match { get; set; } = "any";

    public int? Characters { get; set; }
    public int? Tokens { get; set; }
    public string Encoding { get; set; } = MaxLengthRule.Encodings[0];

    public string Expression { get; set; } = "";

    /// <summary>The kinds of personal data that are looked for.</summary>
    public HashSet<string> Entities { get; private set; } = [.. PiiRule.Entities];

    public double MinScore { get; set; } = PiiRule.DefaultMinScore;
    public string Regions { get; set; } = "";

    /// <summary>The detectors of secrets that are used.</summary>
    public HashSet<string> Detectors { get; private set; } = [.. SecretsRule.Detectors];

    public string Entropy { get; set; } = "balanced";
    public string AllowedSecrets { get; set; } = "";

    /// <summary>The families of phrases that are looked for.</summary>
    public HashSet<string> Families { get; private set; } = [.. PromptInjectionRule.Families];

    public bool Tags { get; set; } = true;
    public bool Bidi { get; set; } = true;
    public bool ZeroWidth { get; set; } = true;
    public bool Selectors { get; set; } = true;

    /// <summary>Where a model is asked.</summary>
    public string Url { get; set; } = "";

    /// <summary>How it answers: one of <see cref="ModelCheckRule.Shapes"/>.</summary>
    public string Shape { get; set; } = ModelCheckRule.Shapes[0];

    public double? Threshold { get; set; }

    /// <summary>Where the value stands in an answer of a shape of one's own.</summary>
    public string Path { get; set; } = "";

    public int? TimeoutMs { get; set; }

    /// <summary>The config as JSON, of a type that has no form here.</summary>
    public string Json { get; set; } = "{}";

    /// <summary>Whether a type has a form.</summary>
    public static bool HasForm(string type) => type is RuleType.Regex or RuleType.Keyword or RuleType.MaxLength or RuleType.Custom or RuleType.Pii or RuleType.Secrets or RuleType.PromptInjection or RuleType.InvisibleText or RuleType.ModelCheck;

    /// <summary>What a config says; what it leaves out has its default.</summary>
    public static RuleDraft Read(string type, JsonElement config)
    {
        var read = JsonObject.Create(config) ?? [];
        foreach (var (old, name) in Aliases)
        {
            if (read[old] is { } value && read[name] is null && !(old == "max_length" && type != RuleType.MaxLength))
            {
                read.Remove(old);
                read[name] = value;
            }
        }
        var flags = read["flags"]?.GetValue<string>() ?? "";
        return new RuleDraft
        {
            _read = read,
            Json = JsonSerializer.Serialize(config, Indented),
            Patterns = Lines(read["patterns"]),
            IgnoreCase = Flag(read, "ignore_case", false) || flags.Contains('i', StringComparison.Ordinal),
            Multiline = Flag(read, "multiline", false) || flags.Contains('m', StringComparison.Ordinal),
            DotAll = Flag(read, "dot_all", false) || flags.Contains('s', StringComparison.Ordinal),
            Words = Lines(read["words"]),
            WholeWord = Flag(read, "whole_word", true),
            Match = Text(read, "match", "any"),
            Characters = Number(read["characters"]),
            Tokens = Number(read["tokens"]),
            Encoding = Text(read, "encoding", MaxLengthRule.Encodings[0]),
            Expression = Text(read, "expression", ""),
            Entities = Set(read["entities"], PiiRule.Entities),
            MinScore = read["min_score"] is JsonValue score && score.TryGetValue(out double least) ? least : PiiRule.DefaultMinScore,
            Regions = string.Join(' ', Lines(read["regions"]).Split('\n')),
            Detectors = Set(read["detectors"], SecretsRule.Detectors),
            Entropy = Text(read, "entropy", "balanced"),
            AllowedSecrets = Lines(read["allow"]),
            Families = Set(read["families"], PromptInjectionRule.Families),
            Tags = Flag(read, "tags", true),
            Bidi = Flag(read, "bidi", true),
            ZeroWidth = Flag(read, "zero_width", true),
            Selectors = Flag(read, "selectors", true),
            Url = Text(read, "url", ""),
            Shape = Text(read, "shape", ModelCheckRule.Shapes[0]),
            Threshold = read["threshold"] is JsonValue threshold && threshold.TryGetValue(out double most) ? most : null,
            Path = Text(read, "path", ""),
            TimeoutMs = Number(read["timeout_ms"]),
        };
    }

    /// <summary>The config; what has its default is left out.</summary>
    /// <exception cref="FormatException">The JSON of a type without a form is none; the message says so.</exception>
    public JsonElement Write(string type)
    {
        var config = new JsonObject();
        switch (type)
        {
            case RuleType.Regex:
                config["patterns"] = Items(Patterns);
                Put(config, "ignore_case", IgnoreCase, false);
                Put(config, "multiline", Multiline, false);
                Put(config, "dot_all", DotAll, false);
                // Letters that have no switch stay as they were.
                if (new string([.. (_read["flags"]?.GetValue<string>() ?? "").Where(flag => flag is 'n' or 'x')]) is { Length: > 0 } others)
                    config["flags"] = others;
                break;
            case RuleType.Keyword:
                config["words"] = Items(Words);
                Put(config, "whole_word", WholeWord, true);
                Put(config, "match", Match, "any");
                break;
            case RuleType.MaxLength:
                if (Characters is { } characters)
                    config["characters"] = characters;
                if (Tokens is { } tokens)
                    config["tokens"] = tokens;
                if (Tokens is not null)
                    Put(config, "encoding", Encoding, MaxLengthRule.Encodings[0]);
                break;
            case RuleType.Custom:
                config["expression"] = Expression;
                if (_read["message"] is { } message)
                    config["message"] = message.DeepClone();
                break;
            case RuleType.Pii:
                Put(config, "entities", Entities, PiiRule.Entities);
                if (MinScore is not PiiRule.DefaultMinScore)
                    config["min_score"] = MinScore;
                if (Regions.Split([' ', ',', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is { Length: > 0 } regions)
                    config["regions"] = new JsonArray([.. regions.Select(region => JsonValue.Create(region.ToUpperInvariant()))]);
                break;
            case RuleType.Secrets:
                Put(config, "detectors", Detectors, SecretsRule.Detectors);
                Put(config, "entropy", Entropy, "balanced");
                if (Items(AllowedSecrets) is { Count: > 0 } allowed)
                    config["allow"] = allowed;
                break;
            case RuleType.PromptInjection:
                Put(config, "families", Families, PromptInjectionRule.Families);
                break;
            case RuleType.InvisibleText:
                Put(config, "tags", Tags, true);
                Put(config, "bidi", Bidi, true);
                Put(config, "zero_width", ZeroWidth, true);
                Put(config, "selectors", Selectors, true);
                break;
            case RuleType.ModelCheck:
                // What has no field (headers, a body, thresholds by name) stays as it was.
                config = _read.DeepClone().AsObject();
                config["url"] = Url.Trim();
                config["shape"] = Shape;
                Put(config, "threshold", Threshold is { } threshold ? JsonValue.Create(threshold) : null);
                Put(config, "path", Path.Trim().Length > 0 ? JsonValue.Create(Path.Trim()) : null);
                Put(config, "timeout_ms", TimeoutMs is { } timeout ? JsonValue.Create(timeout) : null);
                break;
            default:
                return Parsed();
        }
        return JsonSerializer.SerializeToElement(config);
    }

    /// <summary>The lines of a text field, without empty ones.</summary>
    internal static IReadOnlyList<string> Split(string text) => text.Split('\n').Select(line => line.TrimEnd('\r')).Where(line => line.Trim().Length > 0).ToList();

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private JsonElement Parsed()
    {
        try
        {
            return JsonElement.Parse(Json) is { ValueKind: JsonValueKind.Object } config ? config : throw new FormatException("rule_config must be an object.");
        }
        catch (JsonException exception)
        {
            throw new FormatException($"rule_config is not JSON: {exception.Message}", exception);
        }
    }

    private static JsonArray Items(string text) => new([.. Split(text).Select(line => JsonValue.Create(line))]);

    private static void Put(JsonObject config, string name, JsonNode? value)
    {
        if (value is null)
            config.Remove(name);
        else
            config[name] = value;
    }

    private static void Put(JsonObject config, string name, bool value, bool otherwise)
    {
        if (value != otherwise)
            config[name] = value;
    }

    private static void Put(JsonObject config, string name, string value, string otherwise)
    {
        if (value != otherwise)
            config[name] = value;
    }

    private static void Put(JsonObject config, string name, HashSet<string> chosen, IReadOnlyList<string> all)
    {
        if (chosen.Count < all.Count)
            config[name] = new JsonArray([.. all.Where(chosen.Contains).Select(one => JsonValue.Create(one))]);
    }

    private static bool Flag(JsonObject read, string name, bool otherwise) => read[name] is JsonValue value && value.TryGetValue(out bool flag) ? flag : otherwise;

    private static string Text(JsonObject read, string name, string otherwise) => read[name] is JsonValue value && value.TryGetValue(out string? text) ? text : otherwise;

    private static int? Number(JsonNode? node) => node is JsonValue value && value.TryGetValue(out int number) ? number : null;

    private static string Lines(JsonNode? node) => node switch
    {
        JsonArray array => string.Join('\n', array.Select(item => item?.GetValue<string>())),
        JsonValue value when value.TryGetValue(out string? text) => text,
        _ => "",
    };

    private static HashSet<string> Set(JsonNode? node, IReadOnlyList<string> all) => node is null ? [.. all] : [.. Split(Lines(node)).Where(all.Contains)];
}
