using System.Globalization;
using PromptStudio.Core.Guardrails.Text;

namespace PromptStudio.Core.Guardrails;

/// <summary>Rule type <c>max_length</c>: <c>{characters}</c>, counted as code points.</summary>
public sealed class MaxLengthRule : Rule
{
    private readonly int _characters;

    internal MaxLengthRule(RuleConfig config)
    {
        _characters = config.Integer("characters", 1, TextViews.MaxLength) ?? config.Integer("max_length", 1, TextViews.MaxLength) ?? throw RuleConfig.Wrong("characters", "must be given: how long the text may be.");
        config.RefuseOthers();
    }

    public override void Find(RuleInput input, List<Hit> hits)
    {
        var text = input.Text.Original.Text;
        if (text.Length <= _characters)
            return;
        var characters = text.Length - text.Count(char.IsLowSurrogate);
        if (characters > _characters || input.Text.IsCut)
            hits.Add(new Hit(string.Create(CultureInfo.InvariantCulture, $"The text has {(input.Text.IsCut ? "more than " : "")}{characters:N0} characters; {_characters:N0} are allowed.")));
    }
}
