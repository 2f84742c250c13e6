using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace PromptStudio.Core.Audit;

/// <summary>What an entry of the audit log says: who did what to what, when and from where, and how it was before and after.</summary>
public sealed record AuditRecord
{
    /// <summary>From 1, without a gap.</summary>
    public required long Sequence { get; init; }

    /// <summary>To the microsecond, as PostgreSQL keeps it.</summary>
    public required DateTimeOffset At { get; init; }

    public required string ActorKind { get; init; }
    public string? ActorId { get; init; }
    public required string ActorName { get; init; }
    public string? Address { get; init; }
    public string? RequestId { get; init; }

    /// <summary>Subject and verb, e.g. <c>version.activated</c>.</summary>
    public required string Action { get; init; }

    public required string SubjectKind { get; init; }
    public string? SubjectId { get; init; }

    /// <summary>JSON, the very text that is stored.</summary>
    public string? Before { get; init; }

    /// <summary>JSON, the very text that is stored.</summary>
    public string? After { get; init; }
}

/// <summary>
/// The rule of the chain: an entry's hash covers what it says and the hash of the entry before it. Whoever changes, removes or
/// inserts an entry would have to change all later ones too.
/// </summary>
public static class AuditChain
{
    /// <summary>What stands for the hash before the first entry: 32 zero bytes.</summary>
    public static IReadOnlyList<byte> Start { get; } = new byte[SHA256.HashSizeInBytes];

    /// <summary>
    /// The hash of an entry: SHA-256 over the hash before it, and each field as the length of its UTF-8 (four bytes, big-endian; all
    /// bits set for null) and its UTF-8. Times count as microseconds since 1970.
    /// </summary>
    public static byte[] Hash(AuditRecord record, ReadOnlySpan<byte> previous)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(previous);
        Add(hash, record.Sequence.ToString(CultureInfo.InvariantCulture));
        Add(hash, Microseconds(record.At).ToString(CultureInfo.InvariantCulture));
        Add(hash, record.ActorKind);
        Add(hash, record.ActorId);
        Add(hash, record.ActorName);
        Add(hash, record.Address);
        Add(hash, record.RequestId);
        Add(hash, record.Action);
        Add(hash, record.SubjectKind);
        Add(hash, record.SubjectId);
        Add(hash, record.Before);
        Add(hash, record.After);
        return hash.GetHashAndReset();
    }

    /// <summary>Microseconds since 1970.</summary>
    public static long Microseconds(DateTimeOffset at) => (at.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>An instant as PostgreSQL keeps it: without the tenths of a microsecond.</summary>
    public static DateTimeOffset Storable(DateTimeOffset at) => new(at.UtcTicks - (at.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);

    private static void Add(IncrementalHash hash, string? field)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        if (field is null)
        {
            BinaryPrimitives.WriteInt32BigEndian(length, -1);
            hash.AppendData(length);
            return;
        }
        var bytes = Encoding.UTF8.GetBytes(field);
        BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
