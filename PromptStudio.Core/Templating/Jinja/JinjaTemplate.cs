using PromptStudio.Core.Templating.Jinja.Binding;
using PromptStudio.Core.Templating.Jinja.Library;
using PromptStudio.Core.Templating.Jinja.Nodes;
using PromptStudio.Core.Templating.Jinja.Runtime;
using PromptStudio.Core.Templating.Jinja.Syntax;

namespace PromptStudio.Core.Templating.Jinja;

/// <summary>A parsed Jinja2 template.</summary>
internal sealed class JinjaTemplate : ITemplate
{
    private readonly Body _body;
    private readonly FunctionScope _root = new(null);
    private readonly EntryStep[] _entry;
    private readonly int _selfSlot;
    private readonly int[] _wantedSlots;
    private readonly List<SyntaxException> _tolerated;

    public JinjaTemplate(SourceText source, TemplateOptions options, Parser parser, Body body)
    {
        Source = source;
        Options = options;
        _body = body;
        Itself = new LoadedTemplate(this, null);
        References = parser.References;
        SetNames = parser.SetNames;
        IsShared = parser.IsShared;
        MayBeChat = Literals.AreWorthwhile(source.Text);
        _tolerated = parser.Tolerated;
        var result = new BindingResult(parser.Names);
        var scope = new ScopeBuilder(result, _root, null, isTop: true) { MayExtend = parser.HasExtends };
        _selfSlot = parser.Names.Exists(name => name.Name == "self" && !name.IsStore) ? scope.Parameter("self") : -1;
        body.Declare(scope);
        _entry = scope.Finish(isFunctionEntry: true);
        body.BindInner(scope);
        for (var i = 0; i < result.Blocks.Count; i++)
        {
            result.Blocks[i].Bind(result);
        }

        Blocks = [.. result.Blocks];
        FreeVariables = [.. result.Free.Where(name => !Globals.Has(options, name.Key)).OrderBy(name => name.Value).Select(name => name.Key)];
        Wanted = [.. FreeVariables.Select(name => new MemberName(name))];
        _wantedSlots = [.. FreeVariables.Select(scope.LookedUp)];
    }

    public SourceText Source { get; }

    public TemplateOptions Options { get; }

    public BlockStmt[] Blocks { get; }

    /// <summary>Whether other functions or templates may look up what the template sets.</summary>
    public bool IsShared { get; }

    public IReadOnlySet<string> SetNames { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> FreeVariables { get; }

    /// <summary>Whether its text may begin a message.</summary>
    public bool MayBeChat { get; }

    /// <summary>It as the template that is rendered.</summary>
    public LoadedTemplate Itself { get; }

    /// <summary>The variables that it reads.</summary>
    public MemberName[] Wanted { get; }

    /// <inheritdoc/>
    public IReadOnlyList<TemplateReference> References { get; }

    /// <inheritdoc/>
    public IReadOnlyList<TemplateError> Diagnostics => [.. _tolerated.Select(fault => JinjaEngine.ErrorOf(fault, Source))];

    /// <inheritdoc/>
    public RenderedText RenderWithLiterals(RenderRequest request)
    {
        var run = Run.Rent(request, Options, Wanted);
        try
        {
            if (MayBeChat)
            {
                run.Output.NoteLiterals();
            }

            RenderInto(new RenderContext(run, this));
            var rendered = new RenderedText(run.Output.ToString(), run.Output.Literals?.ToArray() ?? []);
            run.Return();
            return rendered;
        }
        catch (Fault fault)
        {
            var error = ErrorOf(run, fault);
            if (fault.Kind == TemplateErrorKind.Cancelled)
            {
                throw new RenderCanceledException(error, request.CancellationToken);
            }

            throw new TemplateException(error);
        }
    }

    /// <summary>Writes the template's text, or that of the parent that it names.</summary>
    public void RenderInto(RenderContext context)
    {
        var run = context.Run;
        run.Open(context.Name);
        var frame = RunBody(context);
        var opened = 1;
        for (var parent = frame.Parent; parent is not null; opened++)
        {
            run.Open(parent.Name, cyclesFail: true);
            parent = parent.Template.RunBody(context).Parent;
        }

        run.Close(opened);
    }

    private Frame RunBody(RenderContext context)
    {
        context.Run.Enter();
        var frame = new Frame(_root, null, context);
        frame.Enter(_entry);
        frame.Unread = context.ReadsVariables && context.Template == this ? _wantedSlots : null;
        if (_selfSlot >= 0)
        {
            frame.Slots[_selfSlot] = Value.Of(new SelfReference(context));
        }

        _body.Execute(frame);
        context.Run.Leave();
        return frame;
    }

    private TemplateError ErrorOf(Run run, Fault fault)
    {
        if (fault.Known is { } known)
        {
            return known;
        }

        fault.Frames.Reverse();
        var message = JinjaEngine.WithSuggestion(fault.Message, fault.Suggestion);
        var source = fault.Text ?? Source;
        var anchor = fault.Anchor;
        if (anchor is null)
        {
            return new TemplateError(fault.Kind, message, 0, 0) { PythonType = fault.PythonType, Limit = fault.Limit, Frames = fault.Frames };
        }

        // The line is the statement's, as Python says it; the column is the innermost expression's when that is on the line.
        var place = anchor;
        var (line, column) = source.Place(anchor.Start);
        if (fault.Detail is { } detail && source.Place(detail.Start) is var inner && (inner.Line == anchor.Line || line != anchor.Line))
        {
            (line, column) = inner;
            place = detail;
        }

        var (endLine, endColumn) = source.Place(place.End);
        return new TemplateError(fault.Kind, message, anchor.Line, line == anchor.Line ? column : 1)
        {
            PythonType = fault.PythonType,
            TemplateName = run.NameOf(source),
            EndLine = endLine,
            EndColumn = endColumn,
            Limit = fault.Limit,
            Suggestion = fault.Suggestion,
            Frames = fault.Frames,
        };
    }
}
