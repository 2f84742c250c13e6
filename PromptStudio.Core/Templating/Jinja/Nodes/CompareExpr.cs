using PromptStudio.Core.Templating.Jinja.Runtime;
using PromptStudio.Core.Templating.Jinja.Syntax;

namespace PromptStudio.Core.Templating.Jinja.Nodes;

internal enum CompareSign : byte
{
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    In,
    NotIn,
}

/// <summary>A chain of comparisons: each operand is evaluated once.</summary>
internal sealed class CompareExpr : Expr
{
    private readonly Expr _first;
    private readonly CompareSign[] _signs;
    private readonly Expr[] _operands;

    public CompareExpr(Expr first, CompareSign[] signs, Expr[] operands)
    {
        _first = first;
        _signs = signs;
        _operands = operands;
        Height = Math.Max(first.Height + 1, Above(operands));
    }

    public static CompareSign? SignOf(TokenKind kind) => kind switch
    {
        TokenKind.Equal => CompareSign.Equal,
        TokenKind.NotEqual => CompareSign.NotEqual,
        TokenKind.Less => CompareSign.Less,
        TokenKind.LessEqual => CompareSign.LessEqual,
        TokenKind.Greater => CompareSign.Greater,
        TokenKind.GreaterEqual => CompareSign.GreaterEqual,
        _ => null,
    };

    public static bool Compare(Run run, CompareSign sign, Value a, Value b) => sign switch
    {
        CompareSign.Equal => PyCompare.AreEqual(run, a, b),
        CompareSign.NotEqual => !PyCompare.AreEqual(run, a, b),
        CompareSign.Less => PyCompare.Order(run, a, b, "<") < 0,
        CompareSign.LessEqual => PyCompare.Order(run, a, b, "<=") <= 0,
        CompareSign.Greater => PyCompare.Order(run, a, b, ">") > 0,
        CompareSign.GreaterEqual => PyCompare.Order(run, a, b, ">=") >= 0,
        CompareSign.In => PyCompare.Contains(run, b, a),
        _ => !PyCompare.Contains(run, b, a),
    };

    public override Value Eval(Frame frame) => Value.Of(Holds(frame));

    public override bool Holds(Frame frame)
    {
        var left = _first.Eval(frame);
        if (_signs.Length == 1)
        {
            var only = _operands[0].Eval(frame);
            return left.Kind == Kind.Int && only.Kind == Kind.Int && _signs[0] < CompareSign.In ? Compare(_signs[0], left.Bits, only.Bits)
                : Compare(frame, _signs[0], left, only);
        }

        for (var i = 0; ; i++)
        {
            var right = _operands[i].Eval(frame);
            var holds = Compare(frame, _signs[i], left, right);
            if (!holds || i == _signs.Length - 1)
            {
                return holds;
            }

            left = right;
        }
    }

    private static bool Compare(CompareSign sign, long a, long b) => sign switch
    {
        CompareSign.Equal => a == b,
        CompareSign.NotEqual => a != b,
        CompareSign.Less => a < b,
        CompareSign.LessEqual => a <= b,
        CompareSign.Greater => a > b,
        _ => a >= b,
    };

    private bool Compare(Frame frame, CompareSign sign, Value a, Value b)
    {
        try
        {
            return Compare(frame.Run, sign, a, b);
        }
        catch (Fault fault) when (fault.PassDetail(this))
        {
            throw;
        }
    }
}
