using Microsoft.AspNetCore.Components;
using PromptStudio.Access;
using PromptStudio.Prompts;
using PromptStudio.Shell;

namespace PromptStudio.Editor;

/// <summary>Makes a prompt, and leads into its editor.</summary>
public sealed partial class NewPromptPage
{
    private IReadOnlyList<string> _categories = [];
    private PromptStart _start = PromptStarts.All[0];
    private string _name = "";
    private string _category = "";
    private string _description = "";
    private string _format = "jinja2";
    private string? _problem;
    private string? _member;
    private bool _exists;
    private bool _busy;

    [Inject]
    public required PromptCommands Prompts { get; init; }

    [Inject]
    public required EditorStore Store { get; init; }

    [Inject]
    public required CurrentActor Me { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    protected override async Task OnInitializedAsync() => _categories = await Store.CategoriesAsync(default);

    private async Task CreateAsync()
    {
        if (_busy)
            return;
        _busy = true;
        var (text, variables) = _start.In(_format);
        var answer = await Prompts.CreateAsync(await Me.GetAsync(), new NewPrompt
        {
            Name = _name.Trim(),
            Category = _category.Trim(),
            Description = _description.Trim(),
            TemplateFormat = _format,
            TemplateText = text,
            TemplateVariables = variables,
        }, default);
        _busy = false;
        _problem = answer.Problem?.Detail;
        _exists = answer.Problem is { Code: "prompt_exists" };
        _member = _exists ? "name" : answer.Problem?.Extensions.GetValueOrDefault("member") as string;
        if (answer.Value is { } version)
            Navigation.NavigateTo(Links.Edit(version.Id));
    }
}
