using System.Text.Json;
using PromptStudio.Core.Experiments;
using PromptStudio.Core.Experiments.Analysis;

namespace PromptStudio.Experiments.Pages;

/// <summary>What a snapshot says, by the method that decides, or by another one that somebody wants to see.</summary>
/// <param name="Settings">What the experiment is about.</param>
/// <param name="Sums">What is known.</param>
/// <param name="Decides">By the method that decides.</param>
/// <param name="Shown">By the method that is shown.</param>
public sealed record ExperimentReading(ExperimentSettings Settings, ExperimentSums Sums, ExperimentAnalysis Decides, ExperimentAnalysis Shown)
{
    /// <summary>Whether the page shows another method than the one that decides.</summary>
    public bool IsOther { get; private init; }

    /// <summary>Reads a snapshot.</summary>
    /// <param name="snapshot">Null: there is none.</param>
    /// <param name="method">To be shown; null or unknown: the one that decides.</param>
    /// <returns>Null without a snapshot, or when another engine's figures cannot be read.</returns>
    public static ExperimentReading? Of(ExperimentSnapshotView? snapshot, string? method) => snapshot is null ? null : Of(snapshot.Settings, snapshot.Sums, snapshot.Figures, method);

    /// <summary>Reads what a decision was based on.</summary>
    public static ExperimentReading? Of(ExperimentDecisionView decision) => Of(decision.Settings, decision.Sums, decision.Figures, null);

    private static ExperimentReading? Of(JsonElement settings, JsonElement sums, JsonElement figures, string? method)
    {
        try
        {
            if (Snapshots.Figures(figures.GetRawText()) is not { } decides
                || settings.Deserialize<ExperimentSettings>(Snapshots.Json) is not { } about || sums.Deserialize<ExperimentSums>(Snapshots.Json) is not { } known)
            {
                return null;
            }
            var isOther = method is not null && method != about.DecisionMethod && DecisionMethod.All.Contains(method);
            // Worked out of the same sums: what is remembered of earlier looks belongs to the method that decides.
            var shown = isOther ? ExperimentAnalysis.Of(about with { DecisionMethod = method! }, known) : decides;
            return new ExperimentReading(about, known, decides, shown) { IsOther = isOther };
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
