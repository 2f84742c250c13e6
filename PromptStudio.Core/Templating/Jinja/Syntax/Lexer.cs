using System.Buffers;
using PromptStudio.Core.Templating.Jinja.Runtime;

namespace PromptStudio.Core.Templating.Jinja.Syntax;

/// <summary>Cuts a template's text into tokens. A fault ends the list as an error token, so that the parser meets it in its order.</summary>
internal sealed partial class Lexer
{
    private readonly string _text;
    private readonly TemplateOptions _options;
    private readonly List<Token> _tokens = [];
    private readonly Stack<char> _open = new();
    private readonly Opening[] _openings;
    private readonly SearchValues<char>? _firsts;
    private int _at;
    private int _line = 1;
    private int _lineAt;
    private bool _lineStarting = true;

    private Lexer(string text, TemplateOptions options)
    {
        _text = text;
        _options = options;
        _openings = Openings(options);
        _firsts = ReferenceEquals(_openings, UsualOpenings) ? UsualFirsts : options.LineStatementPrefix is null && options.LineCommentPrefix is null
            ? SearchValues.Create([options.BlockStart[0], options.VariableStart[0], options.CommentStart[0]]) : null;
    }

    private enum Part
    {
        Comment,
        Block,
        Variable,
        LineStatement,
        LineComment,
    }

    private static Opening[] UsualOpenings { get; } =
        [new(Part.Variable, "{{"), new(Part.Comment, "{#"), new(Part.Block, "{%")];

    private static SearchValues<char> UsualFirsts { get; } = SearchValues.Create("{");

    public static List<Token> Lex(SourceText source, TemplateOptions options)
    {
        var lexer = new Lexer(source.Text, options);
        try
        {
            lexer.Root();
            lexer.Add(TokenKind.End, lexer._text.Length, lexer._text.Length, string.Empty);
        }
        catch (LexicalException e)
        {
            lexer._tokens.Add(new Token(TokenKind.Error, e.Line, e.At, Math.Min(lexer._text.Length, e.At + 1), e.Message));
        }

        return lexer._tokens;
    }

    // Longest first; of equal lengths, in Jinja2's order.
    private static Opening[] Openings(TemplateOptions options)
    {
        if (options is { BlockStart: "{%", VariableStart: "{{", CommentStart: "{#", LineStatementPrefix: null, LineCommentPrefix: null })
        {
            return UsualOpenings;
        }

        var all = new List<Opening>
        {
            new(Part.Variable, options.VariableStart),
            new(Part.Comment, options.CommentStart),
            new(Part.Block, options.BlockStart),
        };
        if (options.LineStatementPrefix is { } statement)
        {
            all.Add(new(Part.LineStatement, statement));
        }

        if (options.LineCommentPrefix is { } comment)
        {
            all.Add(new(Part.LineComment, comment));
        }

        string[] order = ["variable_begin", "linestatement_begin", "linecomment_begin", "comment_begin", "block_begin"];
        string Name(Part part) => order[part switch { Part.Variable => 0, Part.LineStatement => 1, Part.LineComment => 2, Part.Comment => 3, _ => 4 }];
        all.Sort((a, b) => a.Text.Length != b.Text.Length ? b.Text.Length.CompareTo(a.Text.Length)
            : string.CompareOrdinal(Name(b.Part), Name(a.Part)));
        return [.. all];
    }

    private void Root()
    {
        while (_at < _text.Length)
        {
            if (!FindOpening(out var start, out var end, out var part, out var isRaw))
            {
                Data(_text.Length);
                _at = _text.Length;
                return;
            }

            var sign = isRaw ? SignAt(start + _options.BlockStart.Length) : SignAt(end);
            DataBefore(start, sign, isVariable: !isRaw && part == Part.Variable);
            if (isRaw)
            {
                Move(end);
                Raw();
                continue;
            }

            end += sign == '\0' ? 0 : 1;
            switch (part)
            {
                case Part.Comment:
                    Move(end);
                    Comment(start);
                    break;
                case Part.LineComment:
                    var lineEnd = _text.IndexOf('\n', end);
                    Move(lineEnd < 0 ? _text.Length : lineEnd);
                    _lineStarting = false;
                    break;
                case Part.Variable:
                    Add(TokenKind.VariableBegin, start, end, string.Empty);
                    Move(end);
                    Inside(Part.Variable);
                    break;
                default:
                    Add(TokenKind.BlockBegin, start, end, string.Empty);
                    Move(end);
                    Inside(part);
                    break;
            }
        }
    }

    private bool FindOpening(out int start, out int end, out Part part, out bool isRaw)
    {
        for (var at = _at; at < _text.Length; at++)
        {
            if (_firsts is not null)
            {
                var next = _text.AsSpan(at).IndexOfAny(_firsts);
                if (next < 0)
                {
                    break;
                }

                at += next;
            }

            if (RawAt(at, out end))
            {
                (start, part, isRaw) = (at, Part.Block, true);
                return true;
            }

            foreach (var opening in _openings)
            {
                if (OpensAt(opening, at, out end))
                {
                    (start, part, isRaw) = (at, opening.Part, false);
                    return true;
                }
            }
        }

        (start, end, part, isRaw) = (0, 0, default, false);
        return false;
    }

    private bool OpensAt(Opening opening, int at, out int end)
    {
        end = at;
        if (opening.Part is Part.LineStatement or Part.LineComment)
        {
            var atLineStart = at == 0 || _text[at - 1] == '\n';
            if (!atLineStart && (opening.Part == Part.LineStatement || PyText.IsSpace(_text[at - 1])))
            {
                return false;
            }

            while (end < _text.Length && (opening.Part == Part.LineStatement
                ? _text[end] is ' ' or '\t' or '\v' : PyText.IsSpace(_text[end]) && _text[end] != '\n'))
            {
                end++;
            }
        }

        if (!Is(opening.Text, end))
        {
            return false;
        }

        end += opening.Text.Length;
        return true;
    }

    private bool RawAt(int at, out int end)
    {
        end = at;
        if (!Is(_options.BlockStart, at))
        {
            return false;
        }

        end += _options.BlockStart.Length;
        end += SignAt(end) == '\0' ? 0 : 1;
        end = SkipSpace(end);
        if (!Is("raw", end))
        {
            return false;
        }

        end = SkipSpace(end + 3);
        if (end < _text.Length && _text[end] == '-' && Is(_options.BlockEnd, end + 1))
        {
            end = SkipSpace(end + 1 + _options.BlockEnd.Length);
            return true;
        }

        if (!Is(_options.BlockEnd, end))
        {
            return false;
        }

        end += _options.BlockEnd.Length;
        return true;
    }

    private void Raw()
    {
        for (var at = _text.IndexOf(_options.BlockStart, _at, StringComparison.Ordinal); at >= 0;
            at = _text.IndexOf(_options.BlockStart, at + 1, StringComparison.Ordinal))
        {
            var afterSign = at + _options.BlockStart.Length;
            var sign = SignAt(afterSign);
            var end = SkipSpace(afterSign + (sign == '\0' ? 0 : 1));
            if (Is("endraw", end) && BlockEndAt(SkipSpace(end + 6), out var after))
            {
                DataBefore(at, sign, isVariable: false);
                Move(after);
                return;
            }
        }

        if (_at == _text.Length)
        {
            return;
        }

        throw Fail("a raw block is never closed: endraw is missing", _at);
    }

    private void Comment(int start)
    {
        var end = _text.IndexOf(_options.CommentEnd, _at, StringComparison.Ordinal);
        if (end < 0 && _at == _text.Length)
        {
            // Nothing after it to be lost: Jinja2 lets it pass.
            return;
        }

        if (end < 0)
        {
            throw Fail($"a comment is never closed: '{_options.CommentEnd}' is missing", start);
        }

        var sign = end > _at ? _text[end - 1] : '\0';
        end += _options.CommentEnd.Length;
        Move(sign == '-' ? SkipSpace(end) : sign == '+' ? end : TrimNewline(end));
    }

    // Text up to a tag, without the white space that the tag's sign or the options take away.
    private void DataBefore(int end, char sign, bool isVariable)
    {
        var kept = end;
        if (sign == '-')
        {
            while (kept > _at && PyText.IsSpace(_text[kept - 1]))
            {
                kept--;
            }
        }
        else if (sign != '+' && _options.LstripBlocks && !isVariable && end > _at)
        {
            var lineStart = _text.LastIndexOf('\n', end - 1, end - _at) + 1;
            if (lineStart == 0)
            {
                lineStart = _at;
            }

            if ((lineStart > _at || _lineStarting) && lineStart < end && PyText.IsSpace(_text.AsSpan(lineStart, end - lineStart)))
            {
                kept = lineStart;
            }
        }

        Data(kept);
        Move(end);
    }

    private void Data(int end)
    {
        if (end > _at)
        {
            var text = _text[_at..end];
            Add(TokenKind.Data, _at, end, _options.NewlineSequence == "\n" ? text
                : text.Replace("\n", _options.NewlineSequence, StringComparison.Ordinal));
        }
    }

    private void Add(TokenKind kind, int start, int end, string text) => _tokens.Add(new Token(kind, LineOf(start), start, end, text));

    private int LineOf(int at)
    {
        if (at > _lineAt)
        {
            _line += _text.AsSpan(_lineAt, at - _lineAt).Count('\n');
            _lineAt = at;
        }

        return _line;
    }

    private void Move(int to)
    {
        if (to > _at)
        {
            _lineStarting = _text[to - 1] == '\n';
        }

        _at = to;
    }

    private bool BlockEndAt(int at, out int end)
    {
        end = at;
        if (at < _text.Length && _text[at] is '+' or '-' && Is(_options.BlockEnd, at + 1))
        {
            end = at + 1 + _options.BlockEnd.Length;
            end = _text[at] == '-' ? SkipSpace(end) : end;
            return true;
        }

        if (!Is(_options.BlockEnd, at))
        {
            return false;
        }

        end = TrimNewline(at + _options.BlockEnd.Length);
        return true;
    }

    private int TrimNewline(int at) => _options.TrimBlocks && at < _text.Length && _text[at] == '\n' ? at + 1 : at;

    private bool Is(string expected, int at) =>
        at <= _text.Length - expected.Length && _text.AsSpan(at).StartsWith(expected, StringComparison.Ordinal);

    private char SignAt(int at) => at < _text.Length && _text[at] is '-' or '+' ? _text[at] : '\0';

    private int SkipSpace(int at)
    {
        while (at < _text.Length && PyText.IsSpace(_text[at]))
        {
            at++;
        }

        return at;
    }

    private LexicalException Fail(string message, int at) => new(message, LineOf(at), at);

    private readonly record struct Opening(Part Part, string Text);

#pragma warning disable CA1064 // Caught where it is thrown.
    private sealed class LexicalException(string message, int line, int at) : Exception(message)
    {
        public int Line => line;

        public int At => at;
    }
#pragma warning restore CA1064
}
