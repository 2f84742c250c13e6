using PromptStudio.Core.Templating.Jinja.Binding;
using PromptStudio.Core.Templating.Jinja.Runtime;

namespace PromptStudio.Core.Templating.Jinja.Nodes;

/// <summary><c>for</c>, with its filter, its else and its recursion.</summary>
internal sealed class ForStmt : Stmt
{
    private EntryStep[] _bodyEntry = [];
    private EntryStep[] _elseEntry = [];
    private EntryStep[] _testEntry = [];
    private FunctionScope? _function;
    private int _loopSlot = -1;

    public required Target Target { get; init; }

    /// <summary>The target again, in the scope of the test.</summary>
    public Target? TestTarget { get; init; }

    public required Expr Source { get; init; }

    public required NameRange SourceNames { get; init; }

    public Expr? Test { get; init; }

    public NameRange TestNames { get; init; }

    public required Body Body { get; init; }

    public required Body Else { get; init; }

    public required bool IsRecursive { get; init; }

    /// <summary>The body reads <c>loop</c>.</summary>
    public required bool UsesLoop { get; init; }

    public required EscapeMode Escape { get; init; }

    public override void Declare(ScopeBuilder scope) => scope.Load(SourceNames);

    public override void BindInner(ScopeBuilder scope)
    {
        var inner = IsRecursive ? scope.InnerFunction(keepsExtend: true) : scope.Inner();
        _function = IsRecursive ? inner.Function : null;
        if (UsesLoop)
        {
            _loopSlot = inner.Parameter("loop");
        }

        Target.Declare(inner, true);
        Body.Declare(inner);
        _bodyEntry = inner.Finish();
        Body.BindInner(inner);

        var around = IsRecursive ? new ScopeBuilder(scope.Result, inner.Function, scope) { MayExtend = inner.MayExtend } : scope;
        if (Test is not null)
        {
            var test = around.Inner();
            TestTarget!.Declare(test, true);
            test.Load(TestNames);
            _testEntry = test.Finish();
        }

        var otherwise = around.Inner();
        Else.Declare(otherwise);
        _elseEntry = otherwise.Finish();
        Else.BindInner(otherwise);
    }

    public override Signal Execute(Frame frame)
    {
        var run = frame.Run;
        run.Step();
        var source = Source.Eval(frame);
        if (_function is null)
        {
            return Loop(frame, source, 0, null);
        }

        var recursion = new Recursion(this, frame);
        return Loop(frame.Inner(_function), source, 0, recursion);
    }

    /// <summary>One level of a recursive loop, as text.</summary>
    public Value Recurse(Frame outer, Value source, int depth, Recursion recursion)
    {
        var run = outer.Run;
        run.Enter();
        var mark = run.Output.Length;
        try
        {
            Loop(outer.Inner(_function!), source, depth, recursion);
        }
        catch (Fault fault) when (fault.Pass(this, null))
        {
            throw;
        }

        run.Leave();
        return SetBlockStmt.Wrap(outer, run.Output.Cut(mark, run), Escape);
    }

    private Signal Loop(Frame frame, Value source, int depth, Recursion? recursion)
    {
        var run = frame.Run;
        var iterator = UsesLoop && Test is null && source.Kind == Kind.List ? null : PySequence.Iterate(run, source);
        if (Test is not null)
        {
            iterator = new TestIterator(this, frame, iterator!);
        }

        LoopContext? loop = null;
        var loopValue = Value.None;
        if (UsesLoop)
        {
            loop = run.Loops.Take().Open(iterator, Test is null ? source : default, depth, recursion);
            loopValue = Value.Of(loop);
        }

        var ranThrough = false;
        while (loop is null ? iterator!.Next(run, out var value) : loop.Next(run, out value))
        {
            if (loop is not null)
            {
                frame.Slots[_loopSlot] = loopValue;
            }

            Target.Assign(frame, value);
            frame.Enter(_bodyEntry);
            var signal = Body.Execute(frame);
            if (signal == Signal.Break)
            {
                break;
            }

            ranThrough |= signal == Signal.None;
        }

        if (ranThrough || Else.Statements.Length == 0)
        {
            return Signal.None;
        }

        frame.Enter(_elseEntry);
        return Else.Execute(frame);
    }

    /// <summary>Lets through what the loop's test accepts.</summary>
    private sealed class TestIterator(ForStmt loop, Frame frame, PyIterator source) : PyIterator
    {
        public override bool Next(Run run, out Value value)
        {
            while (source.Next(run, out value))
            {
                loop.TestTarget!.Assign(frame, value);
                frame.Enter(loop._testEntry);
                if (Accepts())
                {
                    return true;
                }
            }

            return false;
        }

        private bool Accepts()
        {
            try
            {
                return PyCompare.Truth(frame.Run, loop.Test!.Eval(frame));
            }
            catch (Fault fault) when (fault.Pass(loop.Test!, null))
            {
                throw;
            }
        }
    }

    /// <summary>A recursive loop and the frame around it.</summary>
    internal sealed record Recursion(ForStmt Statement, Frame Outer);
}
