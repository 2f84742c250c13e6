using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PromptStudio.Audit;
using PromptStudio.Core.Access;
using PromptStudio.Core.Audit;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Audit;

[Trait(Tier.Name, Tier.Database)]
public sealed class AuditLogTests(FreshStudio app) : IClassFixture<FreshStudio>
{
    private static readonly Actor Ada = new(ActorKind.User, "1", "ada@example.com", Permissions.Write) { Address = "192.0.2.7", RequestId = "r1" };

    private AuditLog Log => app.Services.GetRequiredService<AuditLog>();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Entries_WrittenAtOnce_FormOneChainWithoutGaps()
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(n =>
            Log.AppendAsync(Ada, new AuditEvent(AuditAction.PromptChanged, "prompt", $"p{n}", new { Text = "ä\"\n" }, new { Text = $"🎉{n}" }), Cancellation)));

        await using var context = await app.OpenAsync();
        var entries = await context.AuditEntries.AsNoTracking().OrderBy(entry => entry.Sequence).ToListAsync(Cancellation);
        Assert.True(entries.Count >= 20);
        Assert.Equal(Enumerable.Range(1, entries.Count).Select(n => (long)n), entries.Select(entry => entry.Sequence));
        var previous = AuditChain.Start.ToArray();
        foreach (var entry in entries)
        {
            Assert.Equal(previous, entry.PreviousHash);
            Assert.Equal(AuditChain.Hash(entry.ToRecord(), previous), entry.Hash);
            previous = entry.Hash;
        }
        var head = await context.AuditHeads.AsNoTracking().SingleAsync(Cancellation);
        Assert.Equal((entries[^1].Sequence, Convert.ToHexString(previous)), (head.Sequence, Convert.ToHexString(head.Hash)));
    }

    [Fact]
    public async Task Entry_OfAChangeThatWasRolledBack_LeavesNoTrace()
    {
        await using (var context = await app.OpenAsync())
        {
            await using var transaction = await context.Database.BeginTransactionAsync(Cancellation);
            await Log.AppendAsync(context, Ada, new AuditEvent(AuditAction.PromptChanged, "prompt", "rolled back"), Cancellation);
            await transaction.RollbackAsync(Cancellation);
        }

        await using var after = await app.OpenAsync();
        Assert.False(await after.AuditEntries.AnyAsync(entry => entry.SubjectId == "rolled back", Cancellation));
    }

    [Fact]
    public async Task Entry_WithoutATransaction_IsRefused()
    {
        await using var context = await app.OpenAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => Log.AppendAsync(context, Ada, new AuditEvent(AuditAction.PromptChanged, "prompt", null), Cancellation));
    }
}
