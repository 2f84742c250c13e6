using System.Text;
using System.Text.RegularExpressions;

namespace PromptStudio.Tests.Shell;

/// <summary>
/// Reads Razor markup as far as it takes to tell what people see: texts between tags, attributes that are shown or read aloud, and the
/// literals of expressions in both, unless a localizer has them. What stands in <c>code</c>, <c>kbd</c> and <c>pre</c> is no language.
/// </summary>
internal sealed partial class VisibleTexts
{
    private static readonly HashSet<string> Shown = new(StringComparer.OrdinalIgnoreCase) { "title", "placeholder", "aria-label", "alt", "label", "heading", "verb", "cancel", "data-label" };

    private readonly string _source;
    private readonly List<string> _found = [];
    private int _at;

    private VisibleTexts(string source) => _source = source;

    /// <summary>Those of a component that no localizer has.</summary>
    public static IReadOnlyList<string> Of(string razor)
    {
        var code = Code().Match(razor);
        // Of the code only its templates are markup.
        var templates = code.Success ? Template().Matches(razor[code.Index..]).Select(template => template.Value[1..]) : [];
        var markup = new VisibleTexts(code.Success ? razor[..code.Index] : razor);
        markup.ReadMarkup();
        foreach (var template in templates)
        {
            var part = new VisibleTexts(template);
            part.ReadMarkup();
            markup._found.AddRange(part._found);
        }
        return markup._found;
    }

    /// <summary>An <c>@</c> that is neither doubled nor part of an e-mail address.</summary>
    private bool IsExpression => _source[_at] == '@' && _source[_at + 1] is var next
        && (next is '(' or '{' || ((next == '_' || char.IsLetter(next)) && (_at == 0 || !char.IsLetterOrDigit(_source[_at - 1]))));

    private void ReadMarkup()
    {
        var text = _at;
        while (_at < _source.Length)
        {
            if (Comment().Match(_source, _at) is { Success: true } comment)
            {
                Keep(_source[text.._at]);
                text = _at += comment.Length;
            }
            else if (Statement().Match(_source, _at) is { Success: true } statement)
            {
                Keep(_source[text.._at]);
                _at += statement.Length;
                if (statement.Value.EndsWith('('))
                    SkipTo(')');
                text = _at;
            }
            else if (IsExpression)
            {
                Keep(_source[text.._at]);
                ReadExpression(isShown: true);
                text = _at;
            }
            else if (Tag().Match(_source, _at) is { Success: true } tag)
            {
                Keep(_source[text.._at]);
                _at += tag.Length;
                ReadAttributes();
                text = _at;
            }
            else
            {
                _at++;
            }
        }
        Keep(_source[text..]);
    }

    private void ReadAttributes()
    {
        while (Attribute().Match(_source, _at) is { Success: true } attribute)
        {
            _at += attribute.Length;
            if (!attribute.Value.EndsWith('"'))
                continue;
            var name = attribute.Groups[1].Value;
            var isShown = Shown.Contains(name);
            var text = _at;
            while (_source[_at] != '"')
            {
                if (IsExpression)
                {
                    if (isShown)
                        Keep(_source[text.._at]);
                    ReadExpression(isShown);
                    text = _at;
                }
                else
                {
                    _at += _source[_at] == '@' ? 2 : 1;
                }
            }
            if (isShown)
                Keep(_source[text.._at]);
            _at++;
        }
        _at = _source.IndexOf('>', _at) + 1;
    }

    /// <summary>What follows an <c>@</c>: in parentheses, or a name with what is called and indexed on it.</summary>
    private void ReadExpression(bool isShown)
    {
        var start = _at++;
        if (_source[_at] is '(' or '{')
        {
            SkipTo(_source[_at++] == '(' ? ')' : '}');
        }
        else
        {
            for (var name = Name().Match(_source, _at); name.Success; name = Member().Match(_source, _at))
            {
                _at += name.Length;
                while (_at < _source.Length && _source[_at] is '(' or '[')
                    SkipTo(_source[_at++] == '(' ? ')' : ']');
            }
        }
        if (isShown)
            Literals(_source[start.._at]);
    }

    private void Literals(string expression)
    {
        var reader = new VisibleTexts(Localized().Replace(expression, ""));
        while ((reader._at = reader._source.IndexOf('"', reader._at)) >= 0)
        {
            var isInterpolated = reader._at > 0 && reader._source[reader._at - 1] == '$';
            var start = ++reader._at;
            reader.SkipString(isInterpolated);
            var literal = reader._source[start..(reader._at - 1)];
            if (isInterpolated)
                literal = WithoutPlaces(literal);
            if (Sentence().IsMatch(literal))
                Keep(literal);
        }
    }

    /// <summary>The text of an interpolated literal; what its places say is read by itself.</summary>
    private string WithoutPlaces(string literal)
    {
        var text = new StringBuilder();
        var reader = new VisibleTexts(literal);
        while (reader._at < literal.Length)
        {
            var start = reader._at++;
            if (literal[start] != '{')
            {
                text.Append(literal[start]);
                continue;
            }
            reader.SkipTo('}');
            Literals(literal[(start + 1)..(reader._at - 1)]);
        }
        return text.ToString();
    }

    private void SkipTo(char end)
    {
        while (_source[_at] is var character && character != end)
        {
            _at++;
            if (character is '(' or '[' or '{')
                SkipTo(character switch { '(' => ')', '[' => ']', _ => '}' });
            else if (character == '"')
                SkipString(isInterpolated: _source[_at - 2] == '$');
            else if (character == '\'')
                _at = _source.IndexOf('\'', _source[_at] == '\\' ? _at + 2 : _at + 1) + 1;
        }
        _at++;
    }

    private void SkipString(bool isInterpolated)
    {
        while (_source[_at] is var character && character != '"')
        {
            _at += character == '\\' ? 2 : 1;
            if (character == '{' && isInterpolated)
                SkipTo('}');
        }
        _at++;
    }

    private void Keep(string text)
    {
        var plain = Entity().Replace(text, " ").Trim(' ', '\n', '\r', '\t', '{', '}', '·');
        if (Word().IsMatch(plain))
            _found.Add(plain);
    }

    [GeneratedRegex(@"^@code\b", RegexOptions.Multiline)]
    private static partial Regex Code();

    [GeneratedRegex(@"@<.*?;$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Template();

    [GeneratedRegex(@"\G(@\*.*?\*@|<!--.*?-->|<!DOCTYPE[^>]*>|<(code|kbd|pre)\b.*?</\2>)", RegexOptions.Singleline)]
    private static partial Regex Comment();

    /// <summary>Directives, and C# between the markup.</summary>
    [GeneratedRegex(@"\G(?:(?<=^)@(?:attribute|inject|layout|inherits|namespace|using|page|implements|typeparam)\b[^\n]*|@(?:if|foreach|for|switch|while)\b[^\n(]*\(|(?<=[{;]\s*)(?:if|foreach|switch)\s*\(|(?<=^\s*)(?:case\b[^\n]*:|default:|break;|var\b[^\n]*;)(?=\s*$)|(?<=^\s*|\}\s*)else(?=\s*[{\n])|(?<=^\s*|\}\s*)else if\s*\()", RegexOptions.Multiline)]
    private static partial Regex Statement();

    [GeneratedRegex(@"\G</?[A-Za-z][\w.-]*")]
    private static partial Regex Tag();

    [GeneratedRegex(@"\G\s*([@\w][\w:.-]*)(?:="")?")]
    private static partial Regex Attribute();

    [GeneratedRegex(@"\G[A-Za-z_]\w*")]
    private static partial Regex Name();

    [GeneratedRegex(@"\G[!?]?\.[A-Za-z_]\w*|\G!(?=[.\[])")]
    private static partial Regex Member();

    /// <summary>A text that a localizer gets, or a format of a number.</summary>
    [GeneratedRegex(@"\b[A-Z]\w*\[[^""\]]*""(?:[^""\\]|\\.)*""(?: : ""(?:[^""\\]|\\.)*"")?|\b[A-Z]\w*\.Count\([^""]*""(?:[^""\\]|\\.)*"", ""(?:[^""\\]|\\.)*""|\bToString\(""[^""]*""|\bclass=""[^""]*""")]
    private static partial Regex Localized();

    /// <summary>A literal that can be meant for people: a capital or a blank tells it from a key.</summary>
    [GeneratedRegex(@"^[A-Z][a-z]|[a-z] [a-z]")]
    private static partial Regex Sentence();

    [GeneratedRegex("&[a-z]+;")]
    private static partial Regex Entity();

    [GeneratedRegex(@"\p{L}{2}")]
    private static partial Regex Word();
}
