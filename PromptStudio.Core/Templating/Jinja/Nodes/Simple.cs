using System.Runtime.CompilerServices;
using PromptStudio.Core.Templating.Jinja.Binding;
using PromptStudio.Core.Templating.Jinja.Runtime;

namespace PromptStudio.Core.Templating.Jinja.Nodes;

/// <summary>How printed values are escaped, as far as the text tells.</summary>
internal enum EscapeMode : byte
{
    Off,
    On,

    /// <summary>Only the render can tell.</summary>
    Volatile,
}

/// <summary>Text between tags.</summary>
internal sealed class TextStmt(string text) : Stmt
{
    private const int ReadWhole = 128;

    // With what is read behind it.
    private readonly string? _padded = text.Length <= ReadWhole ? text + new string(' ', OutputBuffer.ReadAhead) : null;
    private bool _mayExtend;

    public string Text => text;

    public override void Declare(ScopeBuilder scope) => _mayExtend = scope.MayExtend;

    public override Signal Execute(Frame frame)
    {
        if (_mayExtend && frame.HasParent)
        {
            return Signal.None;
        }

        var output = frame.Run.Output;
        if (_padded is not null)
        {
            output.Write(_padded, text.Length);
        }
        else
        {
            output.Write(text.AsSpan());
        }

        output.Literals?.Add(output.Length - text.Length, output.Length);
        return Signal.None;
    }
}

/// <summary>A printed expression.</summary>
internal sealed class PrintStmt(Expr value, NameRange names, EscapeMode escape) : Stmt
{
    private bool _mayExtend;

    public override void Declare(ScopeBuilder scope)
    {
        _mayExtend = scope.MayExtend;
        scope.Load(names);
    }

    // Not inlined: what is next to a catch block has its variables in memory.
    [MethodImpl(MethodImplOptions.NoInlining)]
    public override Signal Execute(Frame frame)
    {
        frame.Run.Step();
        if (_mayExtend && frame.HasParent)
        {
            return Signal.None;
        }

        if (escape == EscapeMode.Off || (escape == EscapeMode.Volatile && !frame.Context.Autoescape))
        {
            PrintPlain(frame);
        }
        else
        {
            Html.Write(frame.Run, value.Eval(frame));
        }

        return Signal.None;
    }

    private void PrintPlain(Frame frame)
    {
        if (value is AttributeExpr attribute)
        {
            var item = attribute.Eval(frame);
            PyRepr.Write(frame.Run, in item);
        }
        else
        {
            value.Print(frame);
        }
    }
}

/// <summary><c>do</c>: evaluated for its effect.</summary>
internal sealed class DoStmt(Expr value, NameRange names) : Stmt
{
    public override void Declare(ScopeBuilder scope) => scope.Load(names);

    public override Signal Execute(Frame frame)
    {
        frame.Run.Step();
        value.Eval(frame);
        return Signal.None;
    }
}

/// <summary>Statements of one statement, such as the several values of <c>print</c>.</summary>
internal sealed class GroupStmt(Body body) : Stmt
{
    public override void Declare(ScopeBuilder scope) => body.Declare(scope);

    public override void BindInner(ScopeBuilder scope) => body.BindInner(scope);

    public override Signal Execute(Frame frame) => body.Execute(frame);
}

/// <summary><c>break</c> or <c>continue</c>.</summary>
internal sealed class LoopControlStmt(Signal signal) : Stmt
{
    public override Signal Execute(Frame frame) => signal;
}

/// <summary><c>if</c>, with its elifs and its else.</summary>
internal sealed class IfStmt : Stmt
{
    public required Expr Test { get; init; }

    public required NameRange Names { get; init; }

    public required Body Then { get; init; }

    public IfStmt[] Elifs { get; set; } = [];

    public Body Else { get; set; } = Body.Empty;

    public override void Declare(ScopeBuilder scope)
    {
        scope.Load(Names);
        scope.Branches(
            () => Then.Declare(scope),
            () =>
            {
                foreach (var elif in Elifs)
                {
                    elif.Declare(scope);
                }
            },
            () => Else.Declare(scope));
    }

    public override void BindInner(ScopeBuilder scope)
    {
        Then.BindInner(scope);
        foreach (var elif in Elifs)
        {
            elif.BindInner(scope);
        }

        Else.BindInner(scope);
    }

    public override Signal Execute(Frame frame)
    {
        frame.Run.Step();
        if (Test.Holds(frame))
        {
            return Then.Execute(frame);
        }

        foreach (var elif in Elifs)
        {
            if (elif.Holds(frame))
            {
                return elif.Then.Execute(frame);
            }
        }

        return Else.Execute(frame);
    }

    private bool Holds(Frame frame)
    {
        try
        {
            return Test.Holds(frame);
        }
        catch (Fault fault) when (fault.Pass(this, null))
        {
            throw;
        }
    }
}
