using System.Globalization;
using System.Text;
using PromptStudio.Core.Guardrails.Text;

namespace PromptStudio.Core.Guardrails;

/// <summary>
/// Rule type <c>max_length</c>: <c>{characters?, tokens?, encoding?: o200k_base|cl100k_base}</c>, one of the first two or both. Characters are counted as code points.
/// </summary>
public sealed class MaxLengthRule : Rule
{
    /// <summary>How tokens can be counted, the default first.</summary>
    public static IReadOnlyList<string> Encodings => TokenCounter.Encodings;

    private readonly int? _characters;
    private readonly int? _tokens;
    private readonly TokenCounter? _counter;

    internal MaxLengthRule(RuleConfig config)
    {
        _characters = config.Integer("characters", 1, TextViews.MaxLength) ?? config.Integer("max_length", 1, TextViews.MaxLength);
        _tokens = config.Integer("tokens", 1, TextViews.MaxLength);
        var encoding = config.Choice("encoding", TokenCounter.Encodings);
        config.RefuseOthers();
        if (_characters is null && _tokens is null)
            throw RuleConfig.Wrong("characters", "or rule_config.tokens must be given: how long the text may be.");
        _counter = _tokens is null ? null : TokenCounter.Of(encoding);
    }

    /// <inheritdoc/>
    /// <remarks>A token is a byte of UTF-8 at least, so a text of no more bytes than tokens are allowed is not counted.</remarks>
    public override bool MayFind(ReadOnlySpan<char> text, ReadOnlySpan<char> clean, Deadline deadline) =>
        text.Length > _characters || (_tokens is { } tokens && MayFindTokens(text, tokens));

    /// <inheritdoc/>
    public override void Find(RuleInput input, List<Hit> hits)
    {
        var text = input.Text.Original.Text;
        if (_characters is { } most && text.Length > most)
        {
            var characters = text.Length - text.Count(char.IsLowSurrogate);
            if (characters > most || input.Text.IsCut)
                hits.Add(new Hit(string.Create(CultureInfo.InvariantCulture, $"The text has {(input.Text.IsCut ? "more than " : "")}{characters:N0} characters; {most:N0} are allowed.")));
        }
        if (_tokens is { } tokens && MayFindTokens(text, tokens) && (input.Text.IsCut || _counter!.Exceeds(text, tokens, input.Deadline)))
            hits.Add(new Hit(string.Create(CultureInfo.InvariantCulture, $"The text has more than {tokens:N0} tokens of {_counter!.Encoding}.")));
    }

    private static bool MayFindTokens(ReadOnlySpan<char> text, int tokens) => text.Length > tokens / 3 && Encoding.UTF8.GetByteCount(text) > tokens;
}
