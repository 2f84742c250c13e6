using System.Text.RegularExpressions;
using PromptStudio.Core.Guardrails.Text;

namespace PromptStudio.Core.Guardrails.Injection;

/// <summary>
/// Rule type <c>prompt_injection</c>: <c>{families?}</c>, all of them. Finds phrases that talk a model out of its instructions. A mitigation: what says it
/// in words of its own passes, and is a matter for a <c>model_check</c>.
/// </summary>
public sealed class PromptInjectionRule : Rule
{
    private readonly InjectionFamily[] _families;

    /// <summary>The families there are, as <c>families</c> names them.</summary>
    public static IReadOnlyList<string> Families { get; } = [.. InjectionPatterns.All.Select(family => family.Name)];

    internal PromptInjectionRule(RuleConfig config)
    {
        var chosen = config.Texts("families");
        config.RefuseOthers();
        if (chosen?.FirstOrDefault(name => !InjectionPatterns.All.Any(family => family.Name == name)) is { } unknown)
            throw RuleConfig.Wrong("families", $"has no family '{unknown}'; there are {string.Join(", ", InjectionPatterns.All.Select(family => family.Name))}.");
        _families = [.. InjectionPatterns.All.Where(family => chosen is null || chosen.Contains(family.Name))];
    }

    /// <inheritdoc/>
    public override bool MayFind(ReadOnlySpan<char> text, ReadOnlySpan<char> clean, Deadline deadline)
    {
        foreach (var family in _families)
        {
            if (clean.ContainsAny(family.Parts))
                return true;
        }
        return false;
    }

    /// <inheritdoc/>
    public override void Find(RuleInput input, List<Hit> hits)
    {
        try
        {
            foreach (var view in input.Text.Caseless())
            {
                foreach (var family in _families)
                {
                    if (view.Text.AsSpan().ContainsAny(family.Triggers))
                        Find(family, view, input, hits);
                }
            }
        }
        catch (RegexMatchTimeoutException exception)
        {
            throw new RuleException("The phrases could not be looked for in time on this text.", exception);
        }
        Sort(hits);
    }

    private static void Find(InjectionFamily family, MappedText view, RuleInput input, List<Hit> hits)
    {
        input.CancellationToken.ThrowIfCancellationRequested();
        input.Deadline.Keep();
        foreach (var match in family.Pattern.EnumerateMatches(view.Text))
        {
            Add(hits, new Hit(family.Message, view.ToOriginal(match.Index, match.Index + match.Length), family.Name));
            if (hits.Count == MaxHits)
                return;
            input.Deadline.Keep();
        }
    }
}
