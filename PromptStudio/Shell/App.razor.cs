using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Components.Web;

namespace PromptStudio.Shell;

/// <summary>The document around every page.</summary>
public sealed partial class App
{
    private Look _look = Look.Default;
    private IComponentRenderMode? _mode;

    [CascadingParameter]
    public required HttpContext Request { get; set; }

    protected override void OnInitialized()
    {
        _look = Look.Of(Request.Request);
        // Account pages write cookies, which only a plain request can.
        _mode = Request.AcceptsInteractiveRouting() ? RenderMode.InteractiveServer : null;
    }
}
