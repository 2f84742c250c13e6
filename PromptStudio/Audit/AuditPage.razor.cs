using System.Globalization;
using Microsoft.AspNetCore.Components;
using PromptStudio.Access;
using PromptStudio.Core.Audit;
using PromptStudio.Shell;
using PromptStudio.Web;

namespace PromptStudio.Audit;

/// <summary>The audit log: filtered, each entry with what it changed, and the check of its chain. The address is its state.</summary>
public sealed partial class AuditPage : IDisposable
{
    private const string DefaultTime = "90d";
    private const string ExportRoute = "/api/admin/audit/export";

    private readonly CancellationTokenSource _left = new();
    private ListPage<AuditEntry>? _list;
    private AuditCheck? _check;
    private AuditVerification? _verified;
    private IReadOnlyList<string> _actors = [];
    private TimeRange _time = new(DefaultTime);
    private string? _problem;
    private long? _opened;
    private int _page = 1;
    private bool _isChecking;

    [Inject]
    public required AuditStore Store { get; init; }

    [Inject]
    public required CurrentActor Me { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [Inject]
    public required TimeProvider Clock { get; init; }

    [SupplyParameterFromQuery]
    public string? Search { get; set; }

    [SupplyParameterFromQuery]
    public string? Action { get; set; }

    [SupplyParameterFromQuery]
    public string? Actor { get; set; }

    [SupplyParameterFromQuery]
    public string? Kind { get; set; }

    [SupplyParameterFromQuery]
    public string? Subject { get; set; }

    [SupplyParameterFromQuery]
    public string? Range { get; set; }

    [SupplyParameterFromQuery]
    public string? From { get; set; }

    [SupplyParameterFromQuery]
    public string? To { get; set; }

    [SupplyParameterFromQuery]
    public string? Page { get; set; }

    /// <summary>The entry that is opened.</summary>
    [SupplyParameterFromQuery]
    public string? Entry { get; set; }

    private bool Filters => !string.IsNullOrEmpty(Search + Action + Actor + Subject);

    private string ExportHref
    {
        get
        {
            var (from, to) = _time.At(Clock.GetUtcNow());
            return Links.With(ExportRoute, ("search", Search), ("action", Action), ("actor", Actor), ("subject_kind", Kind), ("subject_id", Subject),
                ("from", from.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)), ("to", to?.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)));
        }
    }

    public void Dispose()
    {
        _left.Cancel();
        _left.Dispose();
    }

    protected override async Task OnParametersSetAsync()
    {
        _time = TimeRange.Of(Range, From, To, DefaultTime);
        _opened = long.TryParse(Entry, CultureInfo.InvariantCulture, out var entry) ? entry : null;
        var page = new PageQuery(int.TryParse(Page, CultureInfo.InvariantCulture, out var number) ? number : null, null, "-sequence").Check("-sequence").Value
            ?? new PageQuery().Check("-sequence").Value!;
        _page = page.Page;
        var me = await Me.GetAsync();
        if (_check is null)
            _check = (await Store.LastCheckAsync(me, _left.Token)).Check;
        var answer = await Store.ListAsync(me, Filter(), page, _left.Token);
        (_list, _problem) = (answer.Value ?? _list, answer.Problem?.Detail);
        _actors = [.. (_list?.Items ?? []).Select(row => row.ActorName).Concat(_actors).Distinct().Take(30)];
    }

    private AuditFilter Filter()
    {
        var (from, to) = _time.At(Clock.GetUtcNow());
        return new AuditFilter
        {
            Search = Given(Search),
            Action = AuditAction.All.Contains(Action) ? Action : null,
            Actor = Given(Actor),
            SubjectKind = Given(Kind),
            SubjectId = Given(Subject),
            From = from,
            To = to,
        };
    }

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) || text.Length > AuditQuery.MaxLength || Storable.Problem("text", text) is not null ? null : text.Trim();

    private string Address(int page, long? entry, bool subject = true) => Links.With(Links.AuditRoute,
    [
        ("search", Search), ("action", Action), ("actor", Actor), ("kind", subject ? Kind : null), ("subject", subject ? Subject : null), .. _time.Parameters(DefaultTime).Select(one => (one.Key, one.Value)),
        ("page", page > 1 ? page.ToString(CultureInfo.InvariantCulture) : null), ("entry", entry?.ToString(CultureInfo.InvariantCulture)),
    ]);

    private void Show(string? search = null, string? action = null, string? actor = null)
    {
        (Search, Action, Actor) = (search ?? Search, action ?? Action, actor ?? Actor);
        Navigation.NavigateTo(Address(1, null), replace: true);
    }

    private void ShowTime(TimeRange time)
    {
        _time = time;
        Navigation.NavigateTo(Address(1, null), replace: true);
    }

    private async Task VerifyAsync()
    {
        _isChecking = true;
        StateHasChanged();
        try
        {
            var answer = await Store.VerifyAsync(await Me.GetAsync(), null, _left.Token);
            (_verified, _problem) = (answer.Value, answer.Problem?.Detail);
            _check = answer.Value?.Check ?? _check;
        }
        finally
        {
            _isChecking = false;
        }
    }

    private static string FaultText(AuditFault fault) => fault switch
    {
        AuditFault.Changed => "It was changed after it was written.",
        AuditFault.Missing => "An entry is missing there.",
        AuditFault.Inserted => "It was put in between afterwards.",
        _ => "It and all later ones are gone.",
    };

    private static string SubjectText(AuditEntry row) => row.SubjectId is not { Length: > 0 } id ? row.SubjectKind.Replace('_', ' ')
        : Guid.TryParse(id, out _) ? $"{row.SubjectKind.Replace('_', ' ')} {id[..8]}…"
        : id;
}
