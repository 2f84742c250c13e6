using System.Globalization;
using System.Text.Json;
using PromptStudio.Core.Experiments;
using PromptStudio.Web;

namespace PromptStudio.Experiments.Pages;

/// <summary>A guardrail metric in the form: whether it is one, and its margin as people write it.</summary>
public sealed class GuardrailDraft
{
    public required Metric Metric { get; init; }

    public bool IsOn { get; set; }

    /// <summary>In per cent of the control's figure, or in points or the metric's unit.</summary>
    public double Margin { get; set; } = 5;

    /// <summary>Whether the margin is a share of the control's figure.</summary>
    public bool Relative { get; set; } = true;

    private double Scale => Relative || Metric.Unit == "%" ? 100 : 1;

    internal GuardrailMetric Written => new(Metric.Name, Math.Round(Margin / Scale, 12), Relative);

    internal void Take(GuardrailMetric stored)
    {
        (IsOn, Relative) = (true, stored.Relative);
        Margin = Math.Round(stored.Margin * Scale, 10);
    }
}

/// <summary>An experiment while somebody plans it: what the form shows, and what saving sends.</summary>
public sealed class ExperimentDraft
{
    /// <summary>How <c>datetime-local</c> writes an instant.</summary>
    private const string InputInstant = "yyyy-MM-dd'T'HH:mm";

    private string _saved = "";

    private ExperimentDraft() => Settle();

    /// <summary>Null: it is not saved yet.</summary>
    public Guid? Id { get; private init; }

    /// <summary>What the person saw; a save that comes after somebody else's is refused.</summary>
    public int Revision { get; private set; }

    public string Name { get; set; } = "";
    public string Description { get; set; } = "";

    /// <summary>The prompt that all versions belong to; empty: none was chosen yet.</summary>
    public string Prompt { get; private set; } = "";

    /// <summary>The version of each group, the control first; null: none was chosen yet.</summary>
    public List<Guid?> Versions { get; private set; } = [null, null];

    /// <summary>Who gets what of those who take part.</summary>
    public TrafficSplit Split { get; private set; } = TrafficSplit.Equal(2);

    /// <summary>Per cent of the users who take part.</summary>
    public decimal Coverage { get; set; } = 100;

    public string Primary { get; private set; } = Metric.SuccessRate.Name;

    /// <summary>Metrics that are shown, and do not decide.</summary>
    public HashSet<string> Secondary { get; private set; } = [];

    /// <summary>Each metric, whether it is a guardrail or not.</summary>
    public IReadOnlyList<GuardrailDraft> Guardrails { get; } = [.. Metric.All.Select(metric => new GuardrailDraft { Metric = metric })];

    public string Method { get; set; } = DecisionMethod.AlwaysValid;
    public int MinimumSample { get; set; } = 1000;
    public double Threshold { get; set; } = 0.05;

    /// <summary>As <c>datetime-local</c> has it, in the browser's zone; empty: none.</summary>
    public string PlannedEnd { get; set; } = "";

    /// <summary>Whether something is not saved.</summary>
    public bool IsChanged => Fingerprint() != _saved;

    /// <summary>Whether another version can be compared.</summary>
    public bool TakesMore => Versions.Count < Allocation.MostGroups;

    /// <summary>An empty one.</summary>
    public static ExperimentDraft New() => new();

    /// <summary>A stored one.</summary>
    /// <param name="view">The experiment.</param>
    /// <param name="zone">The browser's.</param>
    public static ExperimentDraft Of(ExperimentView view, TimeZoneInfo zone)
    {
        var draft = new ExperimentDraft
        {
            Id = view.Id,
            Revision = view.Revision,
            Name = view.Name,
            Description = view.Description ?? "",
            Prompt = view.PromptName,
            Versions = [.. view.Groups.Select(group => (Guid?)group.TemplateId)],
            Split = TrafficSplit.Of(view.TrafficAllocation, view.Groups.Count),
            Coverage = view.Coverage,
            Primary = view.PrimaryMetric,
            Secondary = [.. view.SecondaryMetrics],
            Method = view.DecisionMethod,
            MinimumSample = view.MinimumSampleSize,
            Threshold = view.SignificanceThreshold,
            PlannedEnd = view.PlannedEnd is { } end ? TimeZoneInfo.ConvertTime(end, zone).ToString(InputInstant, CultureInfo.InvariantCulture) : "",
        };
        foreach (var guardrail in view.GuardrailMetrics)
            draft.Guardrails.FirstOrDefault(one => one.Metric.Name == guardrail.Metric)?.Take(guardrail);
        draft.Settle();
        return draft;
    }

    /// <summary>Another prompt: its active version, or else its newest but one, against its newest.</summary>
    /// <param name="prompt">Its name.</param>
    /// <param name="versions">The newest first, with whether each is active.</param>
    public void ChoosePrompt(string prompt, IReadOnlyList<(Guid Id, bool IsActive)> versions)
    {
        Prompt = prompt;
        var control = versions.FirstOrDefault(version => version.IsActive, versions.Skip(1).FirstOrDefault());
        var variant = versions.FirstOrDefault(version => version.Id != control.Id);
        Versions = [control.Id == Guid.Empty ? null : control.Id, variant.Id == Guid.Empty ? null : variant.Id];
        Split = TrafficSplit.Equal(2);
    }

    /// <summary>One group more.</summary>
    public void AddVariant(Guid? version)
    {
        Versions.Add(version);
        Split.Add();
    }

    /// <summary>One variant less.</summary>
    public void RemoveVariant(int index)
    {
        Versions.RemoveAt(index);
        Split.RemoveAt(index);
    }

    /// <summary>Another metric decides; it is no secondary one any more.</summary>
    public void ChoosePrimary(string metric)
    {
        Primary = metric;
        Secondary.Remove(metric);
    }

    /// <summary>Shows a metric beside, or no longer.</summary>
    public void ToggleSecondary(string metric)
    {
        if (!Secondary.Remove(metric) && metric != Primary)
            Secondary.Add(metric);
    }

    /// <summary>Goes on from another revision, with what was written here.</summary>
    public void Rebase(ExperimentView current) => Revision = current.Revision;

    /// <summary>What has to be filled in before it can be saved, as the member that the API would name; null: nothing.</summary>
    public string? Missing => Name.Trim().Length == 0 ? "name"
        : Prompt.Length == 0 ? "prompt_name"
        : Versions[0] is null ? "control_template_id"
        : Versions.Skip(1).Any(version => version is null) ? "variant_template_ids"
        : null;

    /// <summary>To be made.</summary>
    public NewExperiment ToNew(TimeZoneInfo zone) => new()
    {
        Name = Name.Trim(),
        Description = Description.Trim() is { Length: > 0 } text ? text : null,
        ControlTemplateId = Versions[0] ?? Guid.Empty,
        VariantTemplateIds = Variants(),
        TrafficAllocation = Split.Percentages(),
        Coverage = Coverage,
        PrimaryMetric = Primary,
        SecondaryMetrics = Shown(),
        GuardrailMetrics = Held(),
        DecisionMethod = Method,
        MinimumSampleSize = MinimumSample,
        SignificanceThreshold = Threshold,
        PlannedEnd = End(zone),
    };

    /// <summary>To be saved: all of it.</summary>
    public ExperimentEdit ToEdit(TimeZoneInfo zone) => new()
    {
        Name = Name.Trim(),
        Description = Description.Trim(),
        ControlTemplateId = Versions[0],
        VariantTemplateIds = Variants(),
        TrafficAllocation = Split.Percentages(),
        Coverage = Coverage,
        PrimaryMetric = Primary,
        SecondaryMetrics = Shown(),
        GuardrailMetrics = Held(),
        DecisionMethod = Method,
        MinimumSampleSize = MinimumSample,
        SignificanceThreshold = Threshold,
        PlannedEnd = End(zone),
    };

    /// <summary>From here on a change is one: what the address chose is nothing that could be lost.</summary>
    public void Settle() => _saved = Fingerprint();

    private Guid[] Variants() => [.. Versions.Skip(1).Select(version => version ?? Guid.Empty)];

    private string[] Shown() => [.. Metric.All.Select(metric => metric.Name).Where(Secondary.Contains)];

    private GuardrailMetric[] Held() => [.. Guardrails.Where(one => one.IsOn).Select(one => one.Written)];

    private DateTimeOffset? End(TimeZoneInfo zone) => DateTime.TryParse(PlannedEnd, CultureInfo.InvariantCulture, out var local)
        ? new DateTimeOffset(local, zone.IsInvalidTime(local) ? zone.BaseUtcOffset : zone.GetUtcOffset(local))
        : null;

    private string Fingerprint() => JsonSerializer.Serialize(
        (object[])[Name, Description, Prompt, Versions, Split.Percentages(), Coverage, Primary, Shown(), Held(), Method, MinimumSample, Threshold, PlannedEnd],
        ApiJson.Options);
}
