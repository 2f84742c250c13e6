using System.Threading.Tasks.Sources;
using PromptStudio.Guardrails;

namespace PromptStudio.Executions;

/// <summary>What became of an execution that was to be stored.</summary>
public enum Fate
{
    /// <summary>It is committed.</summary>
    Stored,

    /// <summary>Its <c>request_id</c> was used before: nothing is stored.</summary>
    Claimed,
}

/// <summary>
/// An execution on its way into the database: its row as PostgreSQL reads it, and what its caller awaits. Used again once that was awaited; a caller that may give up
/// must not be the one who awaits it.
/// </summary>
#pragma warning disable CA1001 // It is used again and again; a row that grew too large is disposed when its execution comes back.
public sealed class PendingExecution : IValueTaskSource<Fate>
#pragma warning restore CA1001
{
    private const int MostSpare = 1_024;
    private const int RowCapacity = 4_096;

    /// <summary>A row that grew beyond this is not kept for the next one.</summary>
    private const int LargestSpare = 32_768;

    private static readonly System.Collections.Concurrent.ConcurrentQueue<PendingExecution> Spares = new();

    private ManualResetValueTaskSourceCore<Fate> _done = new() { RunContinuationsAsynchronously = false };
    private CopyBuffer _row = new(RowCapacity);

    private PendingExecution()
    {
    }

    public Guid Id { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>The caller's id of the request; null: none was given.</summary>
    public Guid? RequestId { get; private set; }

    /// <summary>SHA-256 over what was asked; with a request id that is to be claimed.</summary>
    public byte[]? RequestHash { get; private set; }

    /// <summary>Stored with it, as rows of their own.</summary>
    public IReadOnlyList<GuardrailViolation> Violations { get; private set; } = [];

    /// <summary>Its row of <see cref="ExecutionWriter.Columns"/>.</summary>
    public ReadOnlyMemory<byte> Row => _row.Written;

    /// <summary>Whether it can go into the database by one statement.</summary>
    internal bool IsPlain => RequestHash is null && Violations.Count == 0;

    /// <summary>When its caller is not made to wait any longer, in the clock's ticks.</summary>
    internal long Patience { get; set; }

    internal Fate Fate { get; set; }

    /// <summary>Whether what its caller does next is so short that the writer's own thread may do it, when there is nobody else to answer.</summary>
    internal bool IsShort { get; set; }

    /// <summary>An execution as a row.</summary>
    /// <param name="execution">The execution.</param>
    /// <param name="requestHash">SHA-256 over what was asked: its request id is claimed; null: it is only noted.</param>
    /// <param name="variables">Its variables as the caller sent them, instead of those of the execution; empty: those are meant.</param>
    public static PendingExecution Of(PromptExecution execution, byte[]? requestHash, ReadOnlySpan<byte> variables = default)
    {
        var pending = Rent(execution.Id, execution.CreatedAt, execution.RequestId, requestHash, execution.Violations);
        var row = pending._row;
        row.Row(ExecutionWriter.ColumnCount);
        row.Uuid(execution.Id);
        row.Timestamp(execution.CreatedAt);
        row.Uuid(execution.PromptTemplateId);
        if (variables.IsEmpty)
            row.Json(execution.Variables);
        else
            row.Json(variables);
        row.Text(execution.RenderedPrompt);
        row.Integer(execution.RenderTimeUs);
        row.Text(execution.ModelName);
        row.Text(execution.Status);
        row.Text(execution.ErrorMessage);
        row.Uuid(execution.ExperimentId);
        row.Text(execution.AbTestGroup);
        row.Json(execution.GuardrailViolations);
        row.Boolean(execution.IsRedacted);
        row.Uuid(execution.RequestId);
        row.Text(execution.UserId);
        row.Integer(execution.ExperimentPhase);
        row.Boolean(execution.IsRandomGroup);
        row.Text(execution.StoredAs);
        row.Boolean(execution.IsFallback);
        return pending;
    }

    /// <summary>When it is committed, or is not going to be.</summary>
    public ValueTask<Fate> Done => new(this, _done.Version);

    internal void Complete() => _done.SetResult(Fate);

    internal void Fail(Exception exception) => _done.SetException(exception);

    /// <summary>Gives it back unused.</summary>
    internal void Return()
    {
        (Violations, RequestHash, RequestId, Fate, IsShort) = ([], null, null, Fate.Stored, false);
        _done.Reset();
        if (_row.Length > LargestSpare)
        {
            _row.Dispose();
            _row = new CopyBuffer(RowCapacity);
        }
        _row.Clear();
        if (Spares.Count < MostSpare)
            Spares.Enqueue(this);
        else
            _row.Dispose();
    }

    Fate IValueTaskSource<Fate>.GetResult(short token)
    {
        try
        {
            return _done.GetResult(token);
        }
        finally
        {
            Return();
        }
    }

    ValueTaskSourceStatus IValueTaskSource<Fate>.GetStatus(short token) => _done.GetStatus(token);

    void IValueTaskSource<Fate>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _done.OnCompleted(continuation, state, token, flags);

    private static PendingExecution Rent(Guid id, DateTimeOffset createdAt, Guid? requestId, byte[]? requestHash, IReadOnlyList<GuardrailViolation> violations)
    {
        if (!Spares.TryDequeue(out var pending))
            pending = new PendingExecution();
        (pending.Id, pending.CreatedAt, pending.RequestId, pending.RequestHash, pending.Violations) = (id, createdAt, requestId, requestHash, violations);
        return pending;
    }
}
