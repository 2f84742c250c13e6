using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;
using PromptStudio.Core.Access;
using PromptStudio.Prompts;

namespace PromptStudio.Editor;

/// <summary>What all versions of the prompt share.</summary>
public sealed partial class PromptSettingsDialog
{
    private IReadOnlyList<string> _categories = [];
    private string _name = "";
    private string _category = "";
    private string _description = "";
    private bool _protected;
    private bool _approval;
    private string? _problem;

    [Inject]
    public required IStringLocalizer<EditorWords> Words { get; init; }

    [Inject]
    public required EditorStore Store { get; init; }

    [Parameter, EditorRequired]
    public required EditorSession Session { get; set; }

    [Parameter, EditorRequired]
    public EventCallback OnClosed { get; set; }

    [Parameter, EditorRequired]
    public EventCallback<EditorDone> OnDone { get; set; }

    private bool MayProtect => Session.Actor.May(Permissions.Administer);

    protected override async Task OnInitializedAsync()
    {
        var version = Session.Version;
        (_name, _category, _description, _protected, _approval) = (version.Name, version.Category ?? "", version.Description ?? "", version.IsProtected, version.RequiresApproval);
        _categories = await Store.CategoriesAsync(default);
    }

    private async Task SaveAsync()
    {
        var version = Session.Version;
        var before = new PromptEdit { Name = version.Name, Category = version.Category ?? "", Description = version.Description ?? "", IsProtected = version.IsProtected, RequiresApproval = version.RequiresApproval };
        var problem = await Session.ChangePromptAsync(before with { Name = _name.Trim(), Category = _category.Trim(), Description = _description.Trim(), IsProtected = _protected, RequiresApproval = _approval }, default);
        _problem = problem?.Detail;
        if (problem is null)
            await OnDone.InvokeAsync(new EditorDone(Words["The settings are saved"], null, () => Session.ChangePromptAsync(before, default)));
    }
}
