using System.Text.Json;
using PromptStudio.Core.Prompts;
using PromptStudio.Core.Templating;
using PromptStudio.Prompts;

namespace PromptStudio.Rendering;

/// <summary>A version that is ready to be rendered: its contract is read and its text parsed, once.</summary>
public sealed class CataloguedVersion
{
    private readonly Lazy<(ITemplate? Template, TemplateError? Error)> _parsed;
    private Included? _included;

    /// <param name="row">As it is stored; never changed.</param>
    /// <param name="templates">Keeps what is parsed: many versions share a text.</param>
    public CataloguedVersion(PromptTemplate row, TemplateCache templates)
    {
        Row = row;
        Contract = TemplateVariables.TryParse(row.TemplateVariables);
        Engine = TemplateEngines.Find(row.TemplateFormat);
        About = JsonSerializer.SerializeToElement(new Dictionary<string, object?> { ["name"] = row.Name, ["version"] = row.Version, ["category"] = row.Category });
        Answer = RenderAnswer.About(row.Id, row.Name, row.Version);
        // Not before it is asked for: a start must not wait for a thousand texts that nobody renders.
        _parsed = new(() => Parse(templates), LazyThreadSafetyMode.PublicationOnly);
    }

    public PromptTemplate Row { get; }

    /// <summary>What its callers must and may give; null: that cannot be read.</summary>
    public TemplateVariables? Contract { get; }

    /// <summary>Null: there is none for its format.</summary>
    public ITemplateEngine? Engine { get; }

    /// <summary>Its name, version and category, a JSON object: what expressions of guardrails see of it.</summary>
    public JsonElement About { get; }

    /// <summary>What each answer says of it.</summary>
    internal byte[] Answer { get; }

    /// <summary>Its text, parsed; or what is wrong with it.</summary>
    public (ITemplate? Template, TemplateError? Error) Parsed => _parsed.Value;

    /// <summary>The prompts that it includes, as they are at the moment.</summary>
    /// <param name="edition">Counts the changes of all prompts.</param>
    /// <param name="loader">Null: it includes none.</param>
    /// <returns>False: they have to be read, see <see cref="Include"/>.</returns>
    public bool TryIncluded(long edition, out ITemplateLoader? loader)
    {
        var included = Volatile.Read(ref _included);
        loader = included?.Edition == edition ? included.Loader : null;
        return included?.Edition == edition || Parsed.Template is null or { References.Count: 0 };
    }

    /// <summary>Keeps the prompts that it includes.</summary>
    public void Include(long edition, ITemplateLoader? loader) => Volatile.Write(ref _included, new Included(edition, loader));

    /// <summary>Whether a row says the same of everything that a render depends on.</summary>
    internal bool Is(PromptTemplate other) => (Row.Id, Row.Revision, Row.FrozenAt, Row.Name, Row.Version, Row.Category, Row.TemplateFormat, Row.TemplateVariables, Row.TemplateText, Row.StoreRenderedPrompt)
        == (other.Id, other.Revision, other.FrozenAt, other.Name, other.Version, other.Category, other.TemplateFormat, other.TemplateVariables, other.TemplateText, other.StoreRenderedPrompt);

    private (ITemplate? Template, TemplateError? Error) Parse(TemplateCache templates)
    {
        try
        {
            return Engine is null
                ? (null, new TemplateError(TemplateErrorKind.Syntax, $"There is no engine for the format '{Row.TemplateFormat}'", 1, 1))
                : (templates.Get(Engine, Row.TemplateText, TemplateOptions.Studio), null);
        }
        catch (TemplateException exception)
        {
            return (null, exception.Error);
        }
    }

    private sealed record Included(long Edition, ITemplateLoader? Loader);
}
