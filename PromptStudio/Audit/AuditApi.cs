using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using PromptStudio.Access;
using PromptStudio.Core.Audit;
using PromptStudio.Web;

namespace PromptStudio.Audit;

/// <summary><c>/api/admin/audit</c>: reading, exporting and checking the log.</summary>
public static class AuditApi
{
    private const string NewestFirst = "-sequence";

    /// <summary>Lines that are sent at once.</summary>
    private const int FlushAfterBytes = 65_536;

    private static readonly AuditEntryAnswer Example = AuditEntryAnswer.Example;

    public static void MapAudit(this RouteGroupBuilder admin)
    {
        var audit = admin.MapGroup("/audit").RequireAuthorization(Policy.Administer).WithTags("Audit");
        Filtered(audit.MapGet("/", ListAsync))
            .WithName("list_audit")
            .WithSummary("List the audit log")
            .WithDescription("Who did what to what, when and from where, and how it was before and after. The newest entries come first.")
            .WithSort(NewestFirst)
            .WithAnswer(new ListPage<AuditEntryAnswer>([Example], 1, 50, 1042));
        audit.MapGet("/{sequence:long}", FindAsync)
            .WithName("get_audit_entry")
            .WithSummary("Get an entry of the audit log")
            .WithDescription("One entry, with its hash and the hash of the entry before it.")
            .WithParameter(new ParameterRule("sequence") { Description = "The entry's number.", Example = 1042L })
            .WithAnswer(Example)
            .WithProblem(404, "audit_entry_not_found");
        Filtered(audit.MapGet("/export", ExportAsync))
            .WithName("export_audit")
            .WithSummary("Export the audit log")
            .WithDescription("All entries from the first one on, as JSON lines: an entry a line, with the hashes, so that the chain can be checked without the studio.")
            .WithAnswer(Example, contentType: "application/x-ndjson");
        audit.MapGet("/verify", VerifyAsync)
            .WithName("verify_audit")
            .WithSummary("Check the audit log")
            .WithDescription("Goes through the whole chain and names the first entry that is not as it was written. With 'sequence' and 'hash', an entry that was noted "
                + "earlier must still be there. The result is kept.")
            .WithParameter(new ParameterRule("sequence") { Description = "The number of an entry that was noted earlier.", Minimum = 1, Example = 1041L })
            .WithParameter(new ParameterRule("hash") { Description = "Its hash, 64 hexadecimal digits.", MaxLength = 64, Example = Example.PreviousHash })
            .WithAnswer(AuditVerificationAnswer.Example);
    }

    private static async Task<Results<Ok<ListPage<AuditEntryAnswer>>, Problem>> ListAsync(
        [AsParameters] AuditQuery query, [AsParameters] PageQuery pages, HttpContext context, AuditStore audit, CancellationToken cancellationToken)
    {
        if (query.Problem() is { } problem)
            return problem;
        var checkedPage = pages.Check(NewestFirst);
        if (checkedPage.Value is not { } page)
            return checkedPage.Problem!;
        var answer = await audit.ListAsync(context.Actor(), query.Filter(), page, cancellationToken);
        return answer.Value is { } found
            ? TypedResults.Ok(new ListPage<AuditEntryAnswer>([.. found.Items.Select(AuditEntryAnswer.Of)], found.Page, found.PageSize, found.Total))
            : answer.Problem!;
    }

    private static async Task<Results<Ok<AuditEntryAnswer>, Problem>> FindAsync(long sequence, HttpContext context, AuditStore audit, CancellationToken cancellationToken)
    {
        var answer = await audit.FindAsync(context.Actor(), sequence, cancellationToken);
        return answer.Value is { } entry ? TypedResults.Ok(AuditEntryAnswer.Of(entry)) : answer.Problem!;
    }

    private static async Task<Results<EmptyHttpResult, Problem>> ExportAsync([AsParameters] AuditQuery query, HttpContext context, AuditStore audit, CancellationToken cancellationToken)
    {
        if (query.Problem() is { } problem)
            return problem;
        var answer = await audit.ExportAsync(context.Actor(), query.Filter(), cancellationToken);
        if (answer.Value is not { } export)
            return answer.Problem!;
        context.Response.ContentType = "application/x-ndjson";
        context.Response.Headers.ContentDisposition = "attachment; filename=audit.jsonl";
        var body = context.Response.BodyWriter;
        await using var line = new Utf8JsonWriter(body, new JsonWriterOptions { SkipValidation = true });
        await foreach (var entry in export.Entries)
        {
            JsonSerializer.Serialize(line, AuditEntryAnswer.Of(entry), ApiJson.Options);
            await line.FlushAsync(CancellationToken.None);
            body.GetSpan(1)[0] = (byte)'\n';
            body.Advance(1);
            line.Reset();
            if (body.UnflushedBytes > FlushAfterBytes)
                await body.FlushAsync(cancellationToken);
        }
        await body.FlushAsync(cancellationToken);
        return TypedResults.Empty;
    }

    private static async Task<Results<Ok<AuditVerificationAnswer>, Problem>> VerifyAsync(
        long? sequence, string? hash, HttpContext context, AuditStore audit, CancellationToken cancellationToken)
    {
        if (sequence is < 1)
            return QueryText.Invalid("sequence", "'sequence' must be 1 or more.");
        if (hash is not null && (hash.Length != 64 || !hash.All(char.IsAsciiHexDigit)))
            return QueryText.Invalid("hash", "'hash' must be 64 hexadecimal digits.");
        if (sequence is null != hash is null)
            return QueryText.Invalid(sequence is null ? "sequence" : "hash", "'sequence' and 'hash' go together; one of them is missing.");
        var anchor = sequence is { } number && hash is not null ? new AuditAnchor(number, Convert.FromHexString(hash)) : null;
        var answer = await audit.VerifyAsync(context.Actor(), anchor, cancellationToken);
        return answer.Value is { } verification ? TypedResults.Ok(AuditVerificationAnswer.Of(verification)) : answer.Problem!;
    }

    private static RouteHandlerBuilder Filtered(RouteHandlerBuilder route) => route
        .WithParameter(new ParameterRule("actor") { Description = "Only by this person or key: an id or a name.", MaxLength = AuditQuery.MaxLength, Example = "ada@example.com" })
        .WithParameter(new ParameterRule("action") { Description = "Only this action.", Values = AuditAction.All })
        .WithParameter(new ParameterRule("subject_kind") { Description = "Only about this kind of subject.", MaxLength = AuditQuery.MaxLength, Example = "prompt" })
        .WithParameter(new ParameterRule("subject_id") { Description = "Only about the subject with this name or id.", MaxLength = AuditQuery.MaxLength, Example = "nlu_topic_extraction" })
        .WithParameter(new ParameterRule("from") { Description = "Not before this time.", Example = "2026-11-01T00:00:00Z" })
        .WithParameter(new ParameterRule("to") { Description = "Before this time.", Example = "2026-12-01T00:00:00Z" })
        .WithParameter(new ParameterRule("search") { Description = "A part of the actor's name, the action or the subject.", MaxLength = AuditQuery.MaxLength, Example = "topic" });
}

/// <summary>Which entries a call asks for.</summary>
public sealed record AuditQuery(
    [FromQuery(Name = "actor")] string? Actor = null,
    [FromQuery(Name = "action")] string? Action = null,
    [FromQuery(Name = "subject_kind")] string? SubjectKind = null,
    [FromQuery(Name = "subject_id")] string? SubjectId = null,
    [FromQuery(Name = "from")] DateTimeOffset? From = null,
    [FromQuery(Name = "to")] DateTimeOffset? To = null,
    [FromQuery(Name = "search")] string? Search = null)
{
    /// <summary>Characters of a text that is looked for.</summary>
    public const int MaxLength = 300;

    /// <summary>What is wrong with it; null: nothing.</summary>
    public Problem? Problem() =>
        QueryText.TooLong("actor", Actor, MaxLength)
        ?? QueryText.Unknown("action", Action, AuditAction.All)
        ?? QueryText.TooLong("subject_kind", SubjectKind, MaxLength)
        ?? QueryText.TooLong("subject_id", SubjectId, MaxLength)
        ?? QueryText.TooLong("search", Search, MaxLength)
        ?? QueryText.Backwards(From, To);

    public AuditFilter Filter() => new()
    {
        Actor = Given(Actor),
        Action = Action,
        SubjectKind = Given(SubjectKind),
        SubjectId = Given(SubjectId),
        From = From?.ToUniversalTime(),
        To = To?.ToUniversalTime(),
        Search = Given(Search),
    };

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
