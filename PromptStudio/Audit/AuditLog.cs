using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using PromptStudio.Core.Access;
using PromptStudio.Core.Audit;
using PromptStudio.Database;

namespace PromptStudio.Audit;

/// <summary>What is written of a change.</summary>
/// <param name="Action">Subject and verb, e.g. <c>version.activated</c>; one of <see cref="AuditAction"/>.</param>
/// <param name="SubjectKind">E.g. <c>prompt</c>, <c>user</c>, <c>api_key</c>.</param>
/// <param name="SubjectId">Its name or id.</param>
/// <param name="Before">What is changed, as it was; written as JSON. Never a secret.</param>
/// <param name="After">What is changed, as it is now; written as JSON. Never a secret.</param>
public sealed record AuditEvent(string Action, string SubjectKind, string? SubjectId, object? Before = null, object? After = null);

/// <summary>Appends to the audit log, in the transaction of the change itself: either both are there or none.</summary>
public sealed class AuditLog(IDbContextFactory<StudioDbContext> contexts, TimeProvider clock)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DictionaryKeyPolicy = null,
        DefaultIgnoreCondition = JsonIgnoreCondition.Never,
        // Texts of prompts stay readable.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>
    /// Appends an entry. The end of the chain stays locked until the transaction ends, so this comes last in it: whatever else
    /// the transaction locks, it has locked before.
    /// </summary>
    /// <param name="context">With a transaction, whose owner commits.</param>
    /// <param name="actor">Who did it.</param>
    /// <param name="change">What they did.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidOperationException">The context has no transaction.</exception>
    public Task AppendAsync(StudioDbContext context, Actor actor, AuditEvent change, CancellationToken cancellationToken) =>
        AppendAsync(context, actor, change, clock.GetUtcNow(), cancellationToken);

    /// <summary>As <see cref="AppendAsync(StudioDbContext, Actor, AuditEvent, CancellationToken)"/>, for commands beside the app.</summary>
    /// <param name="context">With a transaction, whose owner commits.</param>
    /// <param name="actor">Who did it.</param>
    /// <param name="change">What they did.</param>
    /// <param name="at">When.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task AppendAsync(StudioDbContext context, Actor actor, AuditEvent change, DateTimeOffset at, CancellationToken cancellationToken)
    {
        if (context.Database.CurrentTransaction is null)
            throw new InvalidOperationException("An audit entry belongs into the transaction of its change.");
        var head = await context.AuditHeads.FromSql($"SELECT * FROM audit_head FOR UPDATE").AsNoTracking().SingleAsync(cancellationToken);
        var record = new AuditRecord
        {
            Sequence = head.Sequence + 1,
            At = AuditChain.Storable(at),
            ActorKind = Name(actor.Kind),
            ActorId = actor.Id,
            ActorName = actor.Name,
            Address = actor.Address,
            RequestId = actor.RequestId,
            Action = change.Action,
            SubjectKind = change.SubjectKind,
            SubjectId = change.SubjectId,
            Before = Text(change.Before),
            After = Text(change.After),
        };
        var hash = AuditChain.Hash(record, head.Hash);
        await context.Database.ExecuteSqlAsync(
            $"""
            WITH entry AS (
                INSERT INTO audit_entries (sequence, at, actor_kind, actor_id, actor_name, address, request_id, action, subject_kind, subject_id, before, after, previous_hash, hash)
                VALUES ({record.Sequence}, {record.At}, {record.ActorKind}, {record.ActorId}, {record.ActorName}, {record.Address}, {record.RequestId},
                        {record.Action}, {record.SubjectKind}, {record.SubjectId}, {record.Before}::json, {record.After}::json, {head.Hash}, {hash})
                RETURNING sequence, hash)
            UPDATE audit_head SET sequence = entry.sequence, hash = entry.hash FROM entry
            """,
            cancellationToken);
    }

    /// <summary>Appends an entry about what changed nothing: a sign-in, a refusal.</summary>
    public async Task AppendAsync(Actor actor, AuditEvent change, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        await AppendAsync(context, actor, change, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>How a kind of actor is written.</summary>
    public static string Name(ActorKind kind) => kind switch
    {
        ActorKind.User => "user",
        ActorKind.ApiKey => "api_key",
        ActorKind.System => "system",
        _ => "anonymous",
    };

    private static string? Text(object? value) => value is null ? null : JsonSerializer.Serialize(value, Json);
}
