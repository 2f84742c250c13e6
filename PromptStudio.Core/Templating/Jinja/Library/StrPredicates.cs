using System.Globalization;
using PromptStudio.Core.Templating.Jinja.Runtime;

namespace PromptStudio.Core.Templating.Jinja.Library;

/// <summary>Methods of strings that answer yes or no.</summary>
internal static class StrPredicates
{
    public static IEnumerable<Builtin> All { get; } =
    [
        new("endswith", "self suffix start= end= /", (run, a) => Value.Of(Affix(run, a, false))),
        new("startswith", "self prefix start= end= /", (run, a) => Value.Of(Affix(run, a, true))),
        Each("isalnum", codePoint => PyText.IsLetter(codePoint) || PyText.IsDecimal(codePoint) || PyText.IsDigit(codePoint) || PyText.IsNumeric(codePoint)),
        Each("isalpha", PyText.IsLetter),
        new("isascii", "self /", (_, a) => Value.Of(System.Text.Ascii.IsValid(a[0].Text))),
        Each("isdecimal", PyText.IsDecimal),
        Each("isdigit", PyText.IsDigit),
        new("isidentifier", "self /", (_, a) => Value.Of(IsIdentifier(a[0].Text))),
        new("islower", "self /", (_, a) => Value.Of(IsLower(a[0].Text))),
        Each("isnumeric", PyText.IsNumeric),
        new("isprintable", "self /", (_, a) => Value.Of(a[0].Text.Length == 0 || Every(a[0].Text, PyText.IsPrintable))),
        new("isspace", "self /", (_, a) => Value.Of(PyText.IsSpace(a[0].Text))),
        new("istitle", "self /", (_, a) => Value.Of(IsTitle(a[0].Text))),
        new("isupper", "self /", (_, a) => Value.Of(IsUpper(a[0].Text))),
    ];

    public static bool IsLower(string text) => Cased(text, PyCase.IsLower);

    public static bool IsUpper(string text) => Cased(text, PyCase.IsUpper);

    private static Builtin Each(string name, Func<int, bool> test) => new(name, "self /", (run, a) =>
    {
        run.Steps(a[0].Text.Length / 64);
        return Value.Of(Every(a[0].Text, test));
    });

    private static bool Every(string text, Func<int, bool> test)
    {
        for (var i = 0; i < text.Length; i += PyText.UnitsAt(text, i))
        {
            if (!test(PyText.CodePointAt(text, i)))
            {
                return false;
            }
        }

        return text.Length > 0;
    }

    private static bool Cased(string text, Func<int, bool> isCase)
    {
        var any = false;
        for (var i = 0; i < text.Length; i += PyText.UnitsAt(text, i))
        {
            var codePoint = PyText.CodePointAt(text, i);
            if (isCase(codePoint))
            {
                any = true;
            }
            else if (PyCase.IsCased(codePoint))
            {
                return false;
            }
        }

        return any;
    }

    private static bool IsTitle(string text)
    {
        var any = false;
        var inWord = false;
        for (var i = 0; i < text.Length; i += PyText.UnitsAt(text, i))
        {
            var codePoint = PyText.CodePointAt(text, i);
            var starts = PyCase.IsUpper(codePoint) || PyText.Category(codePoint) == UnicodeCategory.TitlecaseLetter;
            if ((starts && inWord) || (PyCase.IsLower(codePoint) && !inWord))
            {
                return false;
            }

            inWord = PyCase.IsCased(codePoint);
            any |= inWord;
        }

        return any;
    }

    private static bool IsIdentifier(string text)
    {
        if (text.Length == 0)
        {
            return false;
        }

        var first = PyText.CodePointAt(text, 0);
        return (first == '_' || PyText.IsLetter(first)) && Every(text, codePoint => codePoint == '_' || PyText.IsLetter(codePoint)
            || PyText.Category(codePoint) is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.NonSpacingMark
                or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.ConnectorPunctuation or UnicodeCategory.LetterNumber);
    }

    private static bool Affix(Run run, ReadOnlySpan<Value> a, bool atStart)
    {
        var text = a[0].Text;
        if (a[2].IsSet || a[3].IsSet)
        {
            var length = PyText.Length(text);
            var (from, count, _) = PySequence.Span(Arguments.Or(a[2], Value.None), Arguments.Or(a[3], Value.None), Value.None, length);
            if (count == 0 && a[2].IsSet && a[2].IsInteger && a[2].Bits > length)
            {
                return false;
            }

            run.ChargeChars(text.Length);
            var first = PyText.UnitIndex(text, (int)from);
            text = text[first..PyText.UnitIndex(text, (int)(from + count))];
        }

        if (a[1].Kind != Kind.Tuple)
        {
            return Has(text, a[1], atStart);
        }

        foreach (var one in a[1].Tuple.Items)
        {
            if (Has(text, one, atStart))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Has(string text, Value affix, bool atStart)
    {
        var part = affix.IsString ? affix.Text
            : throw Fault.Type($"{(atStart ? "startswith" : "endswith")} first arg must be str or a tuple of str, not {affix.TypeName}");
        return atStart ? text.StartsWith(part, StringComparison.Ordinal) : text.EndsWith(part, StringComparison.Ordinal);
    }
}
