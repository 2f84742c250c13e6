using System.Text.Json;

namespace PromptStudio.Core.Guardrails.ModelCheck;

/// <summary>The forms in which models answer, as <c>shape</c> names them, and how a verdict is read from each.</summary>
internal sealed class ModelAnswer
{
    public const string OpenAiModeration = "openai_moderation";
    public const string Perspective = "perspective";
    public const string PromptShield = "prompt_shield";
    public const string Path = "json_path";

    /// <summary>Every one.</summary>
    public static IReadOnlyList<string> Shapes { get; } = [OpenAiModeration, Perspective, PromptShield, Path];

    private const int MostScores = 200;
    private const int NameMaxLength = 100;

    private readonly string _shape;
    private readonly double? _threshold;
    private readonly IReadOnlyDictionary<string, double>? _thresholds;
    private readonly JsonPath? _path;
    private readonly string _pathText = "";
    private readonly IReadOnlyList<string>? _values;
    private readonly bool _isBelow;

    public ModelAnswer(string shape, RuleConfig config)
    {
        _shape = shape;
        if (shape == PromptShield)
            return;
        _threshold = config.Number("threshold", 0, 1_000_000);
        if (shape == Path)
        {
            _pathText = config.Text("path") ?? throw RuleConfig.Wrong("path", "must be given: where the answer's value stands, like $.result.score.");
            try
            {
                _path = new JsonPath(_pathText);
            }
            catch (FormatException exception)
            {
                throw RuleConfig.Wrong("path", exception.Message);
            }
            _values = config.Texts("values");
            _isBelow = config.Choice("hit", "at_least", "below") == "below";
            if (_values is not null && _threshold is not null)
                throw RuleConfig.Wrong("values", "is for answers that are texts, rule_config.threshold for those that are numbers: give one of them.");
            if (_isBelow && _threshold is null)
                throw RuleConfig.Wrong("hit", "needs rule_config.threshold.");
            return;
        }
        _thresholds = config.Map("thresholds", 100, value => value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number is >= 0 and <= 1, value => value.GetDouble(), "a number from 0 to 1");
        if (_threshold > 1)
            throw RuleConfig.Wrong("threshold", "must be a number from 0 to 1.");
        if (shape == Perspective && _thresholds is null && _threshold is null)
            throw RuleConfig.Wrong("thresholds", "must be given, like {\"TOXICITY\": 0.7}.");
        if (shape == Perspective)
            _thresholds ??= new Dictionary<string, double> { ["TOXICITY"] = _threshold!.Value };
    }

    /// <summary>What the rule's model is asked about by name; empty: what it likes.</summary>
    public IEnumerable<string> Asked => _thresholds?.Keys ?? [];

    /// <summary>Reads an answer.</summary>
    /// <exception cref="ModelAnswerException">It has another form.</exception>
    public ModelVerdict Read(ReadOnlyMemory<byte> answer)
    {
        try
        {
            using var document = JsonDocument.Parse(answer);
            List<ModelScore> scores = [.. (_shape switch
            {
                OpenAiModeration => Moderation(document.RootElement),
                Perspective => Attributes(document.RootElement),
                PromptShield => Shields(document.RootElement),
                _ => Values(document.RootElement),
            }).Take(MostScores)];
            return new ModelVerdict(scores);
        }
        catch (JsonException exception)
        {
            throw new ModelAnswerException("The model's answer is not JSON.", exception);
        }
    }

    private IEnumerable<ModelScore> Moderation(JsonElement root)
    {
        var result = Member(root, "results") is { ValueKind: JsonValueKind.Array } results && results.GetArrayLength() > 0 ? results[0] : throw Missing("results[0]");
        if (_threshold is null && _thresholds is null)
        {
            // The model's own verdict.
            var categories = Member(result, "categories") is { ValueKind: JsonValueKind.Object } some ? some : throw Missing("results[0].categories");
            return [.. from category in categories.EnumerateObject()
                       where category.Value.ValueKind is JsonValueKind.True or JsonValueKind.False
                       select Flag(category.Name, category.Value.GetBoolean())];
        }
        var scores = Member(result, "category_scores") is { ValueKind: JsonValueKind.Object } given && given.EnumerateObject().Any() ? given : throw Missing("results[0].category_scores");
        // Those that have a threshold must be there; with a threshold for all, the others count too.
        return
        [
            .. from name in Asked
               select Score(name, Number(Member(scores, name), $"results[0].category_scores.{name}"), _thresholds![name]),
            .. from category in scores.EnumerateObject()
               where _threshold is not null && _thresholds?.ContainsKey(category.Name) != true
               select Score(category.Name, Number(category.Value, "results[0].category_scores"), _threshold!.Value),
        ];
    }

    private IEnumerable<ModelScore> Attributes(JsonElement root) =>
        from name in Asked
        let value = Member(Member(Member(Member(root, "attributeScores"), name), "summaryScore"), "value")
        select Score(name, Number(value, $"attributeScores.{name}.summaryScore.value"), _thresholds![name]);

    private static List<ModelScore> Shields(JsonElement root)
    {
        List<ModelScore> scores = [];
        if (Member(Member(root, "userPromptAnalysis"), "attackDetected") is { } user)
            scores.Add(Flag("user_prompt_attack", Boolean(user)));
        if (Member(root, "documentsAnalysis") is { ValueKind: JsonValueKind.Array } documents)
            scores.AddRange(documents.EnumerateArray().Select(document => Flag("document_attack", Boolean(Member(document, "attackDetected")))));
        return scores.Count > 0 ? scores : throw Missing("userPromptAnalysis.attackDetected and no documentsAnalysis[].attackDetected");

        static bool Boolean(JsonElement? value) => value is { ValueKind: JsonValueKind.True or JsonValueKind.False } flag ? flag.GetBoolean() : throw Missing("attackDetected that is true or false");
    }

    private List<ModelScore> Values(JsonElement root)
    {
        List<ModelScore> scores = [.. from value in _path!.Find(root) select Value(value)];
        return scores.Count > 0 ? scores : throw Missing($"value at {_pathText}");
    }

    private ModelScore Value(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False when _threshold is null && _values is null => Flag(_pathText, value.GetBoolean()),
        JsonValueKind.String when _values is not null => Flag(_pathText, _values.Contains(value.GetString()!.Trim(), StringComparer.OrdinalIgnoreCase)),
        JsonValueKind.Number when _threshold is { } threshold => Score(_pathText, Number(value, _pathText), threshold),
        _ => throw Missing($"{(_threshold is not null ? "number" : _values is not null ? "text" : "true or false")} at {_pathText}"),
    };

    private static ModelScore Flag(string name, bool isHit) => new(Short(name), isHit ? 1 : 0, null, isHit);

    private ModelScore Score(string name, double value, double threshold) => new(Short(name), value, threshold, _isBelow ? value < threshold : value >= threshold);

    private static JsonElement? Member(JsonElement? value, string name) => value is { ValueKind: JsonValueKind.Object } some && some.TryGetProperty(name, out var member) ? member : null;

    private static double Number(JsonElement? value, string where) =>
        value is { ValueKind: JsonValueKind.Number } some && some.TryGetDouble(out var number) && double.IsFinite(number) ? number : throw Missing($"number at {where}");

    /// <summary>Names come from the other side.</summary>
    private static string Short(string name) => string.Concat(name.Where(character => !char.IsControl(character) && !char.IsSurrogate(character)).Take(NameMaxLength));

    private static ModelAnswerException Missing(string what) => new($"The model's answer has no {what}.");
}
