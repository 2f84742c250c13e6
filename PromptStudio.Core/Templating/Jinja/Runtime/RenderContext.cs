using PromptStudio.Core.Templating.Jinja.Binding;
using PromptStudio.Core.Templating.Jinja.Library;
using PromptStudio.Core.Templating.Jinja.Nodes;

namespace PromptStudio.Core.Templating.Jinja.Runtime;

/// <summary>What one template sees while it is rendered: its names, its blocks, whether it escapes.</summary>
internal sealed class RenderContext
{
    private readonly RenderContext? _base;
    private readonly Dictionary<string, Value>? _locals;
    private readonly RenderContext _escaping;
    private readonly Variables? _variables;
    private bool _autoescape;
    private Dictionary<string, Value>? _set;
    private HashSet<string>? _exported;

    /// <summary>The rendered template.</summary>
    public RenderContext(Run run, JinjaTemplate template)
        : this(run, template.Itself, null, null) => _variables = run.Variables;

    /// <summary>An included, imported or extended template; without a base it sees only the globals.</summary>
    public RenderContext(Run run, LoadedTemplate loaded, RenderContext? around, Dictionary<string, Value>? locals)
    {
        Run = run;
        Name = loaded.Name;
        Template = loaded.Template;
        IsShared = Template.IsShared || loaded.Name is not null;
        _base = around;
        _locals = locals;
        _escaping = this;
        _autoescape = Template.Options.Autoescape;
        if (Template.Blocks.Length > 0)
        {
            foreach (var block in Template.Blocks)
            {
                AddBlock(block);
            }
        }
    }

    private RenderContext(RenderContext around, Dictionary<string, Value> locals)
    {
        Run = around.Run;
        Name = around.Name;
        Template = around.Template;
        IsShared = around.IsShared;
        Blocks = around.Blocks;
        _escaping = around._escaping;
        _base = around;
        _locals = locals;
    }

    private RenderContext(RenderContext around, Dictionary<string, Value>? set, bool isSnapshot)
    {
        Run = around.Run;
        Name = around.Name;
        Template = around.Template;
        IsShared = isSnapshot;
        _escaping = around._escaping;
        _base = around._base;
        _locals = around._locals;
        _variables = around._variables;
        _set = set is null ? null : new Dictionary<string, Value>(set, StringComparer.Ordinal);
    }

    public Run Run { get; }

    /// <summary>The template's name; null for the one that is rendered.</summary>
    public string? Name { get; }

    public JinjaTemplate Template { get; }

    /// <summary>Whether other functions or templates may look up what the template sets.</summary>
    public bool IsShared { get; }

    /// <summary>Whether the variables are its own, not those of a template around.</summary>
    public bool ReadsVariables => _variables is not null;

    public bool Autoescape
    {
        get => _escaping._autoescape;
        set => _escaping._autoescape = value;
    }

    public Dictionary<string, List<BlockStmt>>? Blocks { get; private set; }

    public IEnumerable<string> Exported => _exported ?? Enumerable.Empty<string>();

    /// <summary>The value of a name that no scope of the template has.</summary>
    public Value Resolve(string name)
    {
        for (var context = this; ; context = context._base)
        {
            if (context._set is not null && context._set.TryGetValue(name, out var value))
            {
                return value;
            }

            if (context._locals is not null && context._locals.TryGetValue(name, out value))
            {
                return value;
            }

            if (context._variables is not null && context._variables.TryGet(name, out value))
            {
                return value;
            }

            if (context._base is null)
            {
                return Globals.Find(Run, name);
            }
        }
    }

    /// <summary>Sets a name of the template's top.</summary>
    public void Set(string name, Value value, bool exports)
    {
        Run.Charge(64);
        (_set ??= new(StringComparer.Ordinal))[name] = value;
        if (!exports || name.StartsWith('_'))
        {
            _exported?.Remove(name);
        }
        else
        {
            (_exported ??= new(StringComparer.Ordinal)).Add(name);
        }
    }

    public Value GetSet(string name) => _set is not null && _set.TryGetValue(name, out var value) ? value : default;

    public void AddBlock(BlockStmt block)
    {
        Blocks ??= new(StringComparer.Ordinal);
        if (!Blocks.TryGetValue(block.Name, out var versions))
        {
            Blocks.Add(block.Name, versions = []);
        }

        versions.Add(block);
    }

    /// <summary>The same context with more names, for a scoped block.</summary>
    public RenderContext Derive(Frame frame, VisibleName[] visible) => new(this, Locals(frame, visible));

    /// <summary>The context as it is now, whatever is set later.</summary>
    public RenderContext Snapshot() => new(this, _set, true);

    public Dictionary<string, Value> Locals(Frame frame, VisibleName[] visible)
    {
        Run.Charge(visible.Length * 64L);
        var locals = new Dictionary<string, Value>(visible.Length, StringComparer.Ordinal);
        foreach (var name in visible)
        {
            var from = frame;
            for (var hops = name.Hops; hops > 0; hops--)
            {
                from = from.Outer!;
            }

            var value = from.Slots[name.Slot];
            if (value.Kind > Kind.Missing)
            {
                locals[name.Name] = value;
            }
        }

        return locals;
    }

    /// <summary>The known name nearest to an unknown one.</summary>
    public string? SuggestName(string name)
    {
        var known = new List<string>(Globals.Names(Run.Options));
        for (var context = this; context is not null; context = context._base)
        {
            known.AddRange(context._set?.Keys ?? Enumerable.Empty<string>());
            known.AddRange(context._variables?.Names ?? []);
        }

        known.AddRange(Template.SetNames);
        known.RemoveAll(other => other == name);
        return Spelling.Nearest(name, known);
    }
}
