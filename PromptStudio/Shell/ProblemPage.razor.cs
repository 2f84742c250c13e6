using System.Diagnostics;
using Microsoft.AspNetCore.Components;

namespace PromptStudio.Shell;

/// <summary>What a request ends on that no page answers.</summary>
public sealed partial class ProblemPage
{
    private string? _trace;

    [Parameter]
    public int Status { get; set; }

    [CascadingParameter]
    public HttpContext? Request { get; set; }

    protected override void OnInitialized() => _trace = Activity.Current?.TraceId.ToString() ?? Request?.TraceIdentifier;
}
