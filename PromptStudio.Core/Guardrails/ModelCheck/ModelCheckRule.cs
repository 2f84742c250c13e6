using System.Globalization;
using System.Net;
using System.Text.Json;

namespace PromptStudio.Core.Guardrails.ModelCheck;

/// <summary>
/// Rule type <c>model_check</c>: asks a model over HTTP. <c>{url, shape, …}</c>; this is all of it but the asking: what is sent, and what an answer means. It does not look at texts by itself:
/// whoever holds it asks, outside of the sets of rules that have to be quick.
/// </summary>
public sealed class ModelCheckRule : Rule
{
    /// <summary>How many things are told of one answer.</summary>
    private const int MostHits = 20;

    private readonly ModelAnswer _answer;

    /// <summary>The forms in which a model may answer, as <c>shape</c> names them.</summary>
    public static IReadOnlyList<string> Shapes => ModelAnswer.Shapes;

    internal ModelCheckRule(RuleConfig config)
    {
        Url = ReadUrl(config.Text("url") ?? throw RuleConfig.Wrong("url", "must be given: where the model is asked, like https://models.example.org/moderations."));
        var shape = config.Text("shape") ?? throw RuleConfig.Wrong("shape", $"must be given: one of {string.Join(", ", ModelAnswer.Shapes)}.");
        if (!ModelAnswer.Shapes.Contains(shape))
            throw RuleConfig.Wrong("shape", $"must be one of {string.Join(", ", ModelAnswer.Shapes)}.");
        _answer = new ModelAnswer(shape, config);
        var model = shape == ModelAnswer.OpenAiModeration ? config.Text("model") : null;
        Request = new ModelRequest(config, DefaultBody(shape, model, _answer.Asked), shape switch
        {
            ModelAnswer.Perspective => ("X-Goog-Api-Key", ModelRequest.SecretMark),
            ModelAnswer.PromptShield => ("Ocp-Apim-Subscription-Key", ModelRequest.SecretMark),
            _ => ("Authorization", $"Bearer {ModelRequest.SecretMark}"),
        });
        MaxCharacters = config.Integer("max_characters", 1, 1_000_000) ?? 100_000;
        Timeout = TimeSpan.FromMilliseconds(config.Integer("timeout_ms", 10, 30_000) ?? 2_000);
        Concurrency = config.Integer("concurrency", 1, 1_000) ?? 16;
        BreakerFailures = config.Integer("breaker_failures", 2, 1_000) ?? 5;
        BreakerRest = TimeSpan.FromSeconds(config.Integer("breaker_seconds", 1, 3_600) ?? 30);
        CacheTime = TimeSpan.FromSeconds(config.Integer("cache_seconds", 0, 86_400) ?? 300);
        config.RefuseOthers();
    }

    /// <summary>Where the model is asked.</summary>
    public Uri Url { get; }

    /// <summary>What is sent.</summary>
    public ModelRequest Request { get; }

    /// <summary>Longer texts are not sent: they count as ones that could not be looked at.</summary>
    public int MaxCharacters { get; }

    /// <summary>How long one answer may take.</summary>
    public TimeSpan Timeout { get; }

    /// <summary>How many may be asked at once, on one node.</summary>
    public int Concurrency { get; }

    /// <summary>When at least this many were asked in the last half minute, and half of them failed, the model is left alone for <see cref="BreakerRest"/>.</summary>
    public int BreakerFailures { get; }

    /// <summary>How long a model that fails is left alone.</summary>
    public TimeSpan BreakerRest { get; }

    /// <summary>How long an answer holds for the same text; zero: not at all.</summary>
    public TimeSpan CacheTime { get; }

    /// <inheritdoc/>
    public override bool IsSlow => true;

    /// <inheritdoc/>
    /// <exception cref="RuleException">Always: it has to be awaited.</exception>
    public override void Find(RuleInput input, List<Hit> hits) => throw new RuleException("A model has to be asked.");

    /// <summary>Whether a text says anything: one of digits and punctuation alone is not worth a call.</summary>
    public static bool IsWorthAsking(string text) => text.AsSpan().ContainsAnyExcept(Speechless);

    /// <summary>Reads an answer.</summary>
    /// <exception cref="ModelAnswerException">It has another form than the rule's.</exception>
    public ModelVerdict Read(ReadOnlyMemory<byte> answer) => _answer.Read(answer);

    /// <summary>What a verdict says against the text: the worst first.</summary>
    public static IReadOnlyList<Hit> Hits(ModelVerdict verdict) =>
    [
        .. verdict.Scores.Where(score => score.IsHit).OrderByDescending(score => score.Value - (score.Threshold ?? 0)).Take(MostHits).Select(score => new Hit(score.Threshold is { } threshold
            ? string.Create(CultureInfo.InvariantCulture, $"The model gives '{score.Name}' {score.Value:0.###}; the limit is {threshold:0.###}.")
            : $"The model says '{score.Name}'.", null, score.Name)),
    ];

    private static readonly System.Buffers.SearchValues<char> Speechless = System.Buffers.SearchValues.Create([.. Enumerable.Range(0, 128).Select(code => (char)code).Where(character => !char.IsAsciiLetter(character))]);

    /// <summary>A place that a rule may ask. Which addresses are out of the question is decided when it is connected to: a name may stand for any.</summary>
    private static Uri ReadUrl(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.Host.Length == 0)
            throw RuleConfig.Wrong("url", "must be a whole address that begins with https:// or http://.");
        if (url.UserInfo.Length > 0)
            throw RuleConfig.Wrong("url", "must not have a name or a password in it; a key is the guardrail's secret.");
        if (url.Fragment.Length > 0)
            throw RuleConfig.Wrong("url", "must not have a fragment (#).");
        if (IPAddress.TryParse(url.IdnHost, out var address) && ModelAddress.IsRefused(address))
            throw RuleConfig.Wrong("url", "names an address that no model has: link-local ones and those of cloud metadata are refused.");
        return url;
    }

    private static string DefaultBody(string shape, string? model, IEnumerable<string> asked) => JsonSerializer.Serialize<object>(shape switch
    {
        ModelAnswer.OpenAiModeration when model is not null => new Dictionary<string, object> { ["input"] = ModelRequest.TextMark, ["model"] = model },
        ModelAnswer.OpenAiModeration => new Dictionary<string, object> { ["input"] = ModelRequest.TextMark },
        ModelAnswer.Perspective => new Dictionary<string, object>
        {
            ["comment"] = new Dictionary<string, string> { ["text"] = ModelRequest.TextMark },
            ["requestedAttributes"] = asked.ToDictionary(name => name, _ => new Dictionary<string, string>()),
            ["doNotStore"] = true,
        },
        ModelAnswer.PromptShield => new Dictionary<string, object> { ["userPrompt"] = ModelRequest.TextMark, ["documents"] = Array.Empty<string>() },
        _ => new Dictionary<string, object> { ["text"] = ModelRequest.TextMark },
    });
}
