using PromptStudio.Core.Audit;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Audit;

[Trait(Tier.Name, Tier.Unit)]
public sealed class AuditVerifierTests
{
    public static TheoryData<string, Func<AuditRecord, AuditRecord>> Fields => new()
    {
        { "at", record => record with { At = record.At.AddMicroseconds(1) } },
        { "actor_kind", record => record with { ActorKind = "system" } },
        { "actor_id", record => record with { ActorId = null } },
        { "actor_name", record => record with { ActorName = "eve@example.com" } },
        { "address", record => record with { Address = "192.0.2.8" } },
        { "request_id", record => record with { RequestId = "" } },
        { "action", record => record with { Action = "prompt.archived" } },
        { "subject_kind", record => record with { SubjectKind = "user" } },
        { "subject_id", record => record with { SubjectId = "other" } },
        { "before", record => record with { Before = """{"text":"b"}""" } },
        { "after", record => record with { After = """{ "text":"c"}""" } },
    };

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    public void Chain_AsItWasWritten_Holds(int length)
    {
        var chain = Chain(length);
        var verifier = new AuditVerifier();

        Assert.All(chain, entry => Assert.True(verifier.Add(entry)));

        Assert.Null(verifier.Finish(length, HeadOf(chain)));
        Assert.Equal(length, verifier.Entries);
        Assert.Equal(HeadOf(chain), verifier.LastHash);
    }

    [Theory]
    [MemberData(nameof(Fields))]
    public void ChangedField_IsFoundWhereverItIs(string field, Func<AuditRecord, AuditRecord> change)
    {
        for (var at = 1; at <= 5; at++)
        {
            var chain = Chain(5);
            chain[at - 1] = chain[at - 1] with { Record = change(chain[at - 1].Record) };

            var found = Verify(chain, 5, HeadOf(Chain(5)));

            Assert.True(found is { Fault: AuditFault.Changed } && found.Sequence == at, $"{field} of entry {at}: {found}");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public void ChangedHashes_AreFound(int at)
    {
        var (hash, previous) = (Chain(5), Chain(5));
        hash[at - 1] = hash[at - 1] with { Hash = new byte[32] };
        previous[at - 1] = previous[at - 1] with { PreviousHash = [1, 2] };

        Assert.Equal((at, AuditFault.Changed), Where(Verify(hash, 5, HeadOf(Chain(5)))));
        Assert.Equal((at, AuditFault.Changed), Where(Verify(previous, 5, HeadOf(Chain(5)))));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    public void EntryThatWasRewrittenWithItsHash_IsFound(int at)
    {
        var chain = Chain(5);
        var record = chain[at - 1].Record with { ActorName = "eve@example.com" };
        chain[at - 1] = new ChainedAuditRecord(record, chain[at - 1].PreviousHash, AuditChain.Hash(record, chain[at - 1].PreviousHash));

        Assert.Equal((at, AuditFault.Changed), Where(Verify(chain, 5, HeadOf(Chain(5)))));
    }

    [Fact]
    public void LastEntryThatWasRewrittenWithItsHash_IsFoundByTheHead()
    {
        var chain = Chain(5);
        var record = chain[4].Record with { ActorName = "eve@example.com" };
        chain[4] = new ChainedAuditRecord(record, chain[4].PreviousHash, AuditChain.Hash(record, chain[4].PreviousHash));

        Assert.Equal((5, AuditFault.Changed), Where(Verify(chain, 5, HeadOf(Chain(5)))));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void RemovedEntry_IsMissing(int at)
    {
        var chain = Chain(5);
        chain.RemoveAt(at - 1);
        var renumbered = chain.Select((entry, index) => entry with { Record = entry.Record with { Sequence = index + 1 } }).ToList();

        Assert.Equal((at, AuditFault.Missing), Where(Verify(chain, 5, HeadOf(Chain(5)))));
        Assert.Equal((at, AuditFault.Missing), Where(Verify(renumbered, 4, HeadOf(chain))));
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(3, false)]
    [InlineData(5, false)]
    [InlineData(1, true)]
    [InlineData(3, true)]
    public void InsertedEntry_IsNamed(int at, bool withItsHash)
    {
        var chain = Chain(5);
        var previous = chain[at - 1].PreviousHash;
        var record = chain[at - 1].Record with { Action = "user.invited" };
        var inserted = new ChainedAuditRecord(record, previous, withItsHash ? AuditChain.Hash(record, previous) : new byte[32]);
        chain = [.. chain.Take(at - 1), inserted, .. chain.Skip(at - 1).Select(entry => entry with { Record = entry.Record with { Sequence = entry.Record.Sequence + 1 } })];

        Assert.Equal((at, AuditFault.Inserted), Where(Verify(chain, 6, HeadOf(Chain(5)))));
    }

    [Fact]
    public void EntryBehindTheHead_OrBeforeTheFirst_WasInserted()
    {
        var chain = Chain(6);
        var zero = chain[0] with { Record = chain[0].Record with { Sequence = 0 } };

        Assert.Equal((6, AuditFault.Inserted), Where(Verify(chain, 5, HeadOf(Chain(5)))));
        Assert.Equal((0, AuditFault.Inserted), Where(Verify([zero, .. chain], 6, HeadOf(chain))));
    }

    [Fact]
    public void SwappedEntries_AreFoundAtTheFirst()
    {
        var chain = Chain(5);
        var (second, fourth) = (chain[1], chain[3]);
        chain[1] = fourth with { Record = fourth.Record with { Sequence = 2 } };
        chain[3] = second with { Record = second.Record with { Sequence = 4 } };

        Assert.Equal((2, AuditFault.Changed), Where(Verify(chain, 5, HeadOf(Chain(5)))));
    }

    [Fact]
    public void TruncatedTail_IsCutOff()
    {
        var chain = Chain(5);

        Assert.Equal((4, AuditFault.CutOff), Where(Verify(chain[..3], 5, HeadOf(chain))));
        Assert.Equal((1, AuditFault.CutOff), Where(Verify([], 5, HeadOf(chain))));
        Assert.Equal((6, AuditFault.CutOff), Where(Verify(chain, null, null)));
    }

    [Fact]
    public void TailThatWasRewrittenWithItsHead_IsFoundByAnAnchorOnly()
    {
        var (written, rewritten) = (Chain(5), Chain(5, "eve@example.com"));

        Assert.Null(Verify(rewritten, 5, HeadOf(rewritten)));
        Assert.Equal((4, AuditFault.Changed), Where(Verify(rewritten, 5, HeadOf(rewritten), new AuditAnchor(4, written[3].Hash))));
        Assert.Equal((4, AuditFault.CutOff), Where(Verify(written[..3], 3, written[2].Hash, new AuditAnchor(5, written[4].Hash))));
        Assert.Null(Verify(written, 5, HeadOf(written), new AuditAnchor(2, written[1].Hash), new AuditAnchor(5, written[4].Hash)));
    }

    [Fact]
    public void AfterABreak_NothingMoreIsWanted()
    {
        var chain = Chain(5);
        var verifier = new AuditVerifier();

        Assert.True(verifier.Add(chain[0]));
        Assert.False(verifier.Add(chain[2]));
        Assert.False(verifier.Add(chain[3]));
        verifier.AddUnreadable();

        Assert.Equal((2, AuditFault.Missing), Where(verifier.Finish(5, HeadOf(chain))));
        Assert.Equal(1, verifier.Entries);
    }

    private static AuditBreak? Verify(IEnumerable<ChainedAuditRecord> chain, long? head, byte[]? hash, params AuditAnchor[] anchors)
    {
        var verifier = new AuditVerifier(anchors);
        foreach (var entry in chain)
            verifier.Add(entry);
        return verifier.Finish(head, hash);
    }

    private static (long, AuditFault)? Where(AuditBreak? found) => found is null ? null : (found.Sequence, found.Fault);

    private static byte[] HeadOf(List<ChainedAuditRecord> chain) => chain.Count == 0 ? [.. AuditChain.Start] : chain[^1].Hash;

    private static List<ChainedAuditRecord> Chain(int length, string actor = "ada@example.com")
    {
        var chain = new List<ChainedAuditRecord>();
        byte[] previous = [.. AuditChain.Start];
        for (var sequence = 1; sequence <= length; sequence++)
        {
            var record = new AuditRecord
            {
                Sequence = sequence,
                At = DateTimeOffset.UnixEpoch.AddSeconds(sequence),
                ActorKind = "user",
                ActorId = "7",
                ActorName = actor,
                Address = "192.0.2.7",
                RequestId = "r",
                Action = "prompt.changed",
                SubjectKind = "prompt",
                SubjectId = "greeting",
                Before = """{"text":"a"}""",
                After = """{"text":"c"}""",
            };
            var hash = AuditChain.Hash(record, previous);
            chain.Add(new ChainedAuditRecord(record, previous, hash));
            previous = hash;
        }
        return chain;
    }
}
