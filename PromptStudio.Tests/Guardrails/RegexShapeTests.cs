using System.Globalization;
using System.Text.RegularExpressions;
using CsCheck;
using PromptStudio.Core.Guardrails.Patterns;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Guardrails;

/// <summary>What is said of a regex without running it is true of every match.</summary>
[Trait(Tier.Name, Tier.Unit)]
public sealed class RegexShapeTests
{
    /// <summary>Few letters, so that patterns match; with what case-folding knows more of than ASCII does.</summary>
    private static readonly string[] Letters = ["a", "b", "k", "K", "I", "s", "1", "2", "-", "@", " ", "\u00e9", "\u00c9", "\u212a", "\u0130", "\u00df", "\u017f", "\u0661", "\n"];

    private static readonly string[] Atoms =
    [
        .. Letters, "ab", "bak", "k1", ".", @"\d", @"\w", @"\W", @"\s", @"\S", @"\D", @"\.", @"\-", @"\x61", @"\u006b", @"\0", @"\141", @"\t", @"\n", "[ab]", "[^a]", "[a-k]", "[0-9]", @"[\d]", @"[\w-]", "[a-[b]]",
        "[a-k-[b]]", "[]a]", "[-a]", "[a-]", "[ab1-]", @"[\]a]", "[K]", "[kK]", @"\p{L}", @"[\p{Lu}1]", "^", "$", @"\b", @"\B", @"\A", @"\z", "(?#b)", "(?i)", "(?-i)", "(?s)", "(?=a)", "(?!b)", "(?<=a)", "(?<!k)", "{", "a{,2}", "{a}", "]", "}", "#",
    ];

    private static readonly string[] Quantifiers = ["", "", "", "", "*", "+", "?", "{2}", "{0}", "{1,2}", "{0,1}", "{2,}", "*?", "+?", "??", "{1,2}?", "(?#k)*", "(?#k){2}"];

    private static readonly Gen<string> Pattern = Gen.Recursive<string>((depth, inner) =>
    {
        var atom = depth >= 2 ? OneOf(Atoms) : Gen.Frequency(
            (6, OneOf(Atoms)),
            (1, inner.Select(text => $"({text})")),
            (1, inner.Select(text => $"(?:{text})")),
            (1, inner.Select(text => $"(?i:{text})")),
            (1, inner.Select(text => $"(?<n>{text})")),
            (1, inner.Select(text => $"(?>{text})")));
        var part = Gen.Select(atom, OneOf(Quantifiers), (text, quantifier) => text + quantifier);
        var sequence = part.Array[1, 5].Select(string.Concat);
        return sequence.Array[1, 3].Select(branches => string.Join('|', branches));
    });

    private static readonly Gen<string> Text = OneOf(Letters).Array[0, 12].Select(string.Concat);

    [Fact]
    public void EveryMatch_ContainsALiteral_AndACharacterOfEachSet()
    {
        var (matches, told) = (0, 0);
        Gen.Select(Pattern, Gen.Int[0, 7], Text.Array[30]).Sample(
            (pattern, flags, texts) =>
            {
                var options = (RegexOptions)(flags & 1) | ((flags & 2) > 0 ? RegexOptions.Multiline : 0) | ((flags & 4) > 0 ? RegexOptions.Singleline : 0) | RegexOptions.CultureInvariant;
                if (Build(pattern, options) is not { } regex)
                    return;
                var shape = RegexShape.Read(pattern, options);
                foreach (var match in texts.Select(text => Match(regex, text)).OfType<Match>())
                {
                    Interlocked.Increment(ref matches);
                    Interlocked.Add(ref told, shape.Literals.Count + shape.Sets.Count > 0 ? 1 : 0);
                    var isSound = (shape.Literals.Count == 0 || shape.Literals.Any(literal => match.Value.Contains(literal, StringComparison.OrdinalIgnoreCase)))
                        && shape.Sets.All(set => match.Value.AsSpan().ContainsAny(set));
                    Assert.True(isSound, $"{pattern} ({options}) matches '{match.Value}' without {string.Join(" or ", shape.Literals)} and {string.Join(" and ", shape.Sets.Select(set => set[..Math.Min(12, set.Length)]))}");
                }
            },
            iter: 10_000);
        Assert.True(matches > 5_000 && told > 100, $"only {matches} matches, {told} with something to hold");
    }

    [Fact]
    public void CaseOfAscii_IsWhatDotNetHasIt()
    {
        foreach (var character in Enumerable.Range(' ', 0x7f - ' ').Select(code => ((char)code).ToString()))
        {
            var shape = RegexShape.Read(Regex.Escape(character) + Regex.Escape(character), RegexOptions.IgnoreCase);
            var regex = new Regex($@"\A{Regex.Escape(character)}\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
            foreach (var other in Enumerable.Range(0, char.MaxValue).Select(code => ((char)code).ToString()).Where(one => regex.IsMatch(one)))
            {
                Assert.True(
                    shape.Literals.Count == 0 ? shape.Sets.All(set => set.Contains(other, StringComparison.Ordinal)) : shape.Literals.Contains(other + other, StringComparer.OrdinalIgnoreCase),
                    string.Create(CultureInfo.InvariantCulture, $"{character} matches U+{(int)other[0]:X4}"));
            }
        }
    }

    [Theory]
    [InlineData("password|passwd", "password passwd", "")]
    [InlineData(@"\b\d{3}-\d{2}-\d{4}\b", "", "0 -")]
    [InlineData(@"[\w.]+@[\w.]+\.\w+", "", "@ .")]
    [InlineData(@"(?:api|secret)[_-]?key\s*=", "api_key api-key apikey secret_key secret-key secretkey", "=")]
    [InlineData("colou?r", "color colour", "")]
    [InlineData("(ab)+c", "ab", "")]
    [InlineData("(?=abc)x", "", "")]
    [InlineData("(foo)?", "", "")]
    [InlineData("(?x) a b c", "", "")]
    [InlineData(@"abc\k<n>(?<n>)", "", "")]
    [InlineData("AKIA[0-9A-Z]{16}", "AKIA", "")]
    public void Shape_IsAsSharpAsItCanBe(string pattern, string literals, string firstOfSets)
    {
        var shape = RegexShape.Read(pattern, RegexOptions.None);
        Assert.Equal(literals.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal), shape.Literals.Order(StringComparer.Ordinal));
        Assert.All(firstOfSets.Split(' ', StringSplitOptions.RemoveEmptyEntries), first => Assert.Contains(shape.Sets, set => set[0] == first[0]));
    }

    [Theory]
    [InlineData("a(?=b)", "look-ahead")]
    [InlineData("a(?!b)", "look-ahead")]
    [InlineData("(?<=b)a", "look-behind")]
    [InlineData("(?<!b)a", "look-behind")]
    [InlineData(@"(a)\1", "back-reference")]
    [InlineData(@"(?<n>a)\k<n>", "back-reference")]
    [InlineData("(?>a+)b", "atomic group")]
    [InlineData("(?(a)b|c)", "condition")]
    [InlineData("(?<a>x)(?<-a>y)", "balancing group")]
    [InlineData(@"\Gab", @"\G")]
    public void Construct_IsNamedInWords(string pattern, string construct) => Assert.Contains(construct, RegexShape.Read(pattern, RegexOptions.None).Construct, StringComparison.Ordinal);

    [Theory]
    [InlineData("(a{1,100}){1,100}", 10_000, true)]
    [InlineData("a{1,10000}", 10_000, false)]
    [InlineData("(((a{1,100}){1,100}){1,100}){1,100}", 100_000_000, true)]
    [InlineData("abc", 3, false)]
    public void Size_IsThatOfThePatternWrittenOut(string pattern, long size, bool nests)
    {
        var shape = RegexShape.Read(pattern, RegexOptions.None);
        Assert.Equal((size, nests), (shape.Size, shape.NestsRepeats));
    }

    private static Gen<string> OneOf(string[] texts) => Gen.Int[0, texts.Length - 1].Select(index => texts[index]);

    /// <summary>On a few of the patterns .NET's own engine fails, or takes too long; those say nothing here.</summary>
    private static Match? Match(Regex regex, string text)
    {
        try
        {
            return regex.Match(text) is { Success: true } match ? match : null;
        }
        catch (Exception exception) when (exception is IndexOutOfRangeException or RegexMatchTimeoutException)
        {
            return null;
        }
    }

    /// <summary>The linear engine where it takes the pattern. The other one has faults of its own with lazy loops that can be empty: there they are left out.</summary>
    private static Regex? Build(string pattern, RegexOptions options)
    {
        try
        {
            return new Regex(pattern, options | RegexOptions.NonBacktracking, TimeSpan.FromMilliseconds(20));
        }
        catch (NotSupportedException)
        {
            return Quantifiers.Any(quantifier => quantifier.EndsWith('?') && quantifier.Length > 1 && pattern.Contains(quantifier, StringComparison.Ordinal)) ? null : new Regex(pattern, options, TimeSpan.FromMilliseconds(20));
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
