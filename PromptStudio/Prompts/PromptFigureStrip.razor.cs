using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;

namespace PromptStudio.Prompts;

/// <summary>Five figures over all prompts.</summary>
public sealed partial class PromptFigureStrip
{
    private static readonly string[] Labels = ["Prompts", "Running experiments", "Executions today", "Errors today", "Blocked today"];

    [Inject]
    public required IStringLocalizer<PromptWords> Words { get; init; }

    /// <summary>Null while they are fetched.</summary>
    [Parameter, EditorRequired]
    public PromptFigures? Figures { get; set; }

    private IEnumerable<(string Label, string? Value, string? Note)> Cells()
    {
        var f = Figures;
        if (f is null)
            return Waiting();
        var none = f.ExecutionsToday == 0;
        return
        [
            (Words["Prompts"], Shell.Figures.Count(f.Prompts), f.Active == f.Prompts ? Words["all active"] : Words["{0} active", Shell.Figures.Count(f.Active)]),
            (Words["Running experiments"], Shell.Figures.Count(f.RunningExperiments), null),
            (Words["Executions today"], Shell.Figures.Count(f.ExecutionsToday), Words["since 00:00 UTC"]),
            (Words["Errors today"], none ? "–" : Shell.Figures.Share(f.FailedToday, f.ExecutionsToday),
                none ? Words["no executions yet"] : Words["{0} of {1}", Shell.Figures.Count(f.FailedToday), Shell.Figures.Count(f.ExecutionsToday)]),
            (Words["Blocked today"], none ? "–" : Shell.Figures.Share(f.BlockedToday, f.ExecutionsToday),
                none ? Words["no executions yet"] : Words["{0} of {1}", Shell.Figures.Count(f.BlockedToday), Shell.Figures.Count(f.ExecutionsToday)]),
        ];
    }

    private IEnumerable<(string Label, string? Value, string? Note)> Waiting() =>
        Labels.Select(label => (Words[label].Value, (string?)null, (string?)null));
}
