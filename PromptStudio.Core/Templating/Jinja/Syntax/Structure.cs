using PromptStudio.Core.Templating.Jinja.Nodes;
using PromptStudio.Core.Templating.Jinja.Runtime;

namespace PromptStudio.Core.Templating.Jinja.Syntax;

/// <summary>The statements about macros, blocks and other templates.</summary>
internal sealed partial class Parser
{
    private int _scopedBlocks;

    private BlockStmt BlockStatement()
    {
        Next();
        var name = Expect(TokenKind.Name);
        var scoped = SkipName("scoped");
        var required = SkipName("required");
        if (Kind == TokenKind.Minus)
        {
            throw Fail("a block's name is a name: use underscores instead of hyphens");
        }

        IsShared = true;
        if (!_blockNames.Add(name.Text))
        {
            Late.Add(FailAt($"the block '{name.Text}' is defined twice", name, "TemplateAssertionError"));
        }

        var from = Names.Count;
        var (escape, loops) = (Escape, _loops);
        Escape = Options.Autoescape ? EscapeMode.On : EscapeMode.Off;
        _loops = 0;
        var body = FunctionBlock("endblock");
        (Escape, _loops) = (escape, loops);
        _scopedBlocks += scoped ? 1 : 0;
        if (required && Array.Exists(body.Statements, statement => statement is not TextStmt text || !PyText.IsSpace(text.Text)))
        {
            throw Fail("a required block holds only comments and white space");
        }

        SkipName(name.Text);
        return new BlockStmt
        {
            Name = name.Text,
            Body = body,
            IsScoped = scoped,
            IsRequired = required,
            UsesSelf = Uses(from, "self"),
            UsesSuper = Uses(from, "super"),
        };
    }

    private ExtendsStmt Extends()
    {
        var token = Next();
        var from = Names.Count;
        var template = Expression();
        _isChild |= _openTags.Count == 1;
        if (!_isTop)
        {
            Late.Add(FailAt("extends must stand at the top, not inside of another block", token, "TemplateAssertionError"));
        }

        HasExtends = true;
        IsShared = true;
        Refer(TemplateReferenceKind.Extends, template, token, false);
        return new ExtendsStmt(template, Since(from), _before);
    }

    private IncludeStmt Include()
    {
        var token = Next();
        var from = Names.Count;
        var template = Expression();
        var names = Since(from);
        var ignoreMissing = false;
        if (Current.IsName("ignore") && Look().IsName("missing"))
        {
            Next();
            Next();
            ignoreMissing = true;
        }

        IsShared = true;
        Refer(TemplateReferenceKind.Include, template, token, ignoreMissing);
        return new IncludeStmt(template, names, ignoreMissing, ImportContext(out var with) ? with : true);
    }

    private ImportStmt Import()
    {
        var token = Next();
        var from = Names.Count;
        var template = Expression();
        var names = Since(from);
        ExpectName("as");
        var target = StoreName();
        IsShared = true;
        Refer(TemplateReferenceKind.Import, template, token, false);
        return new ImportStmt(template, names, target, ImportContext(out var with) && with);
    }

    private FromImportStmt FromImport()
    {
        var token = Next();
        var from = Names.Count;
        var template = Expression();
        var names = Since(from);
        ExpectName("import");
        var sources = new List<string>();
        var targets = new List<NameExpr>();
        var with = false;
        while (true)
        {
            if (sources.Count > 0)
            {
                Expect(TokenKind.Comma);
            }

            if (Kind != TokenKind.Name)
            {
                Expect(TokenKind.Name);
            }

            if (ImportContext(out with))
            {
                break;
            }

            var name = Expect(TokenKind.Name);
            if (name.Text.StartsWith('_'))
            {
                throw FailAt("names that begin with an underscore cannot be imported", name, "TemplateAssertionError");
            }

            sources.Add(name.Text);
            if (SkipName("as"))
            {
                targets.Add(StoreName());
            }
            else
            {
                SetNames.Add(name.Text);
                targets.Add(NameOf(name, true));
            }

            if (ImportContext(out with) || Kind != TokenKind.Comma)
            {
                break;
            }
        }

        IsShared = true;
        Refer(TemplateReferenceKind.Import, template, token, false);
        return new FromImportStmt(template, names, [.. sources], [.. targets], with);
    }

    private bool ImportContext(out bool with)
    {
        with = Current.IsName("with");
        if ((with || Current.IsName("without")) && Look().IsName("context"))
        {
            Next();
            Next();
            return true;
        }

        with = false;
        return false;
    }

    private void Refer(TemplateReferenceKind kind, Expr template, Token token, bool mayBeMissing)
    {
        switch (template)
        {
            case ConstExpr { Value.IsString: true } constant:
                References.Add(new TemplateReference(kind, constant.Value.Text, token.Line, mayBeMissing));
                break;
            case TupleExpr tuple:
                foreach (var item in tuple.Items)
                {
                    Refer(kind, item, token, true);
                }

                break;
            case ListExpr list:
                foreach (var item in list.Items)
                {
                    Refer(kind, item, token, true);
                }

                break;
            default:
                References.Add(new TemplateReference(kind, null, token.Line, mayBeMissing));
                break;
        }
    }

    private MacroStmt Macro()
    {
        Next();
        var name = StoreName();
        var code = MacroCode(name.Name, "endmacro", () => { });
        var statement = new MacroStmt(name, code);
        code.Statement = statement;
        return statement;
    }

    private CallBlockStmt CallBlock()
    {
        var token = Next();
        CallExpr? call = null;
        NameRange names = default;
        var code = MacroCode(null, "endcall", () =>
        {
            var from = Names.Count;
            call = Expression() as CallExpr ?? throw FailAt("a call is expected here", token);
            names = Since(from);
        });
        var statement = new CallBlockStmt(call!, names, code);
        code.Statement = statement;
        return statement;
    }

    private MacroCode MacroCode(string? name, string end, Action afterSignature)
    {
        var signature = Current;
        var from = Names.Count;
        var parameters = new List<NameExpr>();
        var defaults = new List<Expr>();
        if (name is not null || Kind == TokenKind.LeftParen)
        {
            Signature(parameters, defaults);
        }

        var defaultNames = Since(from);
        afterSignature();
        var bodyFrom = Names.Count;
        var loops = _loops;
        _loops = 0;
        var body = FunctionBlock(end);
        _loops = loops;
        var caller = parameters.FindIndex(parameter => parameter.Name == "caller");
        if (caller >= 0 && caller < parameters.Count - defaults.Count)
        {
            Late.Add(FailAt("a parameter called 'caller' must have a default", signature, "TemplateAssertionError"));
        }

        return new MacroCode
        {
            Name = name,
            Parameters = [.. parameters],
            Defaults = [.. defaults],
            DefaultNames = defaultNames,
            Body = body,
            Escape = Escape,
            UsesCaller = Uses(bodyFrom, "caller"),
            UsesKwargs = Uses(bodyFrom, "kwargs"),
            UsesVarargs = Uses(bodyFrom, "varargs"),
        };
    }

    private void Signature(List<NameExpr> parameters, List<Expr> defaults)
    {
        Expect(TokenKind.LeftParen);
        while (Kind != TokenKind.RightParen)
        {
            if (parameters.Count > 0)
            {
                Expect(TokenKind.Comma);
            }

            var token = Current;
            var parameter = StoreName();
            if (parameters.Exists(other => other.Name == parameter.Name))
            {
                Late.Add(FailAt($"the parameter '{parameter.Name}' is given twice", token, "SyntaxError"));
            }

            parameters.Add(parameter);
            if (Skip(TokenKind.Assign))
            {
                defaults.Add(Expression());
            }
            else if (defaults.Count > 0)
            {
                throw Fail("a parameter without a default follows one with a default");
            }
        }

        Expect(TokenKind.RightParen);
    }
}
