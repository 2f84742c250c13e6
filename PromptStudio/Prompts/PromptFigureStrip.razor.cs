using Microsoft.AspNetCore.Components;

namespace PromptStudio.Prompts;

/// <summary>Four figures over all prompts.</summary>
public sealed partial class PromptFigureStrip
{
    /// <summary>Null while they are fetched.</summary>
    [Parameter, EditorRequired]
    public PromptFigures? Figures { get; set; }

    private IEnumerable<(string Label, string? Value, string? Note)> Cells()
    {
        var f = Figures;
        yield return ("Prompts", f is null ? null : Shell.Figures.Count(f.Prompts), f is null ? null : f.Active == f.Prompts ? "all active" : $"{Shell.Figures.Count(f.Active)} active");
        yield return ("Versions", f is null ? null : Shell.Figures.Count(f.Versions), null);
        yield return ("Executions today", f is null ? null : Shell.Figures.Count(f.ExecutionsToday), "since 00:00 UTC");
        yield return ("Errors today", f is null ? null : f.ExecutionsToday == 0 ? "–" : Shell.Figures.Share(f.FailedToday, f.ExecutionsToday),
            f is null ? null : f.ExecutionsToday == 0 ? "no executions yet" : $"{Shell.Figures.Count(f.FailedToday)} of {Shell.Figures.Count(f.ExecutionsToday)}");
    }
}
