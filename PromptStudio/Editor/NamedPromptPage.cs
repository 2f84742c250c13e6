using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using PromptStudio.Access;
using PromptStudio.Prompts;
using PromptStudio.Shell;

namespace PromptStudio.Editor;

/// <summary>From a prompt's name to its editor: what links from other texts know is the name.</summary>
[Route(Links.EditByNameRoute)]
[Authorize(Policy.View)]
public sealed class NamedPromptPage : ComponentBase
{
    private bool _missing;

    [Inject]
    public required PromptStore Prompts { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [Parameter]
    public required string Name { get; set; }

    protected override async Task OnParametersSetAsync()
    {
        var shown = PromptQuery.Storable(Name) is { Length: > 0 } name ? await Prompts.FindShownAsync(name, default) : null;
        _missing = shown is null;
        if (shown is not null)
            Navigation.NavigateTo(Links.Edit(shown.Id), replace: true);
    }

    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        if (!_missing)
            return;
        builder.OpenComponent<NotFoundNotice>(0);
        builder.CloseComponent();
    }
}
