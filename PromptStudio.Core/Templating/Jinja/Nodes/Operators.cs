using PromptStudio.Core.Templating.Jinja.Runtime;
using PromptStudio.Core.Templating.Jinja.Syntax;

namespace PromptStudio.Core.Templating.Jinja.Nodes;

/// <summary>An operator with two operands.</summary>
internal sealed class ArithmeticExpr : Expr
{
    private readonly TokenKind _operator;
    private readonly Expr _left;
    private readonly Expr _right;

    public ArithmeticExpr(TokenKind op, Expr left, Expr right)
    {
        _operator = op;
        _left = left;
        _right = right;
        Height = Above(left, right);
    }

    public override bool IsConstant => _left.IsConstant && _right.IsConstant;

    public override Value Eval(Frame frame)
    {
        var left = _left.Eval(frame);
        var right = _right.Eval(frame);
        return Compute(frame.Run, left, right);
    }

    // A sum of strings is written part by part.
    public override void Print(Frame frame)
    {
        var left = _left.Eval(frame);
        var right = _right.Eval(frame);
        if (_operator == TokenKind.Plus && left.Kind == Kind.Str && right.Kind == Kind.Str)
        {
            frame.Run.Output.Write(left.Text);
            frame.Run.Output.Write(right.Text);
        }
        else
        {
            PyRepr.Write(frame.Run, Compute(frame.Run, left, right));
        }
    }

    private Value Compute(Run run, Value left, Value right)
    {
        try
        {
            return _operator switch
            {
                TokenKind.Plus => Arithmetic.Add(run, left, right),
                TokenKind.Minus => Arithmetic.Subtract(run, left, right),
                TokenKind.Star => Arithmetic.Multiply(run, left, right),
                TokenKind.Slash => Division.True(run, left, right),
                TokenKind.DoubleSlash => Division.Floor(run, left, right),
                TokenKind.Percent => Division.Modulo(run, left, right),
                _ => Division.Power(run, left, right),
            };
        }
        catch (Fault fault) when (fault.PassDetail(this))
        {
            throw;
        }
    }
}

/// <summary>A sign before an operand.</summary>
internal sealed class SignExpr : Expr
{
    private readonly bool _negative;
    private readonly Expr _operand;

    public SignExpr(bool negative, Expr operand)
    {
        _negative = negative;
        _operand = operand;
        Height = operand.Height + 1;
    }

    public override bool IsConstant => _operand.IsConstant;

    public override Value Eval(Frame frame)
    {
        var value = _operand.Eval(frame);
        return _negative ? Arithmetic.Negate(frame.Run, value) : Arithmetic.Positive(value);
    }
}

internal sealed class NotExpr : Expr
{
    private readonly Expr _operand;

    public NotExpr(Expr operand)
    {
        _operand = operand;
        Height = operand.Height + 1;
    }

    public override Value Eval(Frame frame) => Value.Of(!_operand.Holds(frame));

    public override bool Holds(Frame frame) => !_operand.Holds(frame);
}

/// <summary><c>and</c> and <c>or</c>: give the operand that decides.</summary>
internal sealed class LogicExpr : Expr
{
    private readonly bool _isAnd;
    private readonly Expr _left;
    private readonly Expr _right;

    public LogicExpr(bool isAnd, Expr left, Expr right)
    {
        _isAnd = isAnd;
        _left = left;
        _right = right;
        Height = Above(left, right);
    }

    public override Value Eval(Frame frame)
    {
        var left = _left.Eval(frame);
        return PyCompare.Truth(frame.Run, left) == _isAnd ? _right.Eval(frame) : left;
    }

    public override bool Holds(Frame frame) => _left.Holds(frame) == _isAnd ? _right.Holds(frame) : !_isAnd;
}

/// <summary><c>a if test else b</c>.</summary>
internal sealed class ConditionalExpr : Expr
{
    private readonly Expr _test;
    private readonly Expr _then;
    private readonly Expr? _otherwise;

    public ConditionalExpr(Expr test, Expr then, Expr? otherwise)
    {
        _test = test;
        _then = then;
        _otherwise = otherwise;
        Height = Math.Max(Above(test, then), (otherwise?.Height ?? 0) + 1);
    }

    public override Value Eval(Frame frame)
    {
        if (PyCompare.Truth(frame.Run, _test.Eval(frame)))
        {
            return _then.Eval(frame);
        }

        // Without an else the value is undefined, and lenient under every mode, as in Jinja2.
        return _otherwise is not null ? _otherwise.Eval(frame) : Value.Of(
            new Undefined(UndefinedMode.Lenient, "the inline if-expression evaluated to false and no else section was defined")
            {
                Origin = this,
            });
    }

    public override void Print(Frame frame)
    {
        if (PyCompare.Truth(frame.Run, _test.Eval(frame)))
        {
            _then.Print(frame);
        }
        else
        {
            _otherwise?.Print(frame);
        }
    }
}

/// <summary>Operands joined by <c>~</c>.</summary>
internal sealed class ConcatExpr : Expr
{
    private readonly Expr[] _parts;
    private readonly bool _escapes;

    public ConcatExpr(Expr[] parts, bool escapes)
    {
        _parts = parts;

        // Constants are joined before the render, where safe HTML is not told apart.
        IsConstant = Array.TrueForAll(parts, part => part.IsConstant);
        _escapes = escapes && !IsConstant;
        Height = Above(parts);
    }

    public override bool IsConstant { get; }

    public override Value Eval(Frame frame)
    {
        var run = frame.Run;
        var values = new Value[_parts.Length];
        var anySafe = false;
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = _parts[i].Eval(frame);
            anySafe |= values[i].Kind == Kind.Markup;
        }

        var texts = new string[values.Length];
        long length = 0;
        for (var i = 0; i < values.Length; i++)
        {
            texts[i] = anySafe && _escapes ? Html.Escape(run, values[i]) : PyRepr.Text(run, values[i]);
            length += texts[i].Length;
        }

        run.ChargeChars(length);
        var joined = string.Concat(texts);
        return anySafe && _escapes ? Value.Markup(joined) : Value.Of(joined);
    }

    public override void Print(Frame frame)
    {
        if (_escapes || IsConstant)
        {
            base.Print(frame);
            return;
        }

        foreach (var part in _parts)
        {
            part.Print(frame);
        }
    }
}
