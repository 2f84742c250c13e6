using Microsoft.EntityFrameworkCore;
using PromptStudio.Audit;
using PromptStudio.Core.Access;
using PromptStudio.Core.Audit;
using PromptStudio.Database;
using PromptStudio.Web;

namespace PromptStudio.Access.Keys;

/// <summary>The API keys, as those who administer the studio see and change them.</summary>
public sealed class ApiKeyStore(IDbContextFactory<StudioDbContext> contexts, AuditLog audit, Refusals refusals, TimeProvider clock)
{
    /// <summary>The fields that the list can be sorted by; the first is the default.</summary>
    public static readonly IReadOnlyList<string> Sortable = ["-created_at", "name", "last_used_at", "expires_at"];

    private const string Subject = "api_key";

    /// <summary>A page of the keys, revoked and expired ones too.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="search">Part of a name, or a key's first characters; null or empty: all.</param>
    /// <param name="page">Which page.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Answer<ListPage<ApiKeyView>>> ListAsync(Actor actor, string? search, PageRequest page, CancellationToken cancellationToken)
    {
        if (await RefusedAsync(actor, "list API keys", cancellationToken) is { } problem)
            return problem;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var keys = context.ApiKeys.AsNoTracking();
        if (!string.IsNullOrWhiteSpace(search))
        {
            var pattern = $"%{Like.Escaped(search.Trim())}%";
            keys = keys.Where(key => EF.Functions.ILike(key.Name, pattern, "\\") || EF.Functions.ILike(key.Prefix, pattern, "\\"));
        }
        var total = await keys.LongCountAsync(cancellationToken);
        var rows = await Sorted(keys, page).Skip(page.Skip).Take(page.PageSize).ToListAsync(cancellationToken);
        var now = clock.GetUtcNow();
        return new ListPage<ApiKeyView>([.. rows.Select(row => ApiKeyView.Of(row, now))], page.Page, page.PageSize, total);
    }

    /// <summary>One key, or 404.</summary>
    public async Task<Answer<ApiKeyView>> FindAsync(Actor actor, Guid id, CancellationToken cancellationToken)
    {
        if (await RefusedAsync(actor, "see an API key", cancellationToken) is { } problem)
            return problem;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.ApiKeys.AsNoTracking().SingleOrDefaultAsync(key => key.Id == id, cancellationToken) is { } row
            ? ApiKeyView.Of(row, clock.GetUtcNow())
            : ApiKeyProblem.NotFound;
    }

    /// <summary>Makes a key.</summary>
    public async Task<Answer<MadeApiKey>> CreateAsync(Actor actor, NewApiKey wanted, CancellationToken cancellationToken)
    {
        if (await RefusedAsync(actor, "make an API key", cancellationToken) is { } refused)
            return refused;
        var names = wanted.BoundNames ?? [];
        var categories = wanted.BoundCategories ?? [];
        if ((ScopesProblem(wanted.Scopes) ?? Problem(wanted.Name, wanted.Scopes, names, categories, wanted.ExpiresAt)) is { } problem)
            return problem;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await BeyondAsync(context, actor, wanted.Scopes, wanted.ExpiresAt, cancellationToken) is { } beyond)
            return beyond;
        var key = ApiKey.New();
        var now = AuditChain.Storable(clock.GetUtcNow());
        var row = new ApiKeyRow
        {
            Id = Guid.CreateVersion7(now),
            Name = wanted.Name.Trim(),
            Prefix = ApiKey.Prefix(key),
            KeyHash = ApiKey.Hash(key),
            Scopes = [.. ApiScope.All.Where(wanted.Scopes.Contains)],
            BoundNames = [.. names.Distinct(StringComparer.Ordinal)],
            BoundCategories = [.. categories.Distinct(StringComparer.Ordinal)],
            CreatedAt = now,
            CreatedBy = actor.Name,
            ExpiresAt = Storable(wanted.ExpiresAt),
        };
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        context.ApiKeys.Add(row);
        await context.SaveChangesAsync(cancellationToken);
        await audit.AppendAsync(context, actor, new AuditEvent(AuditAction.ApiKeyCreated, Subject, row.Id.ToString(), After: State(row)), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new MadeApiKey(ApiKeyView.Of(row, now), key);
    }

    /// <summary>Changes what a key is called, what it is bound to and how long it lives.</summary>
    public async Task<Answer<ApiKeyView>> ChangeAsync(Actor actor, Guid id, ApiKeyChange change, CancellationToken cancellationToken)
    {
        if (await RefusedAsync(actor, "change an API key", cancellationToken) is { } refused)
            return refused;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        if (await LockAsync(context, id, cancellationToken) is not { } row)
            return ApiKeyProblem.NotFound;
        if (row.RevokedAt is not null)
            return ApiKeyProblem.Revoked;
        // A key that has expired may keep its expiry while its name changes.
        var expiry = change.ExpiresAt == row.ExpiresAt ? null : change.ExpiresAt;
        if (Problem(change.Name, row.Scopes, change.BoundNames, change.BoundCategories, expiry) is { } problem)
            return problem;
        if (await BeyondAsync(context, actor, row.Scopes, change.ExpiresAt, cancellationToken) is { } beyond)
            return beyond;
        var before = State(row);
        row.Name = change.Name.Trim();
        row.ExpiresAt = Storable(change.ExpiresAt);
        row.BoundNames = [.. change.BoundNames.Distinct(StringComparer.Ordinal)];
        row.BoundCategories = [.. change.BoundCategories.Distinct(StringComparer.Ordinal)];
        if (!context.ChangeTracker.HasChanges())
            return ApiKeyView.Of(row, clock.GetUtcNow());
        await context.SaveChangesAsync(cancellationToken);
        await audit.AppendAsync(context, actor, new AuditEvent(AuditAction.ApiKeyChanged, Subject, id.ToString(), before, State(row)), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return ApiKeyView.Of(row, clock.GetUtcNow());
    }

    /// <summary>Revokes a key for good; its row stays, for those who read the audit log. This node forgets it before the answer, the others as soon as they hear of it.</summary>
    /// <returns>The key; revoked once more, nothing changes.</returns>
    public async Task<Answer<ApiKeyView>> RevokeAsync(Actor actor, Guid id, CancellationToken cancellationToken)
    {
        if (await RefusedAsync(actor, "revoke an API key", cancellationToken) is { } refused)
            return refused;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        if (await LockAsync(context, id, cancellationToken) is not { } row)
            return ApiKeyProblem.NotFound;
        var now = AuditChain.Storable(clock.GetUtcNow());
        if (row.RevokedAt is not null)
            return ApiKeyView.Of(row, now);
        row.RevokedAt = now;
        row.RevokedBy = actor.Name;
        await context.SaveChangesAsync(cancellationToken);
        await audit.AppendAsync(context, actor, new AuditEvent(AuditAction.ApiKeyRevoked, Subject, id.ToString(), State(row)), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return ApiKeyView.Of(row, now);
    }

    private static Task<ApiKeyRow?> LockAsync(StudioDbContext context, Guid id, CancellationToken cancellationToken) =>
        context.ApiKeys.FromSql($"SELECT * FROM api_keys WHERE id = {id} FOR UPDATE").SingleOrDefaultAsync(cancellationToken);

    private static IQueryable<ApiKeyRow> Sorted(IQueryable<ApiKeyRow> keys, PageRequest page) => (page.SortField switch
    {
        "name" => page.Descending ? keys.OrderByDescending(key => key.Name) : keys.OrderBy(key => key.Name),
        // What has no such instant comes last either way.
        "last_used_at" => page.Descending
            ? keys.OrderBy(key => key.LastUsedAt == null).ThenByDescending(key => key.LastUsedAt)
            : keys.OrderBy(key => key.LastUsedAt == null).ThenBy(key => key.LastUsedAt),
        "expires_at" => page.Descending
            ? keys.OrderBy(key => key.ExpiresAt == null).ThenByDescending(key => key.ExpiresAt)
            : keys.OrderBy(key => key.ExpiresAt == null).ThenBy(key => key.ExpiresAt),
        _ => page.Descending ? keys.OrderByDescending(key => key.CreatedAt) : keys.OrderBy(key => key.CreatedAt),
    }).ThenBy(key => key.Id);

    private static Problem? ScopesProblem(IReadOnlyList<string> scopes) =>
        ApiKeyRule.ScopesProblem(scopes) is { } problem ? ApiKeyProblem.Invalid("scopes", problem) : null;

    private Problem? Problem(string name, IReadOnlyList<string> scopes, IReadOnlyList<string> names, IReadOnlyList<string> categories, DateTimeOffset? expiresAt) =>
        ApiKeyRule.NameProblem(name) is { } wrongName ? ApiKeyProblem.Invalid("name", wrongName)
        : ApiKeyRule.BoundNamesProblem(names) is { } wrongNames ? ApiKeyProblem.Invalid("bound_names", wrongNames)
        : ApiKeyRule.BoundCategoriesProblem(categories) is { } wrongCategories ? ApiKeyProblem.Invalid("bound_categories", wrongCategories)
        : ApiKeyRule.ExpiryProblem(expiresAt, clock.GetUtcNow()) is { } wrongExpiry ? ApiKeyProblem.Invalid("expires_at", wrongExpiry)
        : ApiKeyRule.BindingExcludes(scopes, KeyBinding.Of(names, categories)) ? ApiKeyProblem.BindingWithAdmin
        : null;

    private async Task<Problem?> BeyondAsync(
        StudioDbContext context, Actor actor, IReadOnlyList<string> scopes, DateTimeOffset? expiresAt, CancellationToken cancellationToken)
    {
        if (ApiKeyRule.BeyondMaker(actor, scopes) is { Count: > 0 } beyond)
            return await refusals.RecordAsync(actor, "give scopes away", ApiKeyProblem.BeyondMaker(beyond), cancellationToken);
        if (actor.Kind != ActorKind.ApiKey || !Guid.TryParse(actor.Id, out var maker))
            return null;
        var end = await context.ApiKeys.Where(key => key.Id == maker).Select(key => key.ExpiresAt).SingleOrDefaultAsync(cancellationToken);
        return end is { } limit && (expiresAt is null || expiresAt > limit)
            ? await refusals.RecordAsync(actor, "make a key that outlives it", ApiKeyProblem.OutlivesMaker(limit), cancellationToken)
            : null;
    }

    private async Task<Problem?> RefusedAsync(Actor actor, string what, CancellationToken cancellationToken) => actor.May(Permissions.Administer)
        ? null
        : await refusals.RecordAsync(actor, what, AccessProblem.Missing(actor, Permissions.Administer), cancellationToken);

    private static DateTimeOffset? Storable(DateTimeOffset? at) => at is { } instant ? AuditChain.Storable(instant) : null;

    private static object State(ApiKeyRow row) => new { row.Name, row.Scopes, row.BoundNames, row.BoundCategories, row.ExpiresAt };
}
