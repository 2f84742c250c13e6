using System.Text.Json;
using PromptStudio.Web;

namespace PromptStudio.Guardrails.Pages;

/// <summary>A guardrail while somebody writes it: what the form shows, and what saving sends.</summary>
public sealed class GuardrailDraft
{
    private string _saved = "";

    /// <summary>Null: it is not saved yet.</summary>
    public Guid? Id { get; private set; }

    /// <summary>What the person saw; a save that comes after somebody else's is refused.</summary>
    public int Revision { get; private set; }

    public string Name { get; set; } = "";
    public string Description { get; set; } = "";
    public string RuleType { get; private set; } = Core.Guardrails.RuleType.Regex;
    public RuleDraft Rule { get; private set; } = new();
    public string Level { get; set; } = GuardrailWords.Blocking;
    public double Percentage { get; set; } = 100;
    public string Scope { get; set; } = GuardrailWords.RenderedPrompt;

    /// <summary>With the scope of variables: their names, apart by spaces or commas; empty: all.</summary>
    public string Variables { get; set; } = "";

    /// <summary>Names of prompts or categories; empty: all.</summary>
    public List<string> AppliesTo { get; private set; } = [];

    public string OnError { get; set; } = GuardrailWords.Allow;
    public string Message { get; set; } = "";
    public bool Redact { get; set; }
    public string AllowedTexts { get; set; } = "";
    public string AllowedPatterns { get; set; } = "";
    public bool IsActive { get; set; } = true;

    /// <summary>Whether one is stored; it is never shown again.</summary>
    public bool HasSecret { get; private set; }

    /// <summary>One that takes the stored one's place; empty: the stored one stays.</summary>
    public string Secret { get; set; } = "";

    /// <summary>Whether saving would remove the stored secret.</summary>
    public bool RemovesSecret { get; set; }

    /// <summary>Whether something is not saved.</summary>
    public bool IsChanged => Fingerprint() != _saved;

    /// <summary>An empty one.</summary>
    public static GuardrailDraft New() => new GuardrailDraft { Rule = RuleDraft.Read(Core.Guardrails.RuleType.Regex, JsonElement.Parse("{}")) }.Settled();

    /// <summary>A stored one.</summary>
    public static GuardrailDraft Of(GuardrailView view) => new GuardrailDraft
    {
        Id = view.Id,
        Revision = view.Revision,
        Name = view.Name,
        Description = view.Description ?? "",
        RuleType = view.RuleType,
        Rule = RuleDraft.Read(view.RuleType, view.RuleConfig),
        Level = view.EnforcementLevel,
        Percentage = view.EnforcementPercentage,
        Scope = view.Scope,
        Variables = string.Join(", ", view.Variables),
        AppliesTo = [.. view.AppliesTo],
        OnError = view.OnError,
        Message = view.Message ?? "",
        Redact = view.Redact,
        AllowedTexts = string.Join('\n', view.AllowList.Texts ?? []),
        AllowedPatterns = string.Join('\n', view.AllowList.Patterns ?? []),
        IsActive = view.IsActive,
        HasSecret = view.HasSecret,
    }.Settled();

    /// <summary>Takes a ready-made rule over; the name stays when there is one already.</summary>
    public void Take(GuardrailTemplate template)
    {
        Name = Name.Length == 0 ? template.Name : Name;
        Description = template.Description;
        RuleType = template.RuleType;
        Rule = RuleDraft.Read(template.RuleType, template.RuleConfig);
        Level = template.EnforcementLevel;
        Scope = template.Scope;
        Message = template.Message ?? "";
    }

    /// <summary>Another type of rule: its form begins empty.</summary>
    public void ChangeType(string type) => (RuleType, Rule) = (type, RuleDraft.Read(type, JsonElement.Parse("{}")));

    /// <summary>Goes on from another revision, with what was written here: the next save takes the place of what somebody else saved.</summary>
    public void Rebase(GuardrailView current) => Revision = current.Revision;

    /// <summary>To be tested without being saved.</summary>
    /// <exception cref="FormatException">The config is no JSON.</exception>
    public UnsavedRule ToRule() => new() { RuleType = RuleType, RuleConfig = Rule.Write(RuleType), AllowList = Allowed(), Message = OrNull(Message), Secret = OrNull(Secret) };

    /// <summary>To be made.</summary>
    /// <exception cref="FormatException">The config is no JSON.</exception>
    public NewGuardrail ToNew() => new()
    {
        Name = Name.Trim(),
        Description = OrNull(Description),
        RuleType = RuleType,
        RuleConfig = Rule.Write(RuleType),
        EnforcementLevel = Level,
        EnforcementPercentage = Percentage,
        Scope = Scope,
        Variables = VariableNames(),
        AppliesTo = AppliesTo,
        OnError = OnError,
        Message = OrNull(Message),
        Redact = Redact,
        AllowList = Allowed(),
        IsActive = IsActive,
        Secret = OrNull(Secret),
    };

    /// <summary>To be saved: all of it, so that what was emptied becomes empty.</summary>
    /// <exception cref="FormatException">The config is no JSON.</exception>
    public GuardrailEdit ToEdit() => new()
    {
        Name = Name.Trim(),
        Description = Description.Trim(),
        RuleType = RuleType,
        RuleConfig = Rule.Write(RuleType),
        EnforcementLevel = Level,
        EnforcementPercentage = Percentage,
        Scope = Scope,
        Variables = VariableNames(),
        AppliesTo = AppliesTo,
        OnError = OnError,
        Message = Message.Trim(),
        Redact = Redact,
        AllowList = Allowed(),
        IsActive = IsActive,
        Secret = Secret.Length > 0 ? Secret : RemovesSecret ? "" : null,
    };

    /// <summary>The members in which somebody else's version differs from this one.</summary>
    public IReadOnlyList<string> DifferencesTo(GuardrailView other)
    {
        var theirs = Of(other);
        return
        [
            .. new (string Member, bool Differs)[]
            {
                ("name", Name.Trim() != theirs.Name),
                ("description", Description.Trim() != theirs.Description),
                ("rule", RuleType != theirs.RuleType || TryWrite() != theirs.TryWrite()),
                ("enforcement_level", Level != theirs.Level || Percentage != theirs.Percentage),
                ("scope", Scope != theirs.Scope || !VariableNames().SequenceEqual(theirs.VariableNames())),
                ("applies_to", !AppliesTo.SequenceEqual(theirs.AppliesTo)),
                ("on_error", OnError != theirs.OnError),
                ("message", Message.Trim() != theirs.Message),
                ("redact", Redact != theirs.Redact),
                ("allow_list", AllowedTexts != theirs.AllowedTexts || AllowedPatterns != theirs.AllowedPatterns),
                ("is_active", IsActive != theirs.IsActive),
            }.Where(one => one.Differs).Select(one => one.Member),
        ];
    }

    private GuardrailDraft Settled()
    {
        _saved = Fingerprint();
        return this;
    }

    private string Fingerprint() => JsonSerializer.Serialize(new
    {
        Name,
        Description,
        RuleType,
        Config = TryWrite(),
        Level,
        Percentage,
        Scope,
        Variables = VariableNames(),
        AppliesTo,
        OnError,
        Message,
        Redact,
        AllowedTexts,
        AllowedPatterns,
        IsActive,
        Secret,
        RemovesSecret,
    }, ApiJson.Options);

    private string TryWrite()
    {
        try
        {
            return Rule.Write(RuleType).GetRawText();
        }
        catch (FormatException)
        {
            return Rule.Json;
        }
    }

    private string[] VariableNames() => Scope == GuardrailWords.Variables ? Variables.Split([' ', ',', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) : [];

    private AllowedTexts Allowed() => new(RuleDraft.Split(AllowedTexts), RuleDraft.Split(AllowedPatterns));

    private static string? OrNull(string text) => text.Trim().Length == 0 ? null : text.Trim();
}
