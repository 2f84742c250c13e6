namespace PromptStudio.Core.Audit;

/// <summary>An entry as it is stored: what it says, and its place in the chain.</summary>
public sealed record ChainedAuditRecord(AuditRecord Record, byte[] PreviousHash, byte[] Hash);

/// <summary>A hash that somebody noted earlier, outside of the log: the entry must still be there with it.</summary>
public sealed record AuditAnchor(long Sequence, byte[] Hash);

/// <summary>What was done to the chain.</summary>
public enum AuditFault
{
    /// <summary>An entry does not say what it said.</summary>
    Changed,

    /// <summary>An entry was taken out.</summary>
    Missing,

    /// <summary>An entry was put in.</summary>
    Inserted,

    /// <summary>The last entries were taken away.</summary>
    CutOff,
}

/// <summary>The first place where the chain does not hold.</summary>
/// <param name="Sequence">The entry that is wrong, or that should be there.</param>
/// <param name="Fault">What was done to it.</param>
/// <param name="Reason">The evidence, in words.</param>
public sealed record AuditBreak(long Sequence, AuditFault Fault, string Reason);

/// <summary>
/// Checks the chain entry by entry, in the order of their sequence, and remembers only the last two hashes. Finds the first
/// entry that is not as it was written, and tells what was done to it.
/// </summary>
/// <param name="anchors">Hashes that were noted earlier. They find what the chain alone cannot: a tail that was rewritten as a whole.</param>
public sealed class AuditVerifier(params IReadOnlyList<AuditAnchor> anchors)
{
    private readonly ILookup<long, AuditAnchor> _anchors = anchors.ToLookup(anchor => anchor.Sequence);
    private byte[] _beforeLast = [];
    private byte[] _last = [.. AuditChain.Start];
    private Suspicion? _suspicion;

    /// <summary>Entries that hold, up to the first break.</summary>
    public long Entries { get; private set; }

    /// <summary>The hash of the last entry that holds; 32 zero bytes when there is none.</summary>
    public IReadOnlyList<byte> LastHash => _last;

    /// <summary>The first break; null: none so far. What is still to come does not change it.</summary>
    public AuditBreak? Break { get; private set; }

    /// <summary>Takes the next entry.</summary>
    /// <returns>Whether more entries are wanted: after a break none are.</returns>
    public bool Add(ChainedAuditRecord entry)
    {
        if (Break is not null)
            return false;
        if (_suspicion is { } suspicion)
            Break = suspicion.Judge(entry, _last);
        else
            Check(entry);
        return Break is null;
    }

    /// <summary>Takes note that the next entry cannot even be read, e.g. because its time is out of any calendar.</summary>
    public void AddUnreadable() => Break ??= _suspicion?.Break ?? new AuditBreak(Entries + 1, AuditFault.Changed, "It cannot be read.");

    /// <summary>There are no more entries: compares the end with the head of the chain.</summary>
    /// <param name="headSequence">The sequence that the head names; null: the head is gone.</param>
    /// <param name="headHash">The hash that the head names.</param>
    /// <returns>The first break; null: the chain holds.</returns>
    public AuditBreak? Finish(long? headSequence, byte[]? headHash)
    {
        if (Break is null && _suspicion is { } suspicion)
            Break = headHash is not null && suspicion.Entry.Hash.AsSpan().SequenceEqual(headHash) ? suspicion.IfLaterOnesAgree : suspicion.Break;
        return Break ??=
            headSequence is not { } head || headHash is null ? new AuditBreak(Entries + 1, AuditFault.CutOff, "The head of the chain, which names the last entry, is gone.")
            : head > Entries ? new AuditBreak(Entries + 1, AuditFault.CutOff, $"The log ends before it, but the head of the chain names entry {head} as the last one.")
            : head < Entries ? new AuditBreak(head + 1, AuditFault.Inserted, $"The head of the chain names entry {head} as the last one.")
            : !headHash.AsSpan().SequenceEqual(_last) ? new AuditBreak(Math.Max(1, head), AuditFault.Changed, "The head of the chain has another hash for it.")
            : _anchors.Where(anchor => anchor.Key > Entries).OrderBy(anchor => anchor.Key).FirstOrDefault() is { } lost
                ? new AuditBreak(Entries + 1, AuditFault.CutOff, $"The log ends before it, but entry {lost.Key} was there earlier.")
            : null;
    }

    private void Check(ChainedAuditRecord entry)
    {
        var expected = Entries + 1;
        var sequence = entry.Record.Sequence;
        if (sequence < expected)
        {
            Break = new AuditBreak(sequence, AuditFault.Inserted, $"It stands where entry {expected} should come.");
            return;
        }
        if (sequence > expected)
        {
            Break = new AuditBreak(expected, AuditFault.Missing, $"After entry {Entries} comes entry {sequence}.");
            return;
        }
        var saysTheSame = IsHashOf(entry, sequence);
        var follows = entry.PreviousHash.AsSpan().SequenceEqual(_last);
        if (saysTheSame && follows)
            Accept(entry);
        else if (!saysTheSame && IsHashOf(entry, sequence + 1))
            Break = new AuditBreak(sequence, AuditFault.Missing, $"What stands there was written as entry {sequence + 1}: the later entries were renumbered.");
        else if (!saysTheSame && sequence > 1 && IsHashOf(entry, sequence - 1) && entry.PreviousHash.AsSpan().SequenceEqual(_beforeLast))
            Break = new AuditBreak(sequence - 1, AuditFault.Inserted, $"Entry {sequence} was written as entry {sequence - 1}: the later entries were renumbered.");
        else
            _suspicion = new Suspicion(entry, saysTheSame);
    }

    private void Accept(ChainedAuditRecord entry)
    {
        (_beforeLast, _last) = (_last, entry.Hash);
        Entries = entry.Record.Sequence;
        if (_anchors[Entries].Any(anchor => !anchor.Hash.AsSpan().SequenceEqual(entry.Hash)))
            Break = new AuditBreak(Entries, AuditFault.Changed, "It had another hash earlier: it, or an entry before it, was rewritten together with all that follow.");
    }

    private static bool IsHashOf(ChainedAuditRecord entry, long sequence) =>
        AuditChain.Hash(entry.Record with { Sequence = sequence }, entry.PreviousHash).AsSpan().SequenceEqual(entry.Hash);

    /// <summary>An entry that breaks the chain; only the next one tells what was done.</summary>
    private sealed record Suspicion(ChainedAuditRecord Entry, bool SaysTheSame)
    {
        private long Sequence => Entry.Record.Sequence;

        public AuditBreak Break => new(Sequence, AuditFault.Changed, SaysTheSame
            ? "Its hash fits what it says, but it does not follow the entry before it."
            : "Its hash does not fit what it says.");

        /// <summary>When what follows was made on this entry's hash, the entry itself is old, and the one before it is not.</summary>
        public AuditBreak IfLaterOnesAgree => SaysTheSame && Sequence > 1
            ? new AuditBreak(Sequence - 1, AuditFault.Changed, $"It was rewritten together with its hash: entry {Sequence} follows another one.")
            : Break;

        public AuditBreak Judge(ChainedAuditRecord next, byte[] last) =>
            next.PreviousHash.AsSpan().SequenceEqual(last) && IsHashOf(next, Sequence)
                ? new AuditBreak(Sequence, AuditFault.Inserted, $"Entry {next.Record.Sequence} was written as entry {Sequence}: the later entries were renumbered.")
            : next.PreviousHash.AsSpan().SequenceEqual(Entry.Hash) ? IfLaterOnesAgree
            : Break;
    }
}
