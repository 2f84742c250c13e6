using PromptStudio.Core.Experiments;
using PromptStudio.Experiments.Pages;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Experiments.Pages;

[Trait(Tier.Name, Tier.Unit)]
public sealed class ExperimentDraftTests
{
    private static readonly Guid First = Guid.Parse("01a2008d-7400-7000-8000-000000000001");
    private static readonly Guid Second = Guid.Parse("01a2008d-7400-7000-8000-000000000002");
    private static readonly Guid Third = Guid.Parse("01a2008d-7400-7000-8000-000000000003");
    private static readonly TimeZoneInfo Berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

    [Fact]
    public void ChoosePrompt_PutsTheActiveVersionAgainstTheNewest()
    {
        var draft = ExperimentDraft.New();

        draft.ChoosePrompt("p", [(Third, false), (Second, true), (First, false)]);

        Assert.Equal([Second, Third], draft.Versions.Select(version => version!.Value));
    }

    [Fact]
    public void ChoosePrompt_WithoutAnActiveVersion_TakesTheTwoNewest()
    {
        var draft = ExperimentDraft.New();

        draft.ChoosePrompt("p", [(Third, false), (Second, false), (First, false)]);

        Assert.Equal([Second, Third], draft.Versions.Select(version => version!.Value));
    }

    [Fact]
    public void ChoosePrompt_WithOneVersion_LeavesTheVariantOpen()
    {
        var draft = ExperimentDraft.New();
        draft.Name = "one";

        draft.ChoosePrompt("p", [(First, true)]);

        Assert.Equal([First, null], draft.Versions);
        Assert.Equal("variant_template_ids", draft.Missing);
    }

    [Fact]
    public void Missing_SaysWhatIsMissing_InTheOrderOfTheForm()
    {
        var draft = ExperimentDraft.New();
        Assert.Equal("name", draft.Missing);
        draft.Name = " x ";
        Assert.Equal("prompt_name", draft.Missing);
        draft.ChoosePrompt("p", [(Second, false), (First, true)]);
        Assert.Null(draft.Missing);
        draft.Versions[0] = null;
        Assert.Equal("control_template_id", draft.Missing);
    }

    [Fact]
    public void ToNew_WritesMarginsInTheMetricsOwnUnit_AndTheEndInItsZone()
    {
        var draft = ExperimentDraft.New();
        draft.Name = " Shorter ";
        draft.ChoosePrompt("p", [(Second, false), (First, true)]);
        draft.AddVariant(Third);
        draft.Split.Set(2, 12.5m);
        Guardrail(draft, "avg_response_time", 7, relative: true);
        Guardrail(draft, "error_rate", 1.5, relative: false);
        Guardrail(draft, "avg_response_tokens", 20, relative: false);
        draft.ToggleSecondary("conversion");
        draft.PlannedEnd = "2026-12-24T18:00";

        var wanted = draft.ToNew(Berlin);

        Assert.Equal("Shorter", wanted.Name);
        Assert.Null(wanted.Description);
        Assert.Equal(First, wanted.ControlTemplateId);
        Assert.Equal([Second, Third], wanted.VariantTemplateIds);
        Assert.Equal(12.5m, wanted.TrafficAllocation!["variant_b"]);
        Assert.Equal(["conversion"], wanted.SecondaryMetrics);
        Assert.Equal(
            [new("avg_response_time", 0.07, true), new("avg_response_tokens", 20), new("error_rate", 0.015)],
            wanted.GuardrailMetrics!.OrderBy(one => one.Metric, StringComparer.Ordinal));
        Assert.Equal(new DateTimeOffset(2026, 12, 24, 17, 0, 0, TimeSpan.Zero), wanted.PlannedEnd!.Value.ToUniversalTime());
    }

    [Fact]
    public void Of_AStoredOne_SavesWhatItWas()
    {
        var view = ExperimentViews.Draft(First, Second) with
        {
            Coverage = 12.5m,
            GuardrailMetrics = [new("error_rate", 0.02), new("avg_response_time", 0.05, Relative: true)],
            SecondaryMetrics = ["conversion"],
            PlannedEnd = new DateTimeOffset(2026, 12, 24, 17, 0, 0, TimeSpan.Zero),
        };

        var draft = ExperimentDraft.Of(view, Berlin);
        var edit = draft.ToEdit(Berlin);

        Assert.False(draft.IsChanged);
        Assert.Equal("2026-12-24T18:00", draft.PlannedEnd);
        Assert.Equal(view.PlannedEnd, edit.PlannedEnd!.Value.ToUniversalTime());
        Assert.Equal(view.Coverage, edit.Coverage);
        Assert.Equal(view.TrafficAllocation, edit.TrafficAllocation);
        Assert.Equal(view.SecondaryMetrics, edit.SecondaryMetrics);
        Assert.Equal(view.GuardrailMetrics.OrderBy(one => one.Metric, StringComparer.Ordinal), edit.GuardrailMetrics!.OrderBy(one => one.Metric, StringComparer.Ordinal));
        draft.Split.Set(0, 60);
        Assert.True(draft.IsChanged);
    }

    [Fact]
    public void ChoosePrimary_OfASecondaryMetric_IsNoSecondaryOneAnyMore()
    {
        var draft = ExperimentDraft.New();
        draft.ToggleSecondary("conversion");
        draft.ToggleSecondary(Metric.SuccessRate.Name);

        draft.ChoosePrimary("conversion");

        Assert.Equal("conversion", draft.Primary);
        Assert.Empty(draft.Secondary);
    }

    private static void Guardrail(ExperimentDraft draft, string metric, double margin, bool relative)
    {
        var one = draft.Guardrails.Single(guardrail => guardrail.Metric.Name == metric);
        (one.IsOn, one.Margin, one.Relative) = (true, margin, relative);
    }
}
