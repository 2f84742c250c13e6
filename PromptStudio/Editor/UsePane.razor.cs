using Microsoft.AspNetCore.Components;

namespace PromptStudio.Editor;

/// <summary>Code that asks for the prompt, with the values of the preview.</summary>
public sealed partial class UsePane
{
    private string _label = "";
    private string _language = "curl";

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [Parameter, EditorRequired]
    public required EditorSession Session { get; set; }

    private IReadOnlyList<UseSample> Samples => UseCode.Of(new Uri(Navigation.BaseUri), Session.Version.Name, Session.Values.Json, _label.Length > 0 ? _label : null, Session.IsChat);
}
