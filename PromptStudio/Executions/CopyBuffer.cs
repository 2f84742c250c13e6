using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace PromptStudio.Executions;

/// <summary>Rows in the binary format of PostgreSQL's COPY, in a rented array.</summary>
public sealed class CopyBuffer(int capacity) : IDisposable
{
    /// <summary>Microseconds from the Unix epoch to PostgreSQL's, the first moment of 2000.</summary>
    private const long Epoch = 946_684_800_000_000;

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(capacity);
    private int _length;

    public int Length => _length;

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, _length);

    /// <summary>Before a row's values: how many there are.</summary>
    public void Row(short values)
    {
        BinaryPrimitives.WriteInt16BigEndian(Room(2), values);
        _length += 2;
    }

    public void Null()
    {
        BinaryPrimitives.WriteInt32BigEndian(Room(4), -1);
        _length += 4;
    }

    public void Uuid(Guid value)
    {
        value.TryWriteBytes(Value(16), bigEndian: true, out _);
        _length += 20;
    }

    public void Uuid(Guid? value)
    {
        if (value is { } known)
            Uuid(known);
        else
            Null();
    }

    public void Integer(int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(Value(4), value);
        _length += 8;
    }

    public void Integer(int? value)
    {
        if (value is { } known)
            Integer(known);
        else
            Null();
    }

    public void Boolean(bool value)
    {
        Value(1)[0] = value ? (byte)1 : (byte)0;
        _length += 5;
    }

    public void Timestamp(DateTimeOffset value)
    {
        BinaryPrimitives.WriteInt64BigEndian(Value(8), (value.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond - Epoch);
        _length += 12;
    }

    /// <summary>What <see cref="Timestamp"/> wrote.</summary>
    public static DateTime ReadTimestamp(ReadOnlySpan<byte> bytes) => DateTime.UnixEpoch.AddMicroseconds(BinaryPrimitives.ReadInt64BigEndian(bytes) + Epoch);

    public void Text(ReadOnlySpan<char> value) => Encoded(value, isJson: false);

    public void Text(string? value)
    {
        if (value is null)
            Null();
        else
            Encoded(value, isJson: false);
    }

    public void Text(ReadOnlySpan<byte> utf8)
    {
        utf8.CopyTo(Value(utf8.Length));
        _length += 4 + utf8.Length;
    }

    /// <summary>A value of the type jsonb.</summary>
    public void Json(string? value)
    {
        if (value is null)
            Null();
        else
            Encoded(value, isJson: true);
    }

    /// <inheritdoc cref="Json(string?)"/>
    public void Json(ReadOnlySpan<byte> utf8)
    {
        var room = Value(utf8.Length + 1);
        room[0] = 1;
        utf8.CopyTo(room[1..]);
        _length += 5 + utf8.Length;
    }

    public void Raw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        _length += bytes.Length;
    }

    public void Clear() => _length = 0;

    public void Dispose()
    {
        if (_bytes is { Length: > 0 } rented)
            ArrayPool<byte>.Shared.Return(rented);
        (_bytes, _length) = ([], 0);
    }

    private void Encoded(ReadOnlySpan<char> value, bool isJson)
    {
        var prefix = isJson ? 1 : 0;
        var room = Room(4 + prefix + Encoding.UTF8.GetMaxByteCount(value.Length));
        var length = prefix + Encoding.UTF8.GetBytes(value, room[(4 + prefix)..]);
        BinaryPrimitives.WriteInt32BigEndian(room, length);
        // The version of jsonb's own format.
        if (isJson)
            room[4] = 1;
        _length += 4 + length;
    }

    /// <summary>Room for a value, behind its length.</summary>
    private Span<byte> Value(int length)
    {
        var room = Room(4 + length);
        BinaryPrimitives.WriteInt32BigEndian(room, length);
        return room[4..];
    }

    private Span<byte> Room(int length)
    {
        if (_bytes.Length - _length < length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(2 * _bytes.Length, _length + length));
            _bytes.AsSpan(0, _length).CopyTo(larger);
            if (_bytes.Length > 0)
                ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = larger;
        }
        return _bytes.AsSpan(_length);
    }
}
