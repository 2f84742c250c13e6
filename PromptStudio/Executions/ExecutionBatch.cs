using System.Buffers.Binary;
using Npgsql;
using NpgsqlTypes;
using PromptStudio.Guardrails;

namespace PromptStudio.Executions;

/// <summary>Stores executions over one connection, all of a batch in one commit.</summary>
internal sealed class ExecutionBatch : IDisposable
{
    private const string Copy = $"COPY prompt_executions ({ExecutionWriter.Columns}) FROM STDIN (FORMAT BINARY)";

    /// <summary>The signature, no flags, and nothing more in the header.</summary>
    private static readonly byte[] Header = [(byte)'P', (byte)'G', (byte)'C', (byte)'O', (byte)'P', (byte)'Y', (byte)'\n', 0xff, (byte)'\r', (byte)'\n', 0, 0, 0, 0, 0, 0, 0, 0, 0];

    private static readonly byte[] Trailer = [0xff, 0xff];

    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlCommand _insert;

    public ExecutionBatch(NpgsqlConnection connection)
    {
        _connection = connection;
#pragma warning disable CA2100 // Constants of this room.
        _insert = new NpgsqlCommand(
            $"INSERT INTO prompt_executions ({ExecutionWriter.Columns}) VALUES ({string.Join(", ", Enumerable.Range(1, ExecutionWriter.ColumnCount).Select(number => $"${number}"))})",
            connection);
#pragma warning restore CA2100
        foreach (var type in (ReadOnlySpan<NpgsqlDbType>)[
            NpgsqlDbType.Uuid, NpgsqlDbType.TimestampTz, NpgsqlDbType.Uuid, NpgsqlDbType.Jsonb, NpgsqlDbType.Text, NpgsqlDbType.Integer, NpgsqlDbType.Text, NpgsqlDbType.Text,
            NpgsqlDbType.Text, NpgsqlDbType.Uuid, NpgsqlDbType.Text, NpgsqlDbType.Jsonb, NpgsqlDbType.Boolean, NpgsqlDbType.Uuid, NpgsqlDbType.Text,
            NpgsqlDbType.Integer, NpgsqlDbType.Boolean, NpgsqlDbType.Text, NpgsqlDbType.Boolean])
        {
            _insert.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = type });
        }
        try
        {
            _insert.Prepare();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Stores executions; the fate of those whose request id was used before says so.</summary>
    public void Store(List<PendingExecution> batch)
    {
        if (batch.TrueForAll(execution => execution.IsPlain))
        {
            if (batch.Count == 1)
                Insert(batch[0]);
            else
                CopyExecutions(batch);
            return;
        }
        using var transaction = _connection.BeginTransaction();
        Claim(batch);
        var own = batch.FindAll(execution => execution.Fate == Fate.Stored);
        if (own.Count > 0)
            CopyExecutions(own);
        if (own.Exists(execution => execution.Violations.Count > 0))
            CopyViolations(own);
        transaction.Commit();
    }

    /// <summary>Those that are stored already.</summary>
    public HashSet<Guid> Find(List<PendingExecution> batch)
    {
        using var find = new NpgsqlCommand("SELECT id FROM prompt_executions WHERE id = ANY($1) AND created_at = ANY($2)", _connection)
        {
            Parameters =
            {
                new() { Value = batch.Select(execution => execution.Id).ToArray() },
                new() { Value = batch.Select(execution => execution.CreatedAt.UtcDateTime).ToArray() },
            },
        };
        using var reader = find.ExecuteReader();
        var found = new HashSet<Guid>();
        while (reader.Read())
            found.Add(reader.GetGuid(0));
        return found;
    }

    /// <summary>Ends a transaction that failed.</summary>
    public void Reset()
    {
        using var rollback = new NpgsqlCommand("ROLLBACK", _connection);
        rollback.ExecuteNonQuery();
    }

    public void Dispose()
    {
        _insert.Dispose();
        _connection.Dispose();
    }

    /// <summary>
    /// The first execution of a request id inserts its row, whichever node it is on; the others find it, once it is committed. In the order of the ids: two nodes that
    /// claim the same ones must not wait for each other.
    /// </summary>
    private void Claim(List<PendingExecution> batch)
    {
        var claims = new SortedDictionary<Guid, PendingExecution>();
        foreach (var execution in batch)
        {
            execution.Fate = execution.RequestHash is null || claims.TryAdd(execution.RequestId!.Value, execution) ? Fate.Stored : Fate.Claimed;
        }
        if (claims.Count == 0)
            return;
        using var claim = new NpgsqlCommand(
            """
            INSERT INTO execution_requests (request_id, execution_id, request_hash, created_at)
            SELECT * FROM unnest($1, $2, $3, $4) ON CONFLICT (request_id) DO NOTHING RETURNING request_id
            """, _connection)
        {
            Parameters =
            {
                new() { Value = claims.Keys.ToArray() },
                new() { Value = claims.Values.Select(execution => execution.Id).ToArray() },
                new() { Value = claims.Values.Select(execution => execution.RequestHash!).ToArray() },
                new() { Value = claims.Values.Select(execution => execution.CreatedAt.UtcDateTime).ToArray() },
            },
        };
        using (var reader = claim.ExecuteReader())
        {
            while (reader.Read())
                claims.Remove(reader.GetGuid(0));
        }
        foreach (var late in claims.Values)
            late.Fate = Fate.Claimed;
    }

    private void CopyExecutions(List<PendingExecution> batch)
    {
        using var copy = _connection.BeginRawBinaryCopy(Copy);
        copy.Write(Header);
        foreach (var execution in batch)
            copy.Write(execution.Row.Span);
        copy.Write(Trailer);
    }

    private void CopyViolations(List<PendingExecution> batch)
    {
        using var copy = _connection.BeginBinaryImport(ViolationCopy.Command);
        foreach (var execution in batch)
        {
            foreach (var violation in execution.Violations)
                ViolationCopy.Write(copy, violation);
        }
        copy.Complete();
    }

    /// <summary>One row by one statement, which needs no second trip to say that it is complete.</summary>
    private void Insert(PendingExecution execution)
    {
        var row = execution.Row[sizeof(short)..];
        foreach (NpgsqlParameter parameter in _insert.Parameters)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(row.Span);
            row = row[sizeof(int)..];
            parameter.Value = length < 0 ? DBNull.Value : Value(parameter.NpgsqlDbType, row[..length]);
            row = row[Math.Max(0, length)..];
        }
        _insert.ExecuteNonQuery();
    }

    private static object Value(NpgsqlDbType type, ReadOnlyMemory<byte> bytes) => type switch
    {
        NpgsqlDbType.Uuid => new Guid(bytes.Span, bigEndian: true),
        NpgsqlDbType.TimestampTz => CopyBuffer.ReadTimestamp(bytes.Span),
        NpgsqlDbType.Integer => BinaryPrimitives.ReadInt32BigEndian(bytes.Span),
        NpgsqlDbType.Boolean => bytes.Span[0] != 0,
        NpgsqlDbType.Jsonb => bytes[1..],
        _ => bytes,
    };
}
