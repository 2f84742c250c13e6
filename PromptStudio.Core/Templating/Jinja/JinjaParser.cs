using System.Globalization;

namespace PromptStudio.Core.Templating.Jinja;

/// <summary>Reads the template's text once, from left to right.</summary>
internal sealed class JinjaParser
{
    private readonly string _text;
    private readonly List<JinjaPart> _parts = [];
    private int _position;

    public JinjaParser(string text, TemplateOptions options)
    {
        _text = text.ReplaceLineEndings("\n");
        if (!options.KeepTrailingNewline && _text.EndsWith('\n'))
            _text = _text[..^1];
    }

    public IReadOnlyList<JinjaPart> Parse()
    {
        while (_position < _text.Length)
        {
            var tag = NextTag();
            if (tag > _position)
                _parts.Add(new JinjaPart(_text[_position..tag], [], 0, 0));
            _position = tag;
            if (tag == _text.Length)
                break;
            switch (_text[tag + 1])
            {
                case '{':
                    Output();
                    break;
                case '#':
                    Comment();
                    break;
                default:
                    throw Error("Block tags are not supported by this engine yet");
            }
        }
        return _parts;
    }

    private int NextTag()
    {
        for (var at = _text.IndexOf('{', _position); at >= 0; at = _text.IndexOf('{', at + 1))
        {
            if (at + 1 < _text.Length && _text[at + 1] is '{' or '#' or '%')
                return at;
        }
        return _text.Length;
    }

    private void Comment()
    {
        var end = _text.IndexOf("#}", _position + 2, StringComparison.Ordinal);
        if (end < 0)
            throw Error("Missing end of comment tag");
        _position = end + 2;
    }

    private void Output()
    {
        _position += 2;
        SkipSpace();
        var start = _position;
        var path = new List<object> { Name() };
        for (SkipSpace(); Peek() is '.' or '['; SkipSpace())
            path.Add(_text[_position++] == '.' ? Name() : Item());
        if (!_text.AsSpan(_position).StartsWith("}}"))
            throw Error(_position >= _text.Length ? "unexpected end of template, expected '}}'" : $"This engine prints variables only; it does not know '{Peek()}' here");
        _position += 2;
        var (line, column) = Place(start);
        _parts.Add(new JinjaPart(null, [.. path], line, column));
    }

    private string Name()
    {
        SkipSpace();
        var start = _position;
        while (Peek() is { } c && (char.IsLetter(c) || c == '_' || (_position > start && char.IsDigit(c))))
            _position++;
        return _position > start ? _text[start.._position] : throw Error("expected a name");
    }

    private object Item()
    {
        SkipSpace();
        var start = _position;
        object item;
        if (Peek() is '\'' or '"')
        {
            var end = _text.IndexOf(_text[_position], _position + 1);
            if (end < 0)
                throw Error("the quoted name has no end");
            item = _text[(start + 1)..end];
            _position = end + 1;
        }
        else
        {
            while (Peek() is { } c && (char.IsAsciiDigit(c) || (_position == start && c == '-')))
                _position++;
            item = int.TryParse(_text.AsSpan(start, _position - start), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index)
                ? index
                : throw Error("expected a position or a quoted name");
        }
        SkipSpace();
        if (Peek() != ']')
            throw Error("expected ']'");
        _position++;
        return item;
    }

    private char? Peek() => _position < _text.Length ? _text[_position] : null;

    private void SkipSpace()
    {
        while (Peek() is { } c && char.IsWhiteSpace(c))
            _position++;
    }

    private TemplateException Error(string message)
    {
        var (line, column) = Place(Math.Min(_position, _text.Length));
        return new TemplateException(new TemplateError(TemplateErrorKind.Syntax, message, line, column));
    }

    private (int Line, int Column) Place(int position)
    {
        var before = _text.AsSpan(0, position);
        return (before.Count('\n') + 1, position - before.LastIndexOf('\n'));
    }
}
