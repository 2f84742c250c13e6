using PromptStudio.Core.Templating.Jinja.Nodes;

namespace PromptStudio.Core.Templating.Jinja.Syntax;

/// <summary>The statements about values and flow.</summary>
internal sealed partial class Parser
{
    private ForStmt For()
    {
        Next();
        var targetFrom = Names.Count;
        var targetToken = Current;
        var target = AssignTarget();
        ExpectName("in");
        var from = Names.Count;
        var source = Tuple(allowConditional: false);
        var sourceNames = Since(from);
        Expr? test = null;
        Target? testTarget = null;
        from = Names.Count;
        if (SkipName("if"))
        {
            test = Expression();
        }

        var testNames = Since(from);
        if (test is not null)
        {
            testTarget = Copy(target);
        }

        var recursive = SkipName("recursive");
        var bodyFrom = Names.Count;
        var scopedBefore = _scopedBlocks;
        _loops++;
        var body = InnerBlock(false, "endfor", "else");
        _loops--;
        var usesLoop = recursive || Uses(bodyFrom, "loop") || _scopedBlocks > scopedBefore;
        var otherwise = Body.Empty;
        if (Next().IsName("else"))
        {
            otherwise = InnerBlock(true, "endfor");
        }

        for (var i = targetFrom; i < Names.Count; i++)
        {
            if (Names[i].IsStore && Names[i].Name == "loop")
            {
                Late.Add(FailAt("'loop' cannot be set inside a loop", targetToken, "TemplateAssertionError"));
                break;
            }
        }

        return new ForStmt
        {
            Target = target,
            TestTarget = testTarget,
            Source = source,
            SourceNames = sourceNames,
            Test = test,
            TestNames = testNames,
            Body = body,
            Else = otherwise,
            IsRecursive = recursive,
            UsesLoop = usesLoop,
            Escape = Escape,
        };
    }

    private IfStmt If()
    {
        var soft = _soft;
        _soft = true;
        var first = Branch(0);
        var elifs = new List<IfStmt>();
        while (true)
        {
            var tag = Next();
            if (tag.IsName("elif"))
            {
                elifs.Add(Branch(Current.Line));
                continue;
            }

            if (tag.IsName("else"))
            {
                first.Else = Block(true, "endif");
            }

            break;
        }

        _soft = soft;
        first.Elifs = [.. elifs];
        return first;
    }

    private IfStmt Branch(int line)
    {
        if (line == 0)
        {
            Next();
        }

        var from = Names.Count;
        var start = Current.Start;
        var unknown = Unknown.Count;
        _mark = line == 0 ? _mark : line;
        var test = Tuple(allowConditional: false);
        Tolerate(unknown);
        var names = Since(from);
        return new IfStmt { Test = test, Names = names, Then = Block(false, "elif", "else", "endif"), Line = line, Start = start };
    }

    private GroupStmt PrintStatement()
    {
        Next();
        var prints = new List<Stmt>();
        while (Kind != TokenKind.BlockEnd)
        {
            if (prints.Count > 0)
            {
                Expect(TokenKind.Comma);
            }

            var from = Names.Count;
            var value = Expression();
            prints.Add(new PrintStmt(value, Since(from), Escape) { Line = value.Line, Start = value.Start, End = value.End });
        }

        return new GroupStmt(new Body([.. prints], _source));
    }

    private Stmt Set()
    {
        Next();
        var from = Names.Count;
        var target = AssignTarget(allowNamespace: true);
        if (Skip(TokenKind.Assign))
        {
            var valueFrom = target is NamespaceTarget ? from : Names.Count;
            var value = Tuple();
            return new SetStmt(target, value, Since(valueFrom));
        }

        var text = new BlockTextExpr();
        var filterFrom = Names.Count;
        var filter = Kind == TokenKind.Pipe ? Hard(() => Filters(text)) : null;
        var names = Since(filterFrom);
        var body = FunctionBlock("endset");
        return new SetBlockStmt(target, filter, text, names, body, Escape);
    }

    private WithStmt With()
    {
        Next();
        var targets = new List<Target>();
        var values = new List<Expr>();
        var from = Names.Count;
        while (Kind != TokenKind.BlockEnd)
        {
            if (targets.Count > 0)
            {
                Expect(TokenKind.Comma);
            }

            targets.Add(AssignTarget());
            Expect(TokenKind.Assign);
            values.Add(Expression());
        }

        var (names, line) = (Since(from), _mark);
        return new WithStmt([.. targets], [.. values], names, InnerBlock(true, "endwith")) { Line = line };
    }

    private AutoescapeStmt Autoescape()
    {
        Next();
        var from = Names.Count;
        var value = Expression();
        var (names, line) = (Since(from), _mark);
        var before = Escape;
        Escape = value is ConstExpr constant
            ? constant.Value.Kind is Runtime.Kind.Bool or Runtime.Kind.Int ? constant.Value.Bits != 0 ? EscapeMode.On : EscapeMode.Off
                : constant.Value.IsNone ? EscapeMode.Off : EscapeMode.On
            : EscapeMode.Volatile;
        var body = InnerBlock(true, "endautoescape");
        Escape = before;
        return new AutoescapeStmt(value, names, body) { Line = line };
    }

    private FilterBlockStmt FilterBlock()
    {
        Next();
        var from = Names.Count;
        var text = new BlockTextExpr();
        var filter = Hard(() => Filters(text, startInline: true));
        var names = Since(from);
        var body = InnerBlock(true, "endfilter");
        return new FilterBlockStmt(filter, text, names, body, Escape);
    }

    private DoStmt Do()
    {
        Next();
        var from = Names.Count;
        return new DoStmt(Tuple(), Since(from));
    }

    private LoopControlStmt LoopControl(Signal signal)
    {
        var token = Next();
        if (_loops == 0)
        {
            // Python's own compiler refuses it, and says no line of the template.
            Late.Add(new SyntaxException($"'{token.Text}' is outside of a loop", 0, token.Start, token.End, "SyntaxError"));
        }

        return new LoopControlStmt(signal);
    }

    private ScopeStmt Generation()
    {
        Next();
        return new ScopeStmt(InnerBlock(true, "endgeneration"));
    }

    private Target AssignTarget(bool allowNamespace = false)
    {
        if (allowNamespace && Look().Kind == TokenKind.Dot)
        {
            var token = Expect(TokenKind.Name);
            Next();
            var attribute = Expect(TokenKind.Name);
            return new NamespaceTarget(NameOf(token, false), attribute.Text) { Line = token.Line, Start = token.Start };
        }

        var start = Current;
        var parts = new List<Target>();
        var isTuple = false;
        while (true)
        {
            if (parts.Count > 0)
            {
                Expect(TokenKind.Comma);
            }

            if (IsTupleEnd())
            {
                break;
            }

            parts.Add(PrimaryTarget());
            if (Kind != TokenKind.Comma)
            {
                break;
            }

            isTuple = true;
        }

        if (isTuple)
        {
            return new TupleTarget([.. parts]) { Line = start.Line, Start = start.Start };
        }

        return parts.Count > 0 ? parts[0] : throw Fail($"a name to set is expected here, not {Current.Describe()}");
    }

    private Target PrimaryTarget()
    {
        var token = Current;
        if (Kind == TokenKind.Name)
        {
            return new NameTarget(StoreName());
        }

        if (Kind == TokenKind.LeftParen)
        {
            Next();
            Deeper();
            var parts = new List<Target>();
            var isTuple = Kind == TokenKind.RightParen;
            while (Kind != TokenKind.RightParen)
            {
                parts.Add(PrimaryTarget());
                if (!Skip(TokenKind.Comma))
                {
                    break;
                }

                isTuple = true;
            }

            Expect(TokenKind.RightParen);
            Shallower();
            return isTuple ? new TupleTarget([.. parts]) : parts[0];
        }

        var value = Primary();
        throw FailAt($"{value.Describe} cannot be set", token);
    }

    private NameExpr StoreName()
    {
        var token = Expect(TokenKind.Name);
        if (token.Text is "true" or "false" or "none" or "True" or "False" or "None")
        {
            throw FailAt($"'{token.Text}' cannot be set", token);
        }

        SetNames.Add(token.Text);
        return NameOf(token, true);
    }

    // The same targets with names of their own, for a scope of their own.
    private static Target Copy(Target target)
    {
        if (target is NameTarget name)
        {
            return new NameTarget(new NameExpr(name.Name.Name, true) { Line = name.Name.Line, Start = name.Name.Start });
        }

        return ((TupleTarget)target).Copy(Copy);
    }
}
