namespace PromptStudio.Core.Guardrails;

/// <summary>A guardrail, ready to look at texts.</summary>
/// <param name="Guardrail">What it was built from.</param>
/// <param name="Rule">Its rule; null: it could not be built.</param>
/// <param name="Broken">Why it could not be built; null: it could.</param>
public sealed record CompiledGuardrail(Guardrail Guardrail, Rule? Rule, string? Broken)
{
    /// <summary>Builds a guardrail's rule. What cannot be built follows its <c>on_error</c> at each text.</summary>
    public static CompiledGuardrail Build(Guardrail guardrail)
    {
        try
        {
            return new CompiledGuardrail(guardrail, Guardrails.RuleType.Parse(guardrail.RuleType, guardrail.RuleConfig), null);
        }
        catch (FormatException exception)
        {
            return new CompiledGuardrail(guardrail, null, exception.Message);
        }
    }
}

/// <summary>What one guardrail says of one text.</summary>
/// <param name="Guardrail">The guardrail.</param>
/// <param name="Hits">What it found, in the order of the text, without what its allow-list allows.</param>
/// <param name="Error">Why it could not look, a sentence for people; null: it could.</param>
public sealed record Finding(CompiledGuardrail Guardrail, IReadOnlyList<Hit> Hits, string? Error = null);

/// <summary>All guardrails of a prompt that look at the same kind of text, built once; immutable, used by many at once.</summary>
public sealed class RuleSet
{
    private readonly CompiledGuardrail[] _guardrails;

    /// <param name="guardrails">In the order in which they are to report.</param>
    public RuleSet(IEnumerable<CompiledGuardrail> guardrails) => _guardrails = [.. guardrails];

    /// <summary>Its guardrails.</summary>
    public IReadOnlyList<CompiledGuardrail> Guardrails => _guardrails;

    /// <summary>Looks at a text with every guardrail. Takes no longer than its budget of time, whatever the text; allocates nothing where there is nothing to find.</summary>
    /// <param name="text">The text.</param>
    /// <param name="context">What the text was made from, for expressions.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>A finding for each guardrail that found something or could not look.</returns>
    public IReadOnlyList<Finding> Check(string text, in RuleContext context = default, CancellationToken cancellationToken = default)
    {
        List<Finding>? findings = null;
        var input = new RuleInput(text) { Variables = context.Variables, Template = context.Template, CancellationToken = cancellationToken };
        foreach (var guardrail in _guardrails)
        {
            if (Check(guardrail, input) is { } finding)
                (findings ??= []).Add(finding);
        }
        return findings ?? (IReadOnlyList<Finding>)[];
    }

    private static Finding? Check(CompiledGuardrail guardrail, RuleInput input)
    {
        if (guardrail.Rule is null)
            return new Finding(guardrail, [], guardrail.Broken);
        var hits = new List<Hit>();
        try
        {
            guardrail.Rule.Find(input, hits);
        }
        catch (RuleException exception)
        {
            return new Finding(guardrail, [], exception.Message);
        }
        hits.RemoveAll(hit => hit.Span is { } span && guardrail.Guardrail.Allowed.Allows(input.Text.Original.Text.AsSpan(span.Start, span.End - span.Start)));
        return hits.Count > 0 ? new Finding(guardrail, hits) : null;
    }
}
