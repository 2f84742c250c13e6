using PromptStudio.Core.Guardrails.Text;

namespace PromptStudio.Core.Guardrails.Pii;

/// <summary>
/// Rule type <c>pii</c>: <c>{entities?, min_score?, regions?}</c>: all kinds, 0.3, and nine countries for phone numbers without a country. Finds personal data by its form and its check
/// digits; where a form alone says little, a word before it must say what it is.
/// </summary>
public sealed class PiiRule : Rule
{
    /// <summary>Below the score of what has a telling form or a check digit, and above the score of mere digits.</summary>
    public const double DefaultMinScore = 0.3;

    private readonly uint _wanted;
    private readonly double _minScore;
    private readonly Phones? _phones;

    internal PiiRule(RuleConfig config)
    {
        var entities = config.Texts("entities");
        _minScore = config.Number("min_score", 0, 1) ?? DefaultMinScore;
        var regions = config.Texts("regions");
        config.RefuseOthers();
        if (entities?.FirstOrDefault(name => !PiiEntity.All.Any(entity => entity.Name == name)) is { } unknown)
            throw RuleConfig.Wrong("entities", $"has no entity '{unknown}'; there are {string.Join(", ", Entities)}.");
        foreach (var entity in PiiEntity.All)
            _wanted |= entities is null || entities.Contains(entity.Name) ? PiiScan.Bit(entity.Kind) : 0;
        if ((_wanted & PiiScan.Bit(PiiKind.Phone)) != 0)
            _phones = new Phones(regions);
    }

    /// <summary>The kinds there are, as <c>entities</c> and hits name them.</summary>
    public static IReadOnlyList<string> Entities { get; } = [.. PiiEntity.All.Select(entity => entity.Name)];

    public override void Find(RuleInput input, List<Hit> hits)
    {
        List<Scored>? finds = null;
        var questions = 0;
        var isWhole = Look(input.Text.Original, input.CancellationToken, ref questions, ref finds);
        if (!input.Text.IsPlain)
        {
            if (!ReferenceEquals(input.Text.Clean, input.Text.Original))
                isWhole &= Look(input.Text.Clean, input.CancellationToken, ref questions, ref finds);
            foreach (var hidden in input.Text.Hidden)
                isWhole &= Look(hidden, input.CancellationToken, ref questions, ref finds);
        }
        if (finds is null && !isWhole)
            throw new RuleException("There is too much in this text that looks like phone numbers to look at all of it.");
        if (finds is not null)
            hits.AddRange(Resolve(finds).Select(find => new Hit(PiiEntity.All[(int)find.Kind].Message, find.Span, PiiEntity.All[(int)find.Kind].Name)));
    }

    private bool Look(MappedText view, CancellationToken cancellationToken, ref int questions, ref List<Scored>? finds)
    {
        var scan = new PiiScan(view.Text, _wanted, _minScore, cancellationToken);
        scan.Run();
        var found = scan.Found;
        var isWhole = _phones?.Find(view.Text, _minScore, ref questions, ref found, cancellationToken) ?? true;
        if (found is null)
            return isWhole;
        foreach (var one in found)
            (finds ??= []).Add(new Scored(one.Kind, view.ToOriginal(one.Start, one.End), one.Score, one.HasContext));
        return isWhole;
    }

    /// <summary>Where finds overlap the likelier stays, or else the longer. Two that take the very same characters both stay, unless a word speaks for one of them. An address in the web may hold others.</summary>
    private static IEnumerable<Scored> Resolve(List<Scored> finds)
    {
        var stay = new List<Scored>();
        foreach (var find in finds.OrderByDescending(find => find.Score).ThenByDescending(find => find.Span.End - find.Span.Start).ThenBy(find => find.Span.Start))
        {
            if (stay.Count == MaxHits)
                break;
            if (!stay.Exists(known => Excludes(known, find)))
                stay.Add(find);
        }
        return stay.OrderBy(find => find.Span.Start).ThenByDescending(find => find.Score);
    }

    private static bool Excludes(Scored known, Scored find) => known.Span.Overlaps(find.Span) && (known.Kind == find.Kind
        || (known.Kind != PiiKind.Url && find.Kind != PiiKind.Url && (known.Span != find.Span || (known.HasContext && !find.HasContext))));

    private readonly record struct Scored(PiiKind Kind, TextSpan Span, double Score, bool HasContext);
}
