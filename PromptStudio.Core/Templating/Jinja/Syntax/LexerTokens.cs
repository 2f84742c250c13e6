using System.Globalization;
using System.Text;
using PromptStudio.Core.Templating.Jinja.Runtime;

namespace PromptStudio.Core.Templating.Jinja.Syntax;

/// <summary>The tokens inside tags.</summary>
internal sealed partial class Lexer
{
    private void Inside(Part part)
    {
        while (_at < _text.Length || part == Part.LineStatement)
        {
            if (_open.Count == 0 && EndsAt(part, out var end))
            {
                Add(part == Part.Variable ? TokenKind.VariableEnd : TokenKind.BlockEnd, _at, end, string.Empty);
                Move(end);
                return;
            }

            if (_at >= _text.Length)
            {
                return;
            }

            var c = _text[_at];
            if (PyText.IsSpace(c))
            {
                Move(SkipSpace(_at + 1));
            }
            else if (char.IsAsciiDigit(c) && NumberAt(out end, out var isFloat))
            {
                Add(isFloat ? TokenKind.Float : TokenKind.Integer, _at, end, _text[_at..end]);
                Move(end);
            }
            else if (PyText.IsWord(PyText.CodePointAt(_text, _at)))
            {
                Name();
            }
            else if (c is '\'' or '"' && StringEnd(c) is var close and > 0)
            {
                Add(TokenKind.String, _at, close, Unescape(_text[(_at + 1)..(close - 1)]));
                Move(close);
            }
            else
            {
                Operator(c);
            }
        }
    }

    private bool EndsAt(Part part, out int end)
    {
        switch (part)
        {
            case Part.Variable:
                if (Is(_options.VariableEnd, _at + 1) && _text[_at] == '-')
                {
                    end = SkipSpace(_at + 1 + _options.VariableEnd.Length);
                    return true;
                }

                end = _at + _options.VariableEnd.Length;
                return Is(_options.VariableEnd, _at);
            case Part.Block:
                return BlockEndAt(_at, out end);
            default:
                // Up to the last newline of the white space that follows.
                var last = SkipSpace(_at);
                if (last == _text.Length)
                {
                    end = last;
                    return true;
                }

                var newline = last > _at ? _text.LastIndexOf('\n', last - 1, last - _at) : -1;
                end = newline + 1;
                return newline >= 0;
        }
    }

    private void Name()
    {
        var end = _at;
        var ascii = true;
        while (end < _text.Length)
        {
            var codePoint = PyText.CodePointAt(_text, end);
            if (!PyText.IsWord(codePoint))
            {
                break;
            }

            ascii &= codePoint < 128;
            end += codePoint > 0xFFFF ? 2 : 1;
        }

        var name = _text[_at..end];
        var first = PyText.CodePointAt(name, 0);
        if (char.IsAsciiDigit(name[0]) || (!ascii && !(PyText.IsLetter(first) || first == '_')))
        {
            throw Fail("a name has a character that names cannot have", _at);
        }

        Add(TokenKind.Name, _at, end, name);
        Move(end);
    }

    private bool NumberAt(out int end, out bool isFloat)
    {
        isFloat = false;
        if ((_at == 0 || _text[_at - 1] != '.') && Digits(_at, out end))
        {
            var point = end;
            if (point < _text.Length && _text[point] == '.' && Digits(point + 1, out var fraction))
            {
                end = fraction;
                isFloat = true;
            }

            if (end < _text.Length && _text[end] is 'e' or 'E')
            {
                var sign = end + 1 < _text.Length && _text[end + 1] is '+' or '-' ? 2 : 1;
                if (Digits(end + sign, out var exponent))
                {
                    end = exponent;
                    isFloat = true;
                }
            }

            if (isFloat)
            {
                return true;
            }
        }

        return IntegerAt(out end);
    }

    private bool IntegerAt(out int end)
    {
        end = _at + 1;
        if (_text[_at] != '0')
        {
            return Digits(_at, out end);
        }

        var kind = end < _text.Length ? char.ToLowerInvariant(_text[end]) : '\0';
        if (kind is 'b' or 'o' or 'x')
        {
            var at = end + 1;
            var last = at;
            while (true)
            {
                var digit = at < _text.Length && _text[at] == '_' ? at + 1 : at;
                if (digit >= _text.Length || !IsDigitOf(kind, _text[digit]))
                {
                    break;
                }

                at = digit + 1;
                last = at;
            }

            if (last > end + 1)
            {
                end = last;
                return true;
            }
        }

        while (end < _text.Length && (_text[end] == '0' || (_text[end] == '_' && end + 1 < _text.Length && _text[end + 1] == '0')))
        {
            end += _text[end] == '0' ? 1 : 2;
        }

        return true;
    }

    private static bool IsDigitOf(char kind, char c) => kind switch
    {
        'b' => c is '0' or '1',
        'o' => c is >= '0' and <= '7',
        _ => char.IsAsciiHexDigit(c),
    };

    // Digits, single underscores between them.
    private bool Digits(int at, out int end)
    {
        end = at;
        while (end < _text.Length && (char.IsAsciiDigit(_text[end])
            || (_text[end] == '_' && end > at && end + 1 < _text.Length && char.IsAsciiDigit(_text[end + 1]))))
        {
            end++;
        }

        return end > at;
    }

    private int StringEnd(char quote)
    {
        for (var i = _at + 1; i < _text.Length; i++)
        {
            if (_text[i] == '\\')
            {
                i++;
            }
            else if (_text[i] == quote)
            {
                return i + 1;
            }
        }

        return -1;
    }

    private void Operator(char c)
    {
        var next = _at + 1 < _text.Length ? _text[_at + 1] : '\0';
        var (kind, length) = (c, next) switch
        {
            ('/', '/') => (TokenKind.DoubleSlash, 2),
            ('*', '*') => (TokenKind.DoubleStar, 2),
            ('=', '=') => (TokenKind.Equal, 2),
            ('!', '=') => (TokenKind.NotEqual, 2),
            ('<', '=') => (TokenKind.LessEqual, 2),
            ('>', '=') => (TokenKind.GreaterEqual, 2),
            ('+', _) => (TokenKind.Plus, 1),
            ('-', _) => (TokenKind.Minus, 1),
            ('/', _) => (TokenKind.Slash, 1),
            ('*', _) => (TokenKind.Star, 1),
            ('%', _) => (TokenKind.Percent, 1),
            ('~', _) => (TokenKind.Tilde, 1),
            ('(', _) => (TokenKind.LeftParen, 1),
            (')', _) => (TokenKind.RightParen, 1),
            ('[', _) => (TokenKind.LeftBracket, 1),
            (']', _) => (TokenKind.RightBracket, 1),
            ('{', _) => (TokenKind.LeftBrace, 1),
            ('}', _) => (TokenKind.RightBrace, 1),
            ('<', _) => (TokenKind.Less, 1),
            ('>', _) => (TokenKind.Greater, 1),
            ('=', _) => (TokenKind.Assign, 1),
            ('.', _) => (TokenKind.Dot, 1),
            (':', _) => (TokenKind.Colon, 1),
            ('|', _) => (TokenKind.Pipe, 1),
            (',', _) => (TokenKind.Comma, 1),
            (';', _) => (TokenKind.Semicolon, 1),
            _ => (TokenKind.Error, 0),
        };
        switch (kind)
        {
            case TokenKind.Error:
                throw Fail($"the character {PyText.OfCodePoint(PyText.CodePointAt(_text, _at))} is not expected here", _at);
            case TokenKind.LeftParen:
                _open.Push(')');
                break;
            case TokenKind.LeftBracket:
                _open.Push(']');
                break;
            case TokenKind.LeftBrace:
                _open.Push('}');
                break;
            case TokenKind.RightParen or TokenKind.RightBracket or TokenKind.RightBrace:
                if (!_open.TryPop(out var expected))
                {
                    throw Fail($"'{c}' closes nothing", _at);
                }

                if (expected != c)
                {
                    throw Fail($"'{c}' where '{expected}' is expected", _at);
                }

                break;
        }

        Add(kind, _at, _at + length, string.Empty);
        Move(_at + length);
    }

    private string Unescape(string raw)
    {
        if (_options.NewlineSequence != "\n")
        {
            raw = raw.Replace("\n", _options.NewlineSequence, StringComparison.Ordinal);
        }

        if (!raw.Contains('\\', StringComparison.Ordinal))
        {
            return raw;
        }

        var text = new StringBuilder(raw.Length);
        for (var i = 0; i < raw.Length; i++)
        {
            if (raw[i] != '\\' || i + 1 >= raw.Length)
            {
                text.Append(raw[i]);
                continue;
            }

            i++;
            switch (raw[i])
            {
                case '\n':
                    break;
                case '\\' or '\'' or '"':
                    text.Append(raw[i]);
                    break;
                case 'a':
                    text.Append('\a');
                    break;
                case 'b':
                    text.Append('\b');
                    break;
                case 'f':
                    text.Append('\f');
                    break;
                case 'n':
                    text.Append('\n');
                    break;
                case 'r':
                    text.Append('\r');
                    break;
                case 't':
                    text.Append('\t');
                    break;
                case 'v':
                    text.Append('\v');
                    break;
                case >= '0' and <= '7':
                    var octal = raw[i] - '0';
                    for (var digits = 1; digits < 3 && i + 1 < raw.Length && raw[i + 1] is >= '0' and <= '7'; digits++)
                    {
                        octal = (octal * 8) + raw[++i] - '0';
                    }

                    text.Append((char)octal);
                    break;
                case 'x':
                    Hex(raw, ref i, 2, text);
                    break;
                case 'u':
                    Hex(raw, ref i, 4, text);
                    break;
                case 'U':
                    Hex(raw, ref i, 8, text);
                    break;
                case 'N':
                    throw Fail("characters by name are not supported in strings", _at);
                default:
                    text.Append('\\').Append(raw[i]);
                    break;
            }
        }

        return text.ToString();
    }

    private void Hex(string raw, ref int at, int count, StringBuilder text)
    {
        if (at + count >= raw.Length
            || !uint.TryParse(raw.AsSpan(at + 1, count), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
            || code > 0x10FFFF)
        {
            throw Fail("an escape in a string is cut short or too large", _at);
        }

        text.Append(PyText.OfCodePoint((int)code));
        at += count;
    }
}
