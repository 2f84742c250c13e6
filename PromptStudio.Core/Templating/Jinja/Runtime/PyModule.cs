using PromptStudio.Core.Templating.Jinja.Nodes;

namespace PromptStudio.Core.Templating.Jinja.Runtime;

/// <summary>What an imported template exports, and the text it renders to.</summary>
internal sealed class PyModule(RenderContext context, string body) : PyObject
{
    public override string TypeName => "TemplateModule";

    public string Name => context.Name ?? "<template>";

    public string Body => body;

    public IEnumerable<string> Names => context.Exported;

    public static PyModule Make(RenderContext context)
    {
        var run = context.Run;
        var mark = run.Output.Length;
        context.Template.RenderInto(context);
        return new PyModule(context, run.Output.Cut(mark, run));
    }

    public override Value Attribute(Run run, string name)
    {
        foreach (var exported in context.Exported)
        {
            if (exported == name)
            {
                return context.GetSet(name);
            }
        }

        return default;
    }

    public override string Repr(Run run) => $"<TemplateModule '{Name}'>";

    public override string Str(Run run) => body;
}

/// <summary><c>self</c>: the template's blocks by name.</summary>
internal sealed class SelfReference(RenderContext context) : PyObject
{
    public override string TypeName => "TemplateReference";

    public override bool HasItems => true;

    public override string Repr(Run run) => context.Name is null ? "<TemplateReference None>" : $"<TemplateReference '{context.Name}'>";

    public override Value Item(Run run, Value key) =>
        key.IsString && context.Blocks is not null && context.Blocks.TryGetValue(key.Text, out var versions)
            ? Value.Of(new BlockReference(context, versions, 0)) : default;
}

/// <summary>A version of a block, to be called.</summary>
internal sealed class BlockReference(RenderContext context, List<BlockStmt> versions, int depth) : PyObject
{
    public override string TypeName => "BlockReference";

    public override bool IsCallable => true;

    /// <summary>The version of a block below a given one; undefined when there is none.</summary>
    public static Value Super(RenderContext context, string name, BlockStmt current)
    {
        var versions = context.Blocks![name];
        var depth = versions.IndexOf(current) + 1;
        return At(context, versions, depth, name);
    }

    public override Value Attribute(Run run, string name) => name switch
    {
        "super" => At(context, versions, depth + 1, versions[0].Name),
        "name" => Value.Of(versions[0].Name),
        _ => default,
    };

    public override Value Call(Run run, in CallArguments arguments)
    {
        var mark = run.Output.Length;
        versions[depth].Render(context);
        var text = run.Output.Cut(mark, run);
        return context.Autoescape ? Value.Markup(text) : Value.Of(text);
    }

    private static Value At(RenderContext context, List<BlockStmt> versions, int depth, string name) =>
        depth < versions.Count ? Value.Of(new BlockReference(context, versions, depth))
            : Value.Of(new Undefined(context.Run.Options.Undefined, $"there is no parent block called '{name}'."));
}
