using System.Globalization;
using System.Numerics;
using System.Text;
using PromptStudio.Core.Templating.Jinja.Library;
using PromptStudio.Core.Templating.Jinja.Nodes;
using PromptStudio.Core.Templating.Jinja.Runtime;

namespace PromptStudio.Core.Templating.Jinja.Syntax;

/// <summary>Parses expressions. Depth and height of what it builds are bounded, so that no text can exhaust the stack.</summary>
internal abstract class ExpressionParser(List<Token> tokens, TemplateOptions options) : TokenStream(tokens)
{
    private const int DeepestNesting = 150;
    private const int Highest = 600;

    private static readonly string[] NoNames = [];

    private int _depth;

    public TemplateOptions Options => options;

    /// <summary>All names of expressions and targets, in the order of the text.</summary>
    public List<NameExpr> Names { get; } = [];

    /// <summary>Faults that Jinja2's compiler finds after all syntax is right; the first is the template's fault.</summary>
    public List<SyntaxException> Late { get; } = [];

    /// <summary>Slices met so far.</summary>
    protected int Slices { get; private set; }

    /// <summary>Unknown filters and tests, met but not reported yet.</summary>
    public List<SyntaxException> Unknown { get; } = [];

    /// <summary>Unknown filters and tests that only fail when they are reached.</summary>
    public List<SyntaxException> Tolerated { get; } = [];

    /// <summary>Escaping at this place of the text.</summary>
    protected EscapeMode Escape { get; set; }

    protected Expr Expression(bool allowConditional = true)
    {
        Deeper();
        var expr = allowConditional ? Conditional() : Or();
        _depth--;
        return expr;
    }

    /// <summary>One expression, or several that make a tuple.</summary>
    protected Expr Tuple(bool allowConditional = true, bool inParentheses = false)
    {
        var line = Current.Line;
        var start = Current.Start;
        var items = new List<Expr>();
        var isTuple = false;
        while (true)
        {
            if (items.Count > 0)
            {
                Expect(TokenKind.Comma);
            }

            if (IsTupleEnd())
            {
                break;
            }

            items.Add(Expression(allowConditional));
            if (Kind != TokenKind.Comma)
            {
                break;
            }

            isTuple = true;
            line = Current.Line;
        }

        if (!isTuple)
        {
            if (items.Count > 0)
            {
                return items[0];
            }

            if (!inParentheses)
            {
                throw Fail($"an expression is expected here, not {Current.Describe()}");
            }
        }

        return Made(new TupleExpr([.. items]), line, start);
    }

    // Names end no tuple, not even 'in': Jinja2 has 'for a, in b' read as a tuple of two.
    protected bool IsTupleEnd() => Kind is TokenKind.VariableEnd or TokenKind.BlockEnd or TokenKind.RightParen;

    protected void Deeper()
    {
        if (++_depth > DeepestNesting)
        {
            throw Fail($"expressions are nested deeper than {DeepestNesting}");
        }
    }

    protected void Shallower() => _depth--;

    protected T Made<T>(T node, int line, int start)
        where T : Node
    {
        node.Line = line;
        node.Start = start;
        node.End = LastEnd;
        return node is Expr { Height: > Highest } ? throw Fail($"an expression has more than {Highest} operations inside each other") : node;
    }

    protected NameExpr NameOf(Token token, bool isStore)
    {
        var name = new NameExpr(token.Text, isStore) { Line = token.Line, Start = token.Start, End = token.End };
        Names.Add(name);
        return name;
    }

    protected Expr Filters(Expr? value, bool startInline = false)
    {
        var expr = value;
        var start = value?.Start ?? Current.Start;
        while (Kind == TokenKind.Pipe || startInline)
        {
            if (!startInline)
            {
                Next();
            }

            startInline = false;
            var token = Expect(TokenKind.Name);
            var name = DottedName(token);
            var arguments = Kind == TokenKind.LeftParen ? CallArguments() : ArgumentList.None;
            expr = Made(new BuiltinExpr(expr!, name, Find(name, token, false), arguments, false), token.Line, start);
        }

        return expr!;
    }

    protected ArgumentList CallArguments()
    {
        var open = Expect(TokenKind.LeftParen);
        Deeper();
        var positional = new List<Expr>();
        List<string>? names = null;
        List<Expr>? named = null;
        Expr? star = null;
        Expr? doubleStar = null;
        var needComma = false;
        while (Kind != TokenKind.RightParen)
        {
            if (needComma)
            {
                Expect(TokenKind.Comma);
                if (Kind == TokenKind.RightParen)
                {
                    break;
                }
            }

            needComma = true;
            if (Kind == TokenKind.Star)
            {
                Ensure(star is null && doubleStar is null, open);
                Next();
                star = Expression();
            }
            else if (Kind == TokenKind.DoubleStar)
            {
                Ensure(doubleStar is null, open);
                Next();
                doubleStar = Expression();
            }
            else if (Kind == TokenKind.Name && Look().Kind == TokenKind.Assign)
            {
                Ensure(doubleStar is null, open);
                var name = Next();
                Next();
                if (names is not null && names.Contains(name.Text))
                {
                    throw FailAt($"the argument '{name.Text}' is given twice", name, "SyntaxError");
                }

                (names ??= []).Add(name.Text);
                (named ??= []).Add(Expression());
            }
            else
            {
                Ensure(star is null && doubleStar is null && names is null, open);
                positional.Add(Expression());
            }
        }

        Expect(TokenKind.RightParen);
        Shallower();
        return positional.Count == 0 && names is null && star is null && doubleStar is null ? ArgumentList.None
            : new ArgumentList([.. positional], names is null ? NoNames : [.. names], named is null ? [] : [.. named], star, doubleStar);
    }

    /// <summary>A name, constant, list, dict or parenthesis.</summary>
    protected Expr Primary()
    {
        var token = Current;
        switch (token.Kind)
        {
            case TokenKind.Name:
                Next();
                return token.Text switch
                {
                    "true" or "True" => Made(new ConstExpr(Value.True), token.Line, token.Start),
                    "false" or "False" => Made(new ConstExpr(Value.False), token.Line, token.Start),
                    "none" or "None" => Made(new ConstExpr(Value.None), token.Line, token.Start),
                    _ => NameOf(token, false),
                };
            case TokenKind.String:
                return Made(new ConstExpr(Value.Of(Strings())), token.Line, token.Start);
            case TokenKind.Integer:
                Next();
                return Made(new ConstExpr(Integer(token)), token.Line, token.Start);
            case TokenKind.Float:
                Next();
                var number = double.Parse(token.Text.Replace("_", string.Empty, StringComparison.Ordinal), CultureInfo.InvariantCulture);
                return Made(new ConstExpr(Value.Of(number)), token.Line, token.Start);
            case TokenKind.LeftParen:
                Next();
                Deeper();
                var tuple = Tuple(inParentheses: true);
                Shallower();
                Expect(TokenKind.RightParen);
                return tuple;
            case TokenKind.LeftBracket:
                return ListLiteral();
            case TokenKind.LeftBrace:
                return DictLiteral();
            default:
                throw Fail($"an expression is expected here, not {token.Describe()}");
        }
    }

    protected Expr Postfix(Expr expr)
    {
        while (true)
        {
            switch (Kind)
            {
                case TokenKind.Dot or TokenKind.LeftBracket:
                    expr = Subscript(expr);
                    break;
                case TokenKind.LeftParen:
                    expr = Call(expr);
                    break;
                default:
                    return expr;
            }
        }
    }

    private static Value Integer(Token token)
    {
        var digits = token.Text.Replace("_", string.Empty, StringComparison.Ordinal);
        if (digits.Length > 4300)
        {
            throw FailAt("a number has more than 4300 digits", token);
        }

        if (digits.Length > 2 && digits[0] == '0' && char.IsAsciiLetter(digits[1]))
        {
            var shift = char.ToLowerInvariant(digits[1]) switch { 'x' => 4, 'o' => 3, _ => 1 };
            var value = BigInteger.Zero;
            foreach (var digit in digits.AsSpan(2))
            {
                value = (value << shift) + Convert.ToInt32(digit.ToString(), 16);
            }

            return Value.Of(value);
        }

        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var small)
            ? Value.Of(small) : Value.Of(BigInteger.Parse(digits, CultureInfo.InvariantCulture));
    }

    private static void Ensure(bool holds, Token open)
    {
        if (!holds)
        {
            throw FailAt("the arguments of a call are in a wrong order", open);
        }
    }

    private Expr Conditional()
    {
        var line = Current.Line;
        var start = Current.Start;
        var pending = Unknown.Count;
        var expr = Or();
        while (SkipName("if"))
        {
            var test = Or();
            Expr? otherwise = null;
            if (SkipName("else"))
            {
                Deeper();
                otherwise = Conditional();
                Shallower();
            }

            Tolerate(pending);
            expr = Made(new ConditionalExpr(test, expr, otherwise), line, start);
            line = Current.Line;
        }

        return expr;
    }

    /// <summary>Unknown filters and tests since a mark fail only when they are reached.</summary>
    protected void Tolerate(int mark)
    {
        if (Unknown.Count > mark)
        {
            Tolerated.AddRange(Unknown.GetRange(mark, Unknown.Count - mark));
            Unknown.RemoveRange(mark, Unknown.Count - mark);
        }
    }

    private Expr Or()
    {
        var line = Current.Line;
        var start = Current.Start;
        var left = And();
        while (SkipName("or"))
        {
            left = Made(new LogicExpr(false, left, And()), line, start);
            line = Current.Line;
        }

        return left;
    }

    private Expr And()
    {
        var line = Current.Line;
        var start = Current.Start;
        var left = Not();
        while (SkipName("and"))
        {
            left = Made(new LogicExpr(true, left, Not()), line, start);
            line = Current.Line;
        }

        return left;
    }

    private Expr Not()
    {
        if (!Current.IsName("not"))
        {
            return Compare();
        }

        var token = Next();
        Deeper();
        var operand = Not();
        Shallower();
        return Made(new NotExpr(operand), token.Line, token.Start);
    }

    private Expr Compare()
    {
        var line = Current.Line;
        var start = Current.Start;
        var first = Sum();
        List<CompareSign>? signs = null;
        List<Expr>? operands = null;
        while (true)
        {
            CompareSign sign;
            if (CompareExpr.SignOf(Kind) is { } known)
            {
                Next();
                sign = known;
            }
            else if (SkipName("in"))
            {
                sign = CompareSign.In;
            }
            else if (Current.IsName("not") && Look().IsName("in"))
            {
                Next();
                Next();
                sign = CompareSign.NotIn;
            }
            else
            {
                break;
            }

            (signs ??= []).Add(sign);
            (operands ??= []).Add(Sum());
            line = Current.Line;
        }

        return signs is null ? first : Made(new CompareExpr(first, [.. signs], [.. operands!]), line, start);
    }

    private Expr Sum()
    {
        var line = Current.Line;
        var start = Current.Start;
        var left = Concat();
        while (Kind is TokenKind.Plus or TokenKind.Minus)
        {
            var op = Next().Kind;
            left = Made(new ArithmeticExpr(op, left, Concat()), line, start);
            line = Current.Line;
        }

        return left;
    }

    private Expr Concat()
    {
        var line = Current.Line;
        var start = Current.Start;
        var first = Product();
        if (Kind != TokenKind.Tilde)
        {
            return first;
        }

        var parts = new List<Expr> { first };
        while (Skip(TokenKind.Tilde))
        {
            parts.Add(Product());
        }

        return Made(new ConcatExpr([.. parts], Escape == EscapeMode.On), line, start);
    }

    private Expr Product()
    {
        var line = Current.Line;
        var start = Current.Start;
        var left = Power();
        while (Kind is TokenKind.Star or TokenKind.Slash or TokenKind.DoubleSlash or TokenKind.Percent)
        {
            var op = Next().Kind;
            left = Made(new ArithmeticExpr(op, left, Power()), line, start);
            line = Current.Line;
        }

        return left;
    }

    private Expr Power()
    {
        var line = Current.Line;
        var start = Current.Start;
        var left = Unary(true);
        while (Skip(TokenKind.DoubleStar))
        {
            left = Made(new ArithmeticExpr(TokenKind.DoubleStar, left, Unary(true)), line, start);
            line = Current.Line;
        }

        return left;
    }

    private Expr Unary(bool withFilters)
    {
        var token = Current;
        Expr expr;
        if (Kind is TokenKind.Minus or TokenKind.Plus)
        {
            Next();
            Deeper();
            var operand = Unary(false);
            Shallower();
            expr = Made(new SignExpr(token.Kind == TokenKind.Minus, operand), token.Line, token.Start);
        }
        else
        {
            expr = Primary();
        }

        expr = Postfix(expr);
        if (!withFilters)
        {
            return expr;
        }

        while (true)
        {
            if (Kind == TokenKind.Pipe)
            {
                expr = Filters(expr);
            }
            else if (Current.IsName("is"))
            {
                expr = Test(expr);
            }
            else if (Kind == TokenKind.LeftParen)
            {
                expr = Call(expr);
            }
            else
            {
                return expr;
            }
        }
    }

    private CallExpr Call(Expr callee)
    {
        var token = Current;
        return Made(new CallExpr(callee, CallArguments()), token.Line, callee.Start);
    }

    private Expr Test(Expr value)
    {
        var token = Next();
        var negated = SkipName("not");
        var nameToken = Expect(TokenKind.Name);
        var name = DottedName(nameToken);
        var arguments = ArgumentList.None;
        if (Kind == TokenKind.LeftParen)
        {
            arguments = CallArguments();
        }
        else if (Kind is TokenKind.Name or TokenKind.String or TokenKind.Integer or TokenKind.Float or TokenKind.LeftBracket or TokenKind.LeftBrace
            && !Current.IsName("else") && !Current.IsName("or") && !Current.IsName("and"))
        {
            if (Current.IsName("is"))
            {
                throw Fail("tests with 'is' cannot be chained");
            }

            arguments = new ArgumentList([Postfix(Primary())], NoNames, [], null, null);
        }

        Expr test = Made(new BuiltinExpr(value, name, Find(name, nameToken, true), arguments, true), token.Line, value.Start);
        return negated ? Made(new NotExpr(test), token.Line, value.Start) : test;
    }

    // Strings one after the other are one.
    private string Strings()
    {
        var first = Next().Text;
        if (Kind != TokenKind.String)
        {
            return first;
        }

        var text = new StringBuilder(first);
        while (Kind == TokenKind.String)
        {
            text.Append(Next().Text);
        }

        return text.ToString();
    }

    private string DottedName(Token first)
    {
        if (Kind != TokenKind.Dot)
        {
            return first.Text;
        }

        var name = new StringBuilder(first.Text);
        while (Skip(TokenKind.Dot))
        {
            name.Append('.').Append(Expect(TokenKind.Name).Text);
        }

        return name.ToString();
    }

    private Builtin? Find(string name, Token token, bool isTest)
    {
        var known = isTest ? Tests.Find(name) : FilterTable.Find(options, name);
        if (known is null)
        {
            var what = isTest ? "test" : "filter";
            var suggestion = Spelling.Nearest(name, isTest ? Tests.Names : FilterTable.Names(options));
            Unknown.Add(new SyntaxException($"no {what} is named '{name}'", token.Line, token.Start, token.End, "TemplateAssertionError")
            {
                Suggestion = suggestion,
            });
        }

        return known;
    }

    private Expr Subscript(Expr owner)
    {
        var token = Next();
        if (token.Kind == TokenKind.Dot)
        {
            var member = Next();
            return member.Kind switch
            {
                TokenKind.Name => Made(new AttributeExpr(owner, member.Text), token.Line, owner.Start),
                TokenKind.Integer => Made(new ItemExpr(owner, new ConstExpr(Integer(member))), token.Line, owner.Start),
                _ => throw FailAt($"a name or a number is expected here, not {member.Describe()}", member),
            };
        }

        Deeper();
        var keys = new List<Expr>();
        (Expr? From, Expr? To, Expr? By)? slice = null;
        var anySlice = false;
        while (Kind != TokenKind.RightBracket)
        {
            if (keys.Count > 0)
            {
                Expect(TokenKind.Comma);
            }

            keys.Add(Subscripted(out slice));
            anySlice |= slice is not null;
        }

        Expect(TokenKind.RightBracket);
        Shallower();
        if (keys.Count == 1)
        {
            Slices += slice is null ? 0 : 1;
            return slice is { } parts ? Made(new SliceExpr(owner, parts.From, parts.To, parts.By), token.Line, owner.Start)
                : Made(new ItemExpr(owner, keys[0]), token.Line, owner.Start);
        }

        if (anySlice)
        {
            // Python's own compiler refuses it, and says no line of the template.
            Late.Add(new SyntaxException("a slice cannot be one of several keys", 0, token.Start, token.End, "SyntaxError"));
        }

        return Made(new ItemExpr(owner, new TupleExpr([.. keys])), token.Line, owner.Start);
    }

    private Expr Subscripted(out (Expr? From, Expr? To, Expr? By)? slice)
    {
        slice = null;
        Expr? from = null;
        if (Kind != TokenKind.Colon)
        {
            from = Expression();
            if (Kind != TokenKind.Colon)
            {
                return from;
            }
        }

        Next();
        Expr? to = null;
        Expr? by = null;
        if (Kind is not (TokenKind.Colon or TokenKind.RightBracket or TokenKind.Comma))
        {
            to = Expression();
        }

        if (Skip(TokenKind.Colon) && Kind is not (TokenKind.RightBracket or TokenKind.Comma))
        {
            by = Expression();
        }

        slice = (from, to, by);
        return new BareSliceExpr();
    }

    private ListExpr ListLiteral()
    {
        var open = Next();
        Deeper();
        var items = new List<Expr>();
        while (Kind != TokenKind.RightBracket)
        {
            if (items.Count > 0)
            {
                Expect(TokenKind.Comma);
                if (Kind == TokenKind.RightBracket)
                {
                    break;
                }
            }

            items.Add(Expression());
        }

        Expect(TokenKind.RightBracket);
        Shallower();
        return Made(new ListExpr([.. items]), open.Line, open.Start);
    }

    private DictExpr DictLiteral()
    {
        var open = Next();
        Deeper();
        var keys = new List<Expr>();
        var values = new List<Expr>();
        while (Kind != TokenKind.RightBrace)
        {
            if (keys.Count > 0)
            {
                Expect(TokenKind.Comma);
                if (Kind == TokenKind.RightBrace)
                {
                    break;
                }
            }

            keys.Add(Expression());
            Expect(TokenKind.Colon);
            values.Add(Expression());
        }

        Expect(TokenKind.RightBrace);
        Shallower();
        return Made(new DictExpr([.. keys], [.. values]), open.Line, open.Start);
    }
}
