using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using PromptStudio.Core.Prompts;

namespace PromptStudio.Prompts;

/// <summary>A look at a prompt beside the list: its text, and what its callers have to give.</summary>
public sealed partial class PromptPeek
{
    private ElementReference _title;
    private IReadOnlyList<TemplateFinding> _findings = [];
    private IReadOnlyList<TemplateVariable> _variables = [];

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [Parameter, EditorRequired]
    public required PromptTemplate Template { get; set; }

    /// <summary>The labels that point to the version.</summary>
    [Parameter]
    public IReadOnlyList<string> Labels { get; set; } = [];

    /// <summary>Where the list stands alone.</summary>
    [Parameter, EditorRequired]
    public required string CloseHref { get; set; }

    protected override void OnParametersSet()
    {
        _findings = TemplateCheck.Run(Template.TemplateFormat, Template.TemplateText, Template.TemplateVariables);
        _variables = TemplateVariables.TryParse(Template.TemplateVariables)?.All ?? [];
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
            await _title.FocusAsync(preventScroll: true);
    }

    private static string Describe(TemplateVariable variable)
    {
        var need = variable.Default is { } value ? $"default {value.GetRawText()}" : variable.Required ? "required" : "optional";
        return variable.Type is { } type ? $"{type.ToString().ToLowerInvariant()}, {need}" : need;
    }

    private static string Place(TemplateFinding finding) => finding.Line is null ? "" : $"Line {finding.Line}, column {finding.Column}: ";

    private void CloseOnEscape(KeyboardEventArgs key)
    {
        if (key.Key == "Escape")
            Navigation.NavigateTo(CloseHref);
    }
}
