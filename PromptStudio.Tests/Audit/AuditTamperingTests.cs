using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PromptStudio.Audit;
using PromptStudio.Core.Access;
using PromptStudio.Core.Audit;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Audit;

/// <summary>What somebody with every right in the database does to the log is found, and where.</summary>
[Trait(Tier.Name, Tier.Database)]
public sealed class AuditTamperingTests(FreshStudio app) : IClassFixture<FreshStudio>
{
    private const int Entries = 12;

    private static readonly Actor Ada = new(ActorKind.User, "1", "ada@example.com", Permissions.Administer) { Address = "192.0.2.7", RequestId = "r1" };

    private AuditStore Audit => app.Services.GetRequiredService<AuditStore>();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("at", "at + interval '1 microsecond'")]
    [InlineData("at", "'infinity'")]
    [InlineData("at", "'200000-01-01T00:00:00Z'")]
    [InlineData("actor_kind", "'system'")]
    [InlineData("actor_id", "NULL")]
    [InlineData("actor_name", "'eve@example.com'")]
    [InlineData("address", "'192.0.2.8'")]
    [InlineData("request_id", "''")]
    [InlineData("action", "'prompt.archived'")]
    [InlineData("subject_kind", "'user'")]
    [InlineData("subject_id", "NULL")]
    [InlineData("before", "NULL")]
    [InlineData("after", "'{ \"n\":3}'")]
    [InlineData("previous_hash", "sha256('x')")]
    [InlineData("hash", "sha256('x')")]
    [InlineData("hash", "''")]
    public async Task ChangedColumn_OfAnyEntry_IsFoundThere(string column, string value)
    {
        foreach (var sequence in (int[])[1, 7, Entries])
        {
            var found = await TamperAsync($"UPDATE audit_entries SET {column} = {value} WHERE sequence = {sequence}");

            Assert.True(found is { Fault: AuditFault.Changed } && found.Sequence == sequence, $"{column} of entry {sequence}: {found}");
        }
    }

    [Theory]
    [InlineData("DELETE FROM audit_entries WHERE sequence = 5", 5, AuditFault.Missing)]
    [InlineData("DELETE FROM audit_entries WHERE sequence = 1", 1, AuditFault.Missing)]
    [InlineData("DELETE FROM audit_entries WHERE sequence BETWEEN 3 AND 6", 3, AuditFault.Missing)]
    [InlineData("UPDATE audit_entries SET sequence = 99 WHERE sequence = 4", 4, AuditFault.Missing)]
    [InlineData("DELETE FROM audit_entries WHERE sequence > 9", 10, AuditFault.CutOff)]
    [InlineData("DELETE FROM audit_entries", 1, AuditFault.CutOff)]
    [InlineData("DELETE FROM audit_head", 13, AuditFault.CutOff)]
    [InlineData("INSERT INTO audit_entries SELECT 13, at, actor_kind, actor_id, actor_name, address, request_id, action, subject_kind, subject_id, before, after, hash, sha256('x') FROM audit_entries WHERE sequence = 12", 13, AuditFault.Changed)]
    [InlineData("INSERT INTO audit_entries SELECT 0, at, actor_kind, actor_id, actor_name, address, request_id, action, subject_kind, subject_id, before, after, hash, sha256('x') FROM audit_entries WHERE sequence = 12", 0, AuditFault.Inserted)]
    [InlineData("""
        UPDATE audit_entries SET sequence = -sequence - 1 WHERE sequence >= 6;
        UPDATE audit_entries SET sequence = -sequence WHERE sequence < 0;
        INSERT INTO audit_entries SELECT 6, at, actor_kind, actor_id, actor_name, address, request_id, action, subject_kind, subject_id, before, after, hash, sha256('x') FROM audit_entries WHERE sequence = 5;
        UPDATE audit_head SET sequence = 13
        """, 6, AuditFault.Inserted)]
    [InlineData("""
        DELETE FROM audit_entries WHERE sequence = 6;
        UPDATE audit_entries SET sequence = 1 - sequence WHERE sequence > 6;
        UPDATE audit_entries SET sequence = -sequence WHERE sequence < 0;
        UPDATE audit_head SET sequence = 11
        """, 6, AuditFault.Missing)]
    public async Task RemovedOrInsertedEntries_AreNamed(string sql, long sequence, AuditFault fault)
    {
        var found = await TamperAsync(sql);

        Assert.Equal((sequence, fault), (found?.Sequence, found?.Fault));
    }

    [Fact]
    public async Task TailThatIsGoneTogetherWithItsHead_IsMissedByTheLastCheck()
    {
        var found = await TamperAsync(
            """
            DELETE FROM audit_entries WHERE sequence > 9;
            UPDATE audit_head SET sequence = 9, hash = (SELECT hash FROM audit_entries WHERE sequence = 9)
            """);

        Assert.Equal((10L, AuditFault.CutOff), (found?.Sequence, found?.Fault));
    }

    [Fact]
    public async Task Entry_CannotBeChangedThroughTheApp()
    {
        await FillAsync();
        await using var context = await app.OpenAsync();

        await Assert.ThrowsAsync<Npgsql.PostgresException>(() => context.Database.ExecuteSqlAsync($"UPDATE audit_entries SET actor_name = 'eve' WHERE sequence = 1", Cancellation));
        await Assert.ThrowsAsync<Npgsql.PostgresException>(() => context.Database.ExecuteSqlAsync($"DELETE FROM audit_entries WHERE sequence = 1", Cancellation));
        await Assert.ThrowsAsync<Npgsql.PostgresException>(() => context.Database.ExecuteSqlAsync($"TRUNCATE audit_entries", Cancellation));
    }

    /// <summary>Does something to the log as its owner, checks it, and puts everything back.</summary>
    private async Task<AuditBreak?> TamperAsync(string sql)
    {
        await FillAsync();
        Assert.Null(await VerifyAsync());
        await ExecuteAsync("CREATE TABLE kept_entries AS TABLE audit_entries; CREATE TABLE kept_head AS TABLE audit_head; ALTER TABLE audit_entries DISABLE TRIGGER USER");
        try
        {
            await ExecuteAsync(sql);
            var found = await VerifyAsync();
            await using var context = await app.OpenAsync();
            var kept = await context.AuditChecks.OrderByDescending(check => check.Id).FirstAsync(Cancellation);
            Assert.Equal(found?.Sequence, kept.BrokenSequence);
            return found;
        }
        finally
        {
            await ExecuteAsync(
                """
                TRUNCATE audit_entries, audit_head;
                INSERT INTO audit_entries TABLE kept_entries;
                INSERT INTO audit_head TABLE kept_head;
                DROP TABLE kept_entries, kept_head;
                ALTER TABLE audit_entries ENABLE TRIGGER USER
                """);
        }
    }

    private async Task FillAsync()
    {
        await using var context = await app.OpenAsync();
        for (var n = await context.AuditEntries.LongCountAsync(Cancellation); n < Entries; n++)
            await app.Services.GetRequiredService<AuditLog>().AppendAsync(Ada, new AuditEvent(AuditAction.PromptChanged, "prompt", "p", new { n }, new { n }), Cancellation);
    }

    private async Task<AuditBreak?> VerifyAsync() => (await Audit.VerifyAsync(Ada, null, Cancellation)).Value!.Break;

    private async Task ExecuteAsync(string sql)
    {
        await using var context = await app.OpenAsync();
        await context.Database.ExecuteSqlRawAsync(sql.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal), Cancellation);
    }
}
