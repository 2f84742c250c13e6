using System.Buffers.Binary;

namespace PromptStudio.Core.Executions;

/// <summary>Ids of executions are UUIDv7 (RFC 9562, section 5.7): the instant is inside, so an id alone finds its monthly partition.</summary>
public static class ExecutionId
{
    /// <summary>A new id for an execution of this instant.</summary>
    public static Guid New(DateTimeOffset instant) => Guid.CreateVersion7(instant);

    /// <summary>The instant inside an id, to the millisecond; null when the id is no UUIDv7.</summary>
    public static DateTimeOffset? Instant(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        if (bytes[6] >> 4 != 7)
            return null;
        var milliseconds = BinaryPrimitives.ReadInt64BigEndian(bytes) >>> 16;
        return milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
            : null;
    }
}
