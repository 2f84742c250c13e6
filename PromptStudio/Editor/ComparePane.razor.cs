using Microsoft.AspNetCore.Components;
using PromptStudio.Prompts;

namespace PromptStudio.Editor;

/// <summary>What stands in the editor against another version, while it is typed.</summary>
public sealed partial class ComparePane
{
    private PromptDetail? _other;

    [Parameter, EditorRequired]
    public required EditorSession Session { get; set; }

    /// <summary>The other version.</summary>
    [Parameter]
    public VersionSummary? Against { get; set; }

    [Parameter, EditorRequired]
    public EventCallback<VersionSummary> OnChosen { get; set; }

    /// <summary>A changed draft can be compared with how it is stored.</summary>
    private IReadOnlyList<VersionSummary> Others => [.. Session.Versions.Where(version => version.Id != Session.Version.Id || Session.IsChanged)];

    protected override async Task OnParametersSetAsync()
    {
        var wanted = Against ?? (Others.Count > 0 ? Others[0] : null);
        if (wanted is not null && _other?.Id != wanted.Id)
            _other = await Session.FindAsync(wanted.Id, default);
    }

    private Task ChooseAsync(ChangeEventArgs change) =>
        Session.Versions.FirstOrDefault(version => version.Id.ToString() == change.Value?.ToString()) is { } chosen ? OnChosen.InvokeAsync(chosen) : Task.CompletedTask;
}
