using System.Globalization;
using Microsoft.AspNetCore.Components;
using PromptStudio.Core.Access;
using PromptStudio.Shell;
using PromptStudio.Web;

namespace PromptStudio.Access.Users;

/// <summary>The people of the studio: invite, change roles, disable, hand over links. The address is its state.</summary>
public sealed partial class UsersPage : IDisposable
{
    private readonly CancellationTokenSource _left = new();
    private ListPage<UserView>? _list;
    private UserDialog _dialog;
    private UserView? _chosen;
    private UserLink? _link;
    private string? _problem;
    private string? _self;
    private string _email = "";
    private string _role = Role.Viewer;

    private enum UserDialog
    {
        None,
        Invite,
        Link,
        Disable,
    }

    [Inject]
    public required UserStore Store { get; init; }

    [Inject]
    public required CurrentActor Me { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [SupplyParameterFromQuery]
    public string? Search { get; set; }

    [SupplyParameterFromQuery]
    public string? Sort { get; set; }

    [SupplyParameterFromQuery]
    public string? Page { get; set; }

    protected override async Task OnParametersSetAsync()
    {
        _self = (await Me.GetAsync()).Id;
        await LoadAsync();
    }

    public void Dispose()
    {
        _left.Cancel();
        _left.Dispose();
    }

    private async Task LoadAsync()
    {
        var search = Storable.Problem("search", Search) is null ? Search : "";
        var page = new PageQuery(int.TryParse(Page, CultureInfo.InvariantCulture, out var number) ? number : null, null, Sort).Check(UserStore.Sortable).Value
            ?? new PageQuery().Check(UserStore.Sortable).Value!;
        Take(await Store.ListAsync(await Me.GetAsync(), search, page, _left.Token), list => _list = list);
    }

    private void Find(string search) => Navigation.NavigateTo(Links.Listing(Links.UsersRoute, search, Sort, 1), replace: true);

    private async Task InviteAsync()
    {
        Take(await Store.InviteAsync(await Me.GetAsync(), new NewUser(_email, _role), _left.Token), ShowLink);
        await LoadIfDoneAsync();
    }

    private async Task MakeLinkAsync(UserView user)
    {
        Take(await Store.MakeLinkAsync(await Me.GetAsync(), user.Id, _left.Token), ShowLink);
        await LoadIfDoneAsync();
    }

    private async Task ChangeRoleAsync(UserView user, ChangeEventArgs change)
    {
        Take(await Store.ChangeAsync(await Me.GetAsync(), user.Id, new UserChange(Role: change.Value?.ToString()), _left.Token), _ => { });
        var problem = _problem;
        await LoadAsync();
        _problem = problem;
    }

    private async Task DisableAsync()
    {
        Take(await Store.ChangeAsync(await Me.GetAsync(), _chosen!.Id, new UserChange(IsDisabled: true), _left.Token), _ => Close());
        await LoadIfDoneAsync();
    }

    private async Task EnableAsync(UserView user)
    {
        Take(await Store.ChangeAsync(await Me.GetAsync(), user.Id, new UserChange(IsDisabled: false), _left.Token), _ => { });
        await LoadIfDoneAsync();
    }

    private Task LoadIfDoneAsync() => _problem is null ? LoadAsync() : Task.CompletedTask;

    private void Take<T>(Answer<T> answer, Action<T> use)
        where T : class
    {
        _problem = answer.Problem?.Detail;
        if (answer.Value is { } value)
            use(value);
    }

    private void Open(UserDialog dialog, UserView? user = null) => (_dialog, _chosen, _problem, _email) = (dialog, user, null, "");

    private void ShowLink(UserLink link) => (_dialog, _link) = (UserDialog.Link, link);

    /// <summary>Nothing keeps the link.</summary>
    private void Close() => (_dialog, _chosen, _link, _problem) = (UserDialog.None, null, null, null);

    private string Absolute(OneTimeLink link) => Navigation.BaseUri.TrimEnd('/') + Links.OneTime(link);

    private static bool IsInvited(UserView user) => user.State == UserState.Invited;

    private static string StateStyle(UserView user) => user.State switch
    {
        UserState.Active => "active",
        UserState.Invited => "draft",
        _ => "",
    };

    private string SecondFactor(UserView user) => (user.HasTwoFactor, user.Passkeys) switch
    {
        (false, 0) => L["none"],
        (true, 0) => L["app"],
        (false, _) => L.Count(user.Passkeys, "1 passkey", "{0} passkeys"),
        _ => L.Count(user.Passkeys, "app, 1 passkey", "app, {0} passkeys"),
    };
}
