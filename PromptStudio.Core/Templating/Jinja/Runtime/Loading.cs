namespace PromptStudio.Core.Templating.Jinja.Runtime;

/// <summary>A template and the name it was asked for by.</summary>
internal sealed record LoadedTemplate(JinjaTemplate Template, string? Name);

/// <summary>Finds the templates that statements name.</summary>
internal static class Loading
{
    /// <summary>The one template that a value names.</summary>
    public static LoadedTemplate One(RenderContext context, Value name) => Find(context, Text(name)) ?? throw NotFound(Text(name));

    /// <summary>The first that exists of the templates that a value names; null when missing ones are ignored.</summary>
    public static LoadedTemplate? Any(RenderContext context, Value name, bool ignoreMissing)
    {
        if (name.Kind is not (Kind.List or Kind.Tuple))
        {
            return Find(context, Text(name)) ?? (ignoreMissing ? null : throw NotFound(Text(name)));
        }

        var names = PySequence.ToArray(context.Run, name);
        foreach (var candidate in names)
        {
            if (!candidate.IsUndefined && Find(context, Text(candidate)) is { } found)
            {
                return found;
            }
        }

        return ignoreMissing ? null : throw new Fault(
            TemplateErrorKind.NotFound,
            "TemplatesNotFound",
            names.Length == 0 ? "Tried to select from an empty list of templates."
                : $"none of the templates exists: {string.Join(", ", names.Select(item => item.IsString ? item.Text : item.TypeName))}");
    }

    /// <summary>The module of a template that sees only globals: made once a render.</summary>
    public static PyModule Module(Run run, LoadedTemplate loaded)
    {
        if (!run.Modules.TryGetValue(loaded.Template, out var module))
        {
            module = PyModule.Make(new RenderContext(run, loaded, null, null));
            run.Modules.Add(loaded.Template, module);
        }

        return module;
    }

    private static string Text(Value name)
    {
        if (name.IsUndefined)
        {
            throw name.Undefined.Fault();
        }

        return name.IsString ? name.Text : throw Fault.Type($"a template's name must be a string, not {name.TypeName}");
    }

    private static Fault NotFound(string name) => new(TemplateErrorKind.NotFound, "TemplateNotFound", $"the template '{name}' does not exist");

    private static LoadedTemplate? Find(RenderContext context, string name)
    {
        var run = context.Run;
        ITemplate? template;
        try
        {
            template = run.Request.Loader?.Load(name, context.Template.Options);
        }
        catch (TemplateException e)
        {
            throw new Fault(e.Error.Kind, e.Error.PythonType, e.Error.Message)
            {
                Known = e.Error with { TemplateName = e.Error.TemplateName ?? name },
            };
        }

        return template switch
        {
            null => null,
            JinjaTemplate jinja => run.Named(jinja, name),
            _ => throw Fault.Type($"the template '{name}' is written in another language"),
        };
    }
}
