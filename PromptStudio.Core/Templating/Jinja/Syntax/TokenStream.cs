namespace PromptStudio.Core.Templating.Jinja.Syntax;

/// <summary>A syntax fault met by the parser.</summary>
#pragma warning disable CA1064 // Becomes a TemplateException at the engine's edge.
internal sealed class SyntaxException(string message, int line, int start, int end, string pythonType = "TemplateSyntaxError") : Exception(message)
#pragma warning restore CA1064
{
    public int Line => line;

    public int Start => start;

    public int End => end;

    public string PythonType => pythonType;

    public string? Suggestion { get; init; }
}

/// <summary>The parser's view of the tokens: the current one and the next.</summary>
internal abstract class TokenStream
{
    private readonly List<Token> _tokens;
    private int _at;

    protected TokenStream(List<Token> tokens)
    {
        _tokens = tokens;
        Current = tokens[0];
        ThrowOnError();
    }

    protected Token Current { get; private set; }

    protected TokenKind Kind => Current.Kind;

    /// <summary>The place after the token before the current one.</summary>
    protected int LastEnd => _at == 0 ? 0 : _tokens[_at - 1].End;

    protected Token Look()
    {
        if (_at + 1 >= _tokens.Count)
        {
            return Current;
        }

        var next = _tokens[_at + 1];
        return next.Kind == TokenKind.Error ? throw ErrorOf(next) : next;
    }

    /// <summary>Gives the current token and goes on.</summary>
    protected Token Next()
    {
        var token = Current;
        if (_at + 1 < _tokens.Count)
        {
            Current = _tokens[++_at];
            ThrowOnError();
        }

        return token;
    }

    protected Token Expect(TokenKind kind)
    {
        if (Kind == kind)
        {
            return Next();
        }

        throw Fail($"{Token.Sign(kind)} is expected here, not {Current.Describe()}");
    }

    protected Token ExpectName(string name) =>
        Current.IsName(name) ? Next() : throw Fail($"'{name}' is expected here, not {Current.Describe()}");

    protected bool Skip(TokenKind kind)
    {
        if (Kind != kind)
        {
            return false;
        }

        Next();
        return true;
    }

    protected bool SkipName(string name)
    {
        if (!Current.IsName(name))
        {
            return false;
        }

        Next();
        return true;
    }

    protected SyntaxException Fail(string message) => FailAt(message, Current);

    protected static SyntaxException FailAt(string message, Token token, string type = "TemplateSyntaxError") =>
        new(message, token.Line, token.Start, token.End, type);

    private static SyntaxException ErrorOf(Token token) => FailAt(token.Text, token);

    private void ThrowOnError()
    {
        if (Kind == TokenKind.Error)
        {
            throw ErrorOf(Current);
        }
    }
}
