
namespace PromptStudio.Core.Guardrails.Text;

/// <summary>
/// A text as rules look at it. The prompt itself is never altered: rules see copies that undo what hides words from them, and a hit in a
/// copy is shown in the original.
/// </summary>
public sealed class TextViews
{
    /// <summary>UTF-16 units that are looked at; the rest is not, which <see cref="IsCut"/> says.</summary>
    public const int MaxLength = 1_000_000;

    private bool? _isPlain;
    private readonly Lazy<MappedText> _clean;
    private readonly Lazy<MappedText> _folded;
    private readonly Lazy<IReadOnlyList<MappedText>> _hidden;
    private readonly Lazy<IReadOnlyList<MappedText>> _hiddenFolded;

    /// <summary>Views of a text; each is made when it is asked for.</summary>
    public TextViews(string text)
    {
        IsCut = text.Length > MaxLength;
        Original = MappedText.Original(IsCut ? text[..MaxLength] : text);
        _clean = new(() => Cleaning.Clean(Original));
        _folded = new(() => Folding.Fold(Clean));
        _hidden = new(() => [.. HiddenText.Find(Original.Text).Select(Cleaning.Clean)]);
        _hiddenFolded = new(() => [.. Hidden.Select(Folding.Fold)]);
    }

    /// <summary>Whether the text was longer than what is looked at.</summary>
    public bool IsCut { get; }

    /// <summary>The text as it is.</summary>
    public MappedText Original { get; }

    /// <summary>Whether nothing can be hidden in the text: a rule that finds nothing in a first look at it need not look at the views.</summary>
    public bool IsPlain => _isPlain ??= Cleaning.IsPlain(Original.Text) && !Original.Text.AsSpan().ContainsAny('&', '%') && !HiddenText.MayBeEncoded(Original.Text);

    /// <summary>Without what nobody sees: entities and escapes decoded, compatibility forms and look-alikes folded to plain letters, invisible characters and stacked marks gone. Keeps case.</summary>
    public MappedText Clean => _clean.Value;

    /// <summary><see cref="Clean"/> in one case, with each run of white space as one space: what keywords are looked for in.</summary>
    public MappedText Folded => _folded.Value;

    /// <summary>Texts that are hidden in the text: in tag characters or variation selectors, as base64 or hex. Cleaned.</summary>
    public IReadOnlyList<MappedText> Hidden => _hidden.Value;

    /// <summary><see cref="Hidden"/>, folded.</summary>
    public IReadOnlyList<MappedText> HiddenFolded => _hiddenFolded.Value;

    /// <summary>All views for rules that see case, each text once.</summary>
    public IEnumerable<MappedText> Cased() => (ReferenceEquals(Clean, Original) ? [Original] : new[] { Original, Clean }).Concat(Hidden);

    /// <summary>All views for keywords.</summary>
    public IEnumerable<MappedText> Caseless() => HiddenFolded.Prepend(Folded);
}
