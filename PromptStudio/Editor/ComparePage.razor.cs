using System.Globalization;
using Microsoft.AspNetCore.Components;
using PromptStudio.Access;
using PromptStudio.Prompts;
using PromptStudio.Shell;

namespace PromptStudio.Editor;

/// <summary>Two versions of a prompt: their texts, their variables, and what else differs. The address says which.</summary>
public sealed partial class ComparePage : IDisposable
{
    private readonly CancellationTokenSource _gone = new();
    private IReadOnlyList<VersionSummary> _versions = [];
    private IReadOnlyList<ChangedSetting> _settings = [];
    private PromptDetail? _before;
    private PromptDetail? _after;
    private string? _problem;
    private bool _sideBySide = true;

    [Inject]
    public required PromptStore Prompts { get; init; }

    [Inject]
    public required EditorStore Store { get; init; }

    [Inject]
    public required CurrentActor Me { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [Parameter]
    public Guid Id { get; set; }

    /// <summary>The number of the version before it; none: the active one, else the one before.</summary>
    [SupplyParameterFromQuery]
    public string? Against { get; set; }

    protected override async Task OnParametersSetAsync()
    {
        if (!RendererInfo.IsInteractive)
            return;
        var actor = await Me.GetAsync();
        var found = await Prompts.FindAsync(actor, Id, _gone.Token);
        if (found.Value is not { } after)
        {
            _problem = found.Problem!.Detail;
            return;
        }
        _versions = await Store.VersionsAsync(actor, Id, _gone.Token);
        int? asked = int.TryParse(Against, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
        var against = _versions.FirstOrDefault(version => version.Version == asked)
            ?? _versions.FirstOrDefault(version => version.IsActive && version.Id != Id)
            ?? _versions.FirstOrDefault(version => version.Version < after.Version)
            ?? _versions.First(version => version.Id == Id);
        var other = await Prompts.FindAsync(actor, against.Id, _gone.Token);
        if (other.Value is not { } before)
        {
            _problem = other.Problem!.Detail;
            return;
        }
        (_problem, _before, _after, _settings) = (null, before, after, VersionDiff.Of(before, after).Settings);
    }

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    private static string NameOf(ChangedSetting setting) => setting.Name switch
    {
        "template_format" => "Language",
        "message" => "Message",
        "description" => "Description",
        "category" => "Category",
        _ => setting.Name,
    };

    private void Go(Guid id, ChangeEventArgs against) =>
        Navigation.NavigateTo(Links.Compare(id, int.TryParse(against.Value?.ToString(), CultureInfo.InvariantCulture, out var version) ? version : null));

    private void GoTo(ChangeEventArgs change)
    {
        if (_versions.FirstOrDefault(version => version.Version.ToString(CultureInfo.InvariantCulture) == change.Value?.ToString()) is { } chosen)
            Navigation.NavigateTo(Links.Compare(chosen.Id, _before?.Version));
    }
}
