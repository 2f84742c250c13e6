using Microsoft.AspNetCore.Components;
using PromptStudio.Access;

namespace PromptStudio.Shell;

/// <summary>From an address to its page.</summary>
public sealed partial class Routes
{
    [Parameter, EditorRequired]
    public required Look Look { get; set; }

    /// <summary>Where the page was asked for from. The framework protects it on its way through the browser.</summary>
    [Parameter]
    public string? Address { get; set; }

    [Inject]
    public required CurrentActor Actor { get; init; }

    protected override void OnInitialized() => Actor.Address = Address;
}
