using Microsoft.Extensions.Localization;
using PromptStudio.Core.Experiments;
using PromptStudio.Core.Experiments.Analysis;

namespace PromptStudio.Experiments.Pages;

/// <summary>What is to be read first: what to do, and why, in a sentence.</summary>
/// <param name="Title">What to do.</param>
/// <param name="Sentence">Why.</param>
/// <param name="Style"><c>good</c>, <c>warning</c>, <c>bad</c>, <c>calm</c>, or empty.</param>
public sealed record Verdict(string Title, string Sentence, string Style)
{
    /// <summary>Whether there is something to decide: declaring is what the page leads to then, and only possible before.</summary>
    public bool Decides => Style == "good";

    /// <summary>Of an experiment as it stands.</summary>
    /// <param name="view">The experiment.</param>
    /// <param name="figures">Its newest ones, by the method that decides; null: there are none.</param>
    /// <param name="decision">Its decision; null: there is none.</param>
    /// <param name="L">The texts of the pages.</param>
    public static Verdict Of(ExperimentView view, ExperimentAnalysis? figures, ExperimentDecisionView? decision, IStringLocalizer<ExperimentPageWords> L) => (view.Status, figures?.Decision) switch
    {
        (ExperimentStatus.WinnerDeclared, _) => new(L["Decided"], L["{0} was declared the winner, and callers get its version.", new MetricWords(L).Group(decision?.WinnerGroup ?? Allocation.Control)], "good"),
        (ExperimentStatus.Draft, _) => new(L["Not started yet"], L["Nobody gets anything of it yet. Start it when its design is right."], ""),
        (_, null) => new(L["Too early to say"], L["There are no figures yet."], ""),
        (_, { Code: Decision.Declare } found) => new(L["Safe to declare"], found.Text, "good"),
        (_, { Code: Decision.KeepControl } found) => new(L["Keep control"], found.Text, "good"),
        (_, { Code: Decision.CheckAssignment } found) => new(L["Do not believe the figures"], found.Text, "bad"),
        (_, { Code: Decision.Blocked } found) => new(L["Not safe to declare"], found.Text, "warning"),
        (ExperimentStatus.Completed, { } found) => new(L["It ended undecided"], found.Text, "calm"),
        (_, { } found) => new(L["Keep waiting"], found.Text, "calm"),
    };
}
