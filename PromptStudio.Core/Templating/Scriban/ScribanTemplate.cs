using Scriban;
using Scriban.Syntax;

namespace PromptStudio.Core.Templating.Scriban;

/// <summary>A parsed Scriban template.</summary>
internal sealed class ScribanTemplate : ITemplate
{
    public ScribanTemplate(ScribanSource source, Template parsed, TemplateOptions options)
    {
        Source = source;
        Parsed = parsed;
        Options = options;
        var names = new FreeNames();
        names.Read(parsed.Page!);
        FreeVariables = names.Free;
        References = names.References;
        Names = names.All;
        MayBeChat = Literals.AreWorthwhile(source.Text);
    }

    public ScribanSource Source { get; }

    public Template Parsed { get; }

    public TemplateOptions Options { get; }

    public UndefinedMode Undefined => Options.Undefined;

    /// <summary>All names of the text: of variables and of members.</summary>
    public HashSet<string> Names { get; }

    /// <summary>Whether its text may begin a message.</summary>
    public bool MayBeChat { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> FreeVariables { get; }

    /// <inheritdoc/>
    public IReadOnlyList<TemplateReference> References { get; }

    /// <inheritdoc/>
    public RenderedText RenderWithLiterals(RenderRequest request)
    {
        var context = ScribanContext.Rent();
        RenderedText rendered;
        try
        {
            rendered = context.Render(this, request);
        }
        catch (Exception failure) when (failure is not TemplateException)
        {
            // A failed context is not used again: Scriban does not unwind everything.
            using (context)
            {
                var error = context.ErrorOf(failure);
                var isCancelled = request.CancellationToken.IsCancellationRequested && failure is (ScriptAbortException or OperationCanceledException);
                throw isCancelled ? Cancelled(error, request.CancellationToken) : new TemplateException(error);
            }
        }

        context.Keep();
        return rendered;
    }

    private static RenderCanceledException Cancelled(TemplateError error, CancellationToken token) =>
        new(error with { Kind = TemplateErrorKind.Cancelled, Limit = null, Message = "the render was cancelled" }, token);
}
