using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using PromptStudio.Prompts;

namespace PromptStudio.Guardrails.Pages;

/// <summary>Chooses prompts and categories that a guardrail applies to.</summary>
public sealed partial class AppliesToPicker : IDisposable
{
    private const int Offers = 8;

    private readonly CancellationTokenSource _left = new();
    private IReadOnlyList<string> _categories = [];
    private IReadOnlyList<(string Name, string Kind)> _offers = [];
    private string _typed = "";

    [Inject]
    public required PromptStore Prompts { get; init; }

    /// <summary>Changed in place.</summary>
    [Parameter, EditorRequired]
    public required List<string> Chosen { get; set; }

    [Parameter, EditorRequired]
    public EventCallback OnChanged { get; set; }

    public void Dispose()
    {
        _left.Cancel();
        _left.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        _categories = (await Prompts.CountAsync(_left.Token)).Categories;
        await OfferAsync();
    }

    private async Task TypedAsync(string? typed)
    {
        _typed = typed ?? "";
        // A choice from the list comes as one change to a whole name.
        if (_offers.Any(offer => offer.Name == _typed))
            await AddAsync();
        else
            await OfferAsync();
    }

    private Task KeyAsync(KeyboardEventArgs key) => key.Key == "Enter" ? AddAsync() : Task.CompletedTask;

    private async Task AddAsync()
    {
        var name = _typed.Trim();
        _typed = "";
        if (name.Length == 0 || Chosen.Contains(name))
            return;
        Chosen.Add(name);
        await OnChanged.InvokeAsync();
        await OfferAsync();
    }

    private Task RemoveAsync(string name)
    {
        Chosen.Remove(name);
        return OnChanged.InvokeAsync();
    }

    private async Task OfferAsync()
    {
        var names = await Prompts.NamesAsync(_typed.Trim(), Offers, _left.Token);
        _offers =
        [
            .. _categories.Where(category => category.Contains(_typed.Trim(), StringComparison.OrdinalIgnoreCase)).Take(Offers).Select(category => (category, (string)L["a category"])),
            .. names.Select(name => (name, (string)L["a prompt"])),
        ];
    }
}
