namespace PromptStudio.Core.Templating.Jinja.Syntax;

internal enum TokenKind : byte
{
    End,
    Error,
    Data,
    VariableBegin,
    VariableEnd,
    BlockBegin,
    BlockEnd,
    Name,
    String,
    Integer,
    Float,
    Plus,
    Minus,
    Slash,
    DoubleSlash,
    Star,
    DoubleStar,
    Percent,
    Tilde,
    LeftParen,
    RightParen,
    LeftBracket,
    RightBracket,
    LeftBrace,
    RightBrace,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Assign,
    Dot,
    Colon,
    Pipe,
    Comma,
    Semicolon,
}

/// <summary>A token: what it is and where.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Line">The line it starts on, from 1.</param>
/// <param name="Start">Its first place.</param>
/// <param name="End">The place after it.</param>
/// <param name="Text">A name, a string's value, a number's digits, a text, an error's message; else empty.</param>
internal readonly record struct Token(TokenKind Kind, int Line, int Start, int End, string Text)
{
    public bool IsName(string name) => Kind == TokenKind.Name && Text == name;

    /// <summary>How messages call it.</summary>
    public string Describe() => Kind switch
    {
        TokenKind.End => "the end of the template",
        TokenKind.VariableEnd => "the end of the expression",
        TokenKind.BlockEnd => "the end of the statement",
        TokenKind.BlockBegin => "a statement",
        TokenKind.VariableBegin => "an expression",
        TokenKind.Name => $"'{Text}'",
        TokenKind.String => "a string",
        TokenKind.Integer or TokenKind.Float => $"the number {Text}",
        TokenKind.Data => "text",
        _ => $"'{Sign(Kind)}'",
    };

    public static string Sign(TokenKind kind) => kind switch
    {
        TokenKind.Plus => "+",
        TokenKind.Minus => "-",
        TokenKind.Slash => "/",
        TokenKind.DoubleSlash => "//",
        TokenKind.Star => "*",
        TokenKind.DoubleStar => "**",
        TokenKind.Percent => "%",
        TokenKind.Tilde => "~",
        TokenKind.LeftParen => "(",
        TokenKind.RightParen => ")",
        TokenKind.LeftBracket => "[",
        TokenKind.RightBracket => "]",
        TokenKind.LeftBrace => "{",
        TokenKind.RightBrace => "}",
        TokenKind.Equal => "==",
        TokenKind.NotEqual => "!=",
        TokenKind.Less => "<",
        TokenKind.LessEqual => "<=",
        TokenKind.Greater => ">",
        TokenKind.GreaterEqual => ">=",
        TokenKind.Assign => "=",
        TokenKind.Dot => ".",
        TokenKind.Colon => ":",
        TokenKind.Pipe => "|",
        TokenKind.Comma => ",",
        TokenKind.Semicolon => ";",
        TokenKind.Name => "a name",
        TokenKind.BlockEnd => "the end of the statement",
        TokenKind.VariableEnd => "the end of the expression",
        _ => kind.ToString(),
    };
}
