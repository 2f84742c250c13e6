using Microsoft.AspNetCore.Components;

namespace PromptStudio.Shell;

/// <summary>The head of a column that a list can be sorted by; the address is what sorts.</summary>
public sealed partial class SortableHead
{
    private string _field = "";
    private bool _descending;

    [Parameter, EditorRequired]
    public required string Field { get; set; }

    [Parameter, EditorRequired]
    public required string Heading { get; set; }

    /// <summary>How the list is sorted, with a minus for descending.</summary>
    [Parameter, EditorRequired]
    public required string Sort { get; set; }

    /// <summary>The address of the list, sorted so.</summary>
    [Parameter, EditorRequired]
    public required Func<string, string> Of { get; set; }

    /// <summary>Whether the column has figures, which stand at its right.</summary>
    [Parameter]
    public bool IsNumber { get; set; }

    protected override void OnParametersSet() => (_field, _descending) = (Sort.TrimStart('-'), Sort.StartsWith('-'));
}
