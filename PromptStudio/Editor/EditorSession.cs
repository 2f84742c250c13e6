using System.Text.Json;
using PromptStudio.Access;
using PromptStudio.Core.Access;
using PromptStudio.Core.Guardrails;
using PromptStudio.Core.Prompts;
using PromptStudio.Editor.Samples;
using PromptStudio.Prompts;
using PromptStudio.Rendering;
using PromptStudio.Web;

namespace PromptStudio.Editor;

/// <summary>
/// A version under somebody's hands: what is stored, what they made of it, what it renders to, and everything that they can do with it. Knows nothing of
/// pages; those show it.
/// </summary>
public sealed partial class EditorSession(
    PromptStore prompts, EditorStore store, SampleStore samples, EditCommand edit, VersionCommands versions, ActivationCommands activation,
    LabelCommands labels, LabelStore labelStore, PromptCommands commands, PromptPreview preview, CurrentActor me)
{
    private PromptDetail? _version;
    private int _latest;

    /// <summary>The version as it is stored.</summary>
    public PromptDetail Version => _version ?? throw new InvalidOperationException("Nothing is loaded.");

    public bool IsLoaded => _version is not null;

    /// <summary>The timeline, the newest first.</summary>
    public IReadOnlyList<VersionSummary> Versions { get; private set; } = [];

    public IReadOnlyList<SampleView> Samples { get; private set; } = [];

    /// <summary>The guardrails that look at the prompt.</summary>
    public IReadOnlyList<EditorRule> Rules { get; private set; } = [];

    public Actor Actor { get; private set; } = new(ActorKind.System, null, "", Permissions.None);

    /// <summary>The text as it stands in the editor.</summary>
    public string Text { get; set; } = "";

    public string Format { get; set; } = "jinja2";

    public ContractModel Contract { get; private set; } = new();

    /// <summary>What the preview fills the template with.</summary>
    public VariableValues Values { get; private set; } = new();

    /// <summary>What the text makes of the values; null: nothing was previewed yet.</summary>
    public PreviewedPrompt? Preview { get; private set; }

    /// <summary>The rendered text in pieces.</summary>
    public IReadOnlyList<PreviewMessage> Messages { get; private set; } = [];

    /// <summary>Whether callers get messages.</summary>
    public bool IsChat => Preview is { Chat.Count: > 0 };

    /// <summary>Tokens of the rendered text, as the newer OpenAI models count; null: nothing was rendered.</summary>
    public int? Tokens { get; private set; }

    /// <summary>Why a preview was refused altogether; null: it was not.</summary>
    public string? PreviewProblem { get; private set; }

    /// <summary>Variables that a real render would refuse the caller for.</summary>
    public IReadOnlyList<VariableProblem> Missing { get; private set; } = [];

    /// <summary>What somebody else saved meanwhile; null: nobody did.</summary>
    public PromptDetail? Conflict { get; private set; }

    public bool MayWrite => Actor.May(Permissions.Write) && Version.ArchivedAt is null;

    public bool IsDraft => Version.FrozenAt is null;

    /// <summary>The contract as it stands, written as a stored one is.</summary>
    public string? ContractJson => Contract.ToJson();

    /// <summary>Whether anything differs from what is stored.</summary>
    public bool IsChanged => Text != Version.TemplateText || Format != Version.TemplateFormat
        || !PromptInput.Same(Contract.ToJson(), ContractModel.Of(Version.TemplateVariables?.GetRawText()).ToJson());

    /// <summary>The next newer version, if any.</summary>
    public VersionSummary? Newer => Versions.LastOrDefault(version => version.Version > Version.Version);

    /// <summary>The next older version, if any.</summary>
    public VersionSummary? Older => Versions.FirstOrDefault(version => version.Version < Version.Version);

    /// <summary>Opens a version.</summary>
    /// <returns>Why it cannot be opened; null: it is.</returns>
    public async Task<Problem?> LoadAsync(Guid id, CancellationToken cancellationToken)
    {
        Actor = await me.GetAsync();
        var found = await prompts.FindAsync(Actor, id, cancellationToken);
        if (found.Value is not { } version)
            return found.Problem;
        var sameName = _version?.Name == version.Name;
        Take(version);
        (Conflict, Preview, Messages) = (null, null, []);
        // Values are of the prompt: they stay while its versions are looked through.
        if (!sameName)
            Values = VariableValues.Of(TemplateVariables.TryParse(version.TemplateVariables?.GetRawText()) ?? TemplateVariables.None);
        await RefreshAsync(cancellationToken);
        return null;
    }

    /// <summary>Reads what surrounds the version anew.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        Versions = await store.VersionsAsync(Actor, Version.Id, cancellationToken);
        Samples = (await samples.ListAsync(Actor, Version.Name, cancellationToken)).Value?.Items ?? [];
        Rules = store.Rules(Version.Name, Version.Category);
    }

    /// <summary>Gives up what was typed.</summary>
    public void Reset() => Take(Version);

    /// <summary>Takes an edited contract.</summary>
    public void SetContract(ContractModel contract) => Contract = contract;

    /// <summary>Renders what stands in the editor. Only the latest call counts: an earlier one that ends later changes nothing.</summary>
    /// <returns>Whether it was the latest.</returns>
    public async Task<bool> PreviewAsync(CancellationToken cancellationToken)
    {
        var mine = ++_latest;
        var contract = ContractJson;
        var body = new PreviewBody
        {
            TemplateText = Text,
            TemplateFormat = Format,
            TemplateVariables = contract is null ? JsonElement.Parse("null") : JsonElement.Parse(contract),
            Variables = Values.Json,
        };
        // Off the page's own thread: its person goes on typing.
        var (answer, messages, tokens) = await Task.Run(async () =>
        {
            var result = await preview.RenderAsync(Actor, Version.Id, body, cancellationToken);
            return result.Value is { RenderedPrompt: { } text } done
                ? (result, PreviewText.Read(text, done.Chat, done.GuardrailViolations), TokenCounter.Of(TokenCounter.Encodings[0]).Count(text, int.MaxValue))
                : (result, (IReadOnlyList<PreviewMessage>)[], (int?)null);
        }, cancellationToken);
        if (mine != _latest)
            return false;
        (Preview, PreviewProblem, Messages, Tokens) = (answer.Value, answer.Problem?.Detail, messages, tokens);
        Missing = TemplateVariables.TryParse(contract)?.Check(body.Variables) ?? [];
        return true;
    }

    /// <summary>Names for completion in an include.</summary>
    public Task<IReadOnlyList<string>> NamesAsync(string typed, CancellationToken cancellationToken) => prompts.NamesAsync(typed, 50, cancellationToken);

    /// <summary>Shows a stored version as it is.</summary>
    private void Take(PromptDetail version)
    {
        _version = version;
        (Text, Format) = (version.TemplateText, version.TemplateFormat);
        Contract = ContractModel.Of(version.TemplateVariables?.GetRawText());
    }
}
