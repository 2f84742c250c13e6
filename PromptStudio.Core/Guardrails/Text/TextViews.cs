namespace PromptStudio.Core.Guardrails.Text;

/// <summary>
/// A text as rules look at it. The prompt itself is never altered: rules see copies that undo what hides words from them, and a hit in a
/// copy is shown in the original. Each view is made when it is first asked for; for one thread.
/// </summary>
public sealed class TextViews
{
    /// <summary>UTF-16 units that are looked at; the rest is not, which <see cref="IsCut"/> says.</summary>
    public const int MaxLength = 1_000_000;

    private readonly Deadline _deadline;
    private bool? _isPlain;
    private MappedText? _clean;
    private MappedText? _folded;
    private MappedText[]? _hidden;
    private MappedText[]? _hiddenFolded;

    /// <summary>Views of a text.</summary>
    public TextViews(string text)
        : this(text, null, default)
    {
    }

    internal TextViews(string text, bool? isPlain, Deadline deadline)
    {
        IsCut = text.Length > MaxLength;
        Original = MappedText.Original(IsCut ? text[..MaxLength] : text);
        (_isPlain, _deadline) = (isPlain, deadline);
    }

    /// <summary>Whether the text was longer than what is looked at.</summary>
    public bool IsCut { get; }

    /// <summary>The text as it is.</summary>
    public MappedText Original { get; }

    /// <summary>Whether nothing can be hidden in the text: every view of it is the text itself, at most in another case.</summary>
    public bool IsPlain => _isPlain ??= LooksPlain(Original.Text);

    /// <summary>Without what nobody sees: entities and escapes decoded, compatibility forms and look-alikes folded to plain letters, invisible characters and stacked marks gone. Keeps case.</summary>
    /// <exception cref="RuleException">There was no time left to make it.</exception>
    public MappedText Clean => _clean ??= IsPlain ? Original : Cleaning.Clean(Original, _deadline);

    /// <summary><see cref="Clean"/> in one case, with each run of white space as one space: what keywords are looked for in.</summary>
    /// <exception cref="RuleException">There was no time left to make it.</exception>
    public MappedText Folded => _folded ??= Folding.Fold(Clean, _deadline);

    /// <summary>Texts that are hidden in the text: in tag characters or variation selectors, as base64 or hex. Cleaned.</summary>
    /// <exception cref="RuleException">There was no time left to find them.</exception>
    public IReadOnlyList<MappedText> Hidden => _hidden ??= IsPlain ? [] : [.. HiddenText.Find(Original.Text, _deadline).Select(text => Cleaning.Clean(text, _deadline))];

    /// <summary><see cref="Hidden"/>, folded.</summary>
    /// <exception cref="RuleException">There was no time left to find them.</exception>
    public IReadOnlyList<MappedText> HiddenFolded => _hiddenFolded ??= [.. Hidden.Select(text => Folding.Fold(text, _deadline))];

    /// <summary><see cref="IsPlain"/> of a text: one look that allocates nothing.</summary>
    public static bool LooksPlain(ReadOnlySpan<char> text) => LooksPlain(text, HasHidden(text));

    /// <param name="text">The text.</param>
    /// <param name="hasHidden"><see cref="HasHidden"/>.</param>
    internal static bool LooksPlain(ReadOnlySpan<char> text, bool hasHidden) => !hasHidden && Cleaning.IsPlain(text);

    /// <summary>Whether something is escaped or encoded in a text.</summary>
    internal static bool HasHidden(ReadOnlySpan<char> text) => Cleaning.HasEscapes(text) || HiddenText.HasEncoded(text);

    /// <summary>All views for rules that see case, each text once.</summary>
    public IEnumerable<MappedText> Cased() => (ReferenceEquals(Clean, Original) ? [Original] : new[] { Original, Clean }).Concat(Hidden);

    /// <summary>All views for keywords.</summary>
    public IEnumerable<MappedText> Caseless() => HiddenFolded.Prepend(Folded);
}
