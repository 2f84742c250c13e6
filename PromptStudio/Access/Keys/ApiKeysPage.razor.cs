using System.Globalization;
using Microsoft.AspNetCore.Components;
using PromptStudio.Core.Access;
using PromptStudio.Shell;
using PromptStudio.Web;

namespace PromptStudio.Access.Keys;

/// <summary>The API keys: make, and revoke. The address is its state.</summary>
public sealed partial class ApiKeysPage : IDisposable
{
    private readonly CancellationTokenSource _left = new();
    private ListPage<ApiKeyView>? _list;
    private KeyDialog _dialog;
    private ApiKeyInput _input = new();
    private ApiKeyView? _chosen;
    private MadeApiKey? _made;
    private string? _problem;
    private string _typed = "";

    private enum KeyDialog
    {
        None,
        Create,
        Made,
        Revoke,
    }

    [Inject]
    public required ApiKeyStore Store { get; init; }

    [Inject]
    public required CurrentActor Me { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [Inject]
    public required TimeProvider Clock { get; init; }

    [SupplyParameterFromQuery]
    public string? Search { get; set; }

    [SupplyParameterFromQuery]
    public string? Sort { get; set; }

    [SupplyParameterFromQuery]
    public string? Page { get; set; }

    protected override Task OnParametersSetAsync() => LoadAsync();

    public void Dispose()
    {
        _left.Cancel();
        _left.Dispose();
    }

    private async Task LoadAsync()
    {
        var search = Storable.Problem("search", Search) is null ? Search : "";
        var page = new PageQuery(int.TryParse(Page, CultureInfo.InvariantCulture, out var number) ? number : null, null, Sort).Check(ApiKeyStore.Sortable).Value
            ?? new PageQuery().Check(ApiKeyStore.Sortable).Value!;
        Take(await Store.ListAsync(await Me.GetAsync(), search, page, _left.Token), list => _list = list);
    }

    private void Find(string search) => Navigation.NavigateTo(Links.Listing(Links.ApiKeysRoute, search, Sort, 1), replace: true);

    private async Task CreateAsync()
    {
        Take(await Store.CreateAsync(await Me.GetAsync(), _input.ToKey(Clock.GetUtcNow()), _left.Token), made => (_dialog, _made) = (KeyDialog.Made, made));
        if (_problem is null)
            await LoadAsync();
    }

    private async Task RevokeAsync()
    {
        if (_typed.Trim() != _chosen?.Name)
            return;
        Take(await Store.RevokeAsync(await Me.GetAsync(), _chosen.Id, _left.Token), _ => Close());
        await LoadAsync();
    }

    private void Take<T>(Answer<T> answer, Action<T> use)
        where T : class
    {
        _problem = answer.Problem?.Detail;
        if (answer.Value is { } value)
            use(value);
    }

    private void Open(KeyDialog dialog, ApiKeyView? key = null) => (_dialog, _chosen, _input, _typed, _problem) = (dialog, key, new ApiKeyInput(), "", null);

    /// <summary>Nothing keeps the key.</summary>
    private void Close() => (_dialog, _chosen, _made, _problem) = (KeyDialog.None, null, null, null);

    private string Bound(ApiKeyView key) => key.BoundNames.Count + key.BoundCategories.Count == 0
        ? L["all prompts"]
        : string.Join(", ", key.BoundNames.Concat(key.BoundCategories.Select(category => L["category {0}", category].Value)));

    /// <summary>A call that works with the key as it is.</summary>
    private string Curl(MadeApiKey made)
    {
        var studio = Navigation.BaseUri.TrimEnd('/');
        return made.ApiKey.Scopes.Contains(ApiScope.Render)
            ? $$$"""
              curl {{{studio}}}{{{Links.Render(made.ApiKey.BoundNames.Count > 0 ? made.ApiKey.BoundNames[0] : "nlu_topic_extraction")}}} \
                -H "Authorization: Bearer {{{made.Key}}}" \
                -H "Content-Type: application/json" \
                -d '{"variables": {"query": "Why is the sky blue?", "grade_level": "6"}}'
              """.ReplaceLineEndings("\n")
            : $"curl {studio}/api/admin/{(made.ApiKey.Scopes.Contains(ApiScope.Read) ? "prompts" : "api-keys")} \\\n  -H \"Authorization: Bearer {made.Key}\"";
    }
}

/// <summary>The form in which a key is made.</summary>
public sealed class ApiKeyInput
{
    public string Name { get; set; } = "";
    public bool Render { get; set; } = true;
    public bool Read { get; set; }
    public bool Write { get; set; }
    public bool Admin { get; set; }

    /// <summary>With commas between them.</summary>
    public string Names { get; set; } = "";

    /// <summary>With commas between them.</summary>
    public string Categories { get; set; } = "";

    /// <summary>Until it expires; 0: never.</summary>
    public int Days { get; set; } = 90;

    /// <summary>The key that it asks for.</summary>
    public NewApiKey ToKey(DateTimeOffset now) => new(
        Name,
        [.. ApiScope.All.Where(scope => scope switch { ApiScope.Render => Render, ApiScope.Read => Read, ApiScope.Write => Write, _ => Admin })],
        Split(Names), Split(Categories), Days > 0 ? now.AddDays(Days) : null);

    private static string[] Split(string text) => (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
