using PromptStudio.Core.Templating.Jinja.Nodes;

namespace PromptStudio.Core.Templating.Jinja.Syntax;

/// <summary>Parses a template.</summary>
internal sealed partial class Parser : ExpressionParser
{
    private const int DeepestBlocks = 80;

    private readonly SourceText _source;
    private readonly Stack<Token> _openTags = new();
    private readonly HashSet<string> _blockNames = new(StringComparer.Ordinal);
    private Stmt? _before;
    private bool _soft;
    private int _mark = 1;

    // Whether the template is known to have a parent, and the blocks and macros around: only these are still printed then.
    private bool _isChild;
    private int _functions;
    private int _loops;
    private bool _isTop = true;

    public Parser(SourceText source, TemplateOptions options)
        : base(Lexer.Lex(source, options), options)
    {
        _source = source;
        Escape = options.Autoescape ? EscapeMode.On : EscapeMode.Off;
    }

    public List<TemplateReference> References { get; } = [];

    /// <summary>Names that the template sets somewhere, for suggestions.</summary>
    public HashSet<string> SetNames { get; } = new(StringComparer.Ordinal);

    public bool HasExtends { get; private set; }

    /// <summary>Whether what the top sets can be looked up elsewhere.</summary>
    public bool IsShared { get; private set; }

    public Body Template()
    {
        var body = Statements([]);
        return body;
    }

    private static bool IsEnd(Token token, ReadOnlySpan<string> ends)
    {
        foreach (var end in ends)
        {
            if (token.IsName(end))
            {
                return true;
            }
        }

        return false;
    }

    // Statements up to one of the end tags, which stays the current token.
    private Body Statements(ReadOnlySpan<string> ends)
    {
        var statements = new List<Stmt>();
        while (Kind != TokenKind.End)
        {
            switch (Kind)
            {
                case TokenKind.Data:
                    var data = Next();
                    AddText(statements, data.Text, data);
                    break;
                case TokenKind.VariableBegin:
                    var open = Next();
                    Print(statements, open);
                    break;
                default:
                    Expect(TokenKind.BlockBegin);
                    if (ends.Length > 0 && IsEnd(Current, ends))
                    {
                        return new Body([.. statements], _source);
                    }

                    var statement = Statement(ends);
                    if (statement is not null)
                    {
                        statements.Add(statement);
                    }

                    Expect(TokenKind.BlockEnd);
                    break;
            }
        }

        return ends.Length == 0 ? new Body([.. statements], _source) : throw UnexpectedEnd(ends);
    }

    private static void AddText(List<Stmt> statements, string text, Token at)
    {
        if (statements.Count > 0 && statements[^1] is TextStmt before)
        {
            statements[^1] = new TextStmt(before.Text + text) { Line = before.Line, Start = before.Start, End = at.End };
        }
        else
        {
            statements.Add(new TextStmt(text) { Line = at.Line, Start = at.Start, End = at.End });
        }
    }

    private void Print(List<Stmt> statements, Token open)
    {
        var from = Names.Count;
        var unknown = Unknown.Count;
        var slices = Slices;
        var value = Tuple();
        if (_isChild && _functions == 0)
        {
            // Never printed, and so never compiled.
            Tolerate(unknown);
        }

        Settle(unknown);
        Expect(TokenKind.VariableEnd);
        value = Slices > slices && value.IsConstant ? new FoldedExpr(value) { Line = value.Line, Start = value.Start, End = value.End } : value;
        AddPrint(statements, value, from, open);
    }

    private void AddPrint(List<Stmt> statements, Expr value, int from, Token open)
    {
        if (value is ConstExpr { Value.Kind: Runtime.Kind.Str } constant && Escape == EscapeMode.Off)
        {
            AddText(statements, constant.Value.Text, open);
        }
        else
        {
            statements.Add(new PrintStmt(value, Since(from), Escape) { Line = value.Line, Start = value.Start, End = value.End });
            _mark = value.IsConstant ? _mark : value.Line;
        }
    }

    // The statements of a block statement: after its own end to one of the end tags, which is taken.
    private Body Block(bool takeEnd, params ReadOnlySpan<string> ends)
    {
        Skip(TokenKind.Colon);
        Expect(TokenKind.BlockEnd);
        var body = Statements(ends);
        if (takeEnd)
        {
            Next();
        }

        return body;
    }

    // A block whose unknown filters fail at once and whose statements are no longer the top's.
    private Body InnerBlock(bool takeEnd, params ReadOnlySpan<string> ends)
    {
        var (soft, top) = (_soft, _isTop);
        (_soft, _isTop) = (false, false);
        var body = Block(takeEnd, ends);
        (_soft, _isTop) = (soft, top);
        return body;
    }

    // The same of what is a function in Python, or has its text kept.
    private Body FunctionBlock(params ReadOnlySpan<string> ends)
    {
        _functions++;
        var body = InnerBlock(true, ends);
        _functions--;
        return body;
    }

    private NameRange Since(int from) => new(from, Names.Count);

    private bool Uses(int from, string name)
    {
        for (var i = from; i < Names.Count; i++)
        {
            if (Names[i].Name == name)
            {
                return !Names[i].IsStore;
            }
        }

        return false;
    }

    private Stmt? Statement(ReadOnlySpan<string> ends)
    {
        var token = Current;
        if (token.Kind != TokenKind.Name)
        {
            throw Fail($"a statement's name is expected here, not {token.Describe()}");
        }

        if (_openTags.Count >= DeepestBlocks)
        {
            throw Fail($"statements are nested deeper than {DeepestBlocks}");
        }

        _openTags.Push(token);
        var unknown = Unknown.Count;
        Mark(token, isBefore: true);
        var statement = Parse(token);
        Mark(token, isBefore: false);
        if (statement is null)
        {
            _openTags.Pop();
            throw UnknownTag(token, ends);
        }

        Settle(unknown);
        _openTags.Pop();
        statement.Line = statement.Line == 0 ? token.Line : statement.Line;
        statement.Start = token.Start;
        statement.End = Current.Start;
        _before = statement;
        return statement;
    }

    // Jinja2 notes the lines of what it compiles as it writes it down: with and autoescape are not noted, and have the line of what is before them;
    // what has its text first is noted behind it.
    private void Mark(Token token, bool isBefore)
    {
        var isNoted = token.Text switch
        {
            "with" or "autoescape" or "print" => false,
            "set" or "filter" => !isBefore,
            "call" or "block" => true,
            _ => isBefore,
        };
        _mark = isNoted ? token.Line : _mark;
    }

    // What belongs to a scope of its own, though it stands before it: unknown filters in it fail at once.
    private Expr Hard(Func<Expr> parse)
    {
        var soft = _soft;
        _soft = false;
        var unknown = Unknown.Count;
        var expr = parse();
        Settle(unknown);
        _soft = soft;
        return expr;
    }

    // Inside an if, a filter that does not exist fails only when it is reached.
    private void Settle(int mark)
    {
        if (_soft)
        {
            Tolerate(mark);
        }
        else
        {
            Late.AddRange(Unknown.GetRange(mark, Unknown.Count - mark));
            Unknown.RemoveRange(mark, Unknown.Count - mark);
        }
    }

    private Stmt? Parse(Token token) => token.Text switch
    {
        "for" => For(),
        "if" => If(),
        "block" => BlockStatement(),
        "extends" => Extends(),
        "print" => PrintStatement(),
        "macro" => Macro(),
        "include" => Include(),
        "from" => FromImport(),
        "import" => Import(),
        "set" => Set(),
        "with" => With(),
        "autoescape" => Autoescape(),
        "call" => CallBlock(),
        "filter" => FilterBlock(),
        "do" when Options.DoStatement => Do(),
        "break" when Options.LoopControls => LoopControl(Signal.Break),
        "continue" when Options.LoopControls => LoopControl(Signal.Continue),
        "generation" when Options.Profile == TemplateProfile.HuggingFaceChat => Generation(),
        _ => null,
    };

    private SyntaxException UnknownTag(Token token, ReadOnlySpan<string> ends)
    {
        string[] known =
        [
            "for", "if", "block", "extends", "print", "macro", "include", "from", "import", "set", "with", "autoescape", "call", "filter",
            .. ends.ToArray(),
        ];
        var open = ends.Length == 0 ? string.Empty
            : $"; open is '{_openTags.Peek().Text}' of line {_openTags.Peek().Line}, which wants {string.Join(" or ", ends.ToArray())}";
        return new SyntaxException($"'{token.Text}' is no statement here{open}", token.Line, token.Start, token.End)
        {
            Suggestion = Spelling.Nearest(token.Text, known),
        };
    }

    private SyntaxException UnexpectedEnd(ReadOnlySpan<string> ends) =>
        Fail($"the template ends, but '{_openTags.Peek().Text}' of line {_openTags.Peek().Line} is open: {string.Join(" or ", ends.ToArray())} is missing");
}
