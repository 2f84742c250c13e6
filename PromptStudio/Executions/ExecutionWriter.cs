using System.Collections.Concurrent;
using Npgsql;
using PromptStudio.Database;

namespace PromptStudio.Executions;

/// <summary>
/// Stores executions, as many in one commit as arrived during the last one: nobody waits for a timer, and a busy studio pays for one commit what an idle one pays for
/// one execution. A thread of its own asks the database and blocks meanwhile: that is the shortest way there and back.
/// </summary>
/// <remarks>
/// When the connection is lost in the middle of a commit, nobody knows whether it happened. The rows have ids of their own, so the next connection looks whether
/// they are there before it stores them again: nothing is lost, and nothing stored twice.
/// </remarks>
public sealed partial class ExecutionWriter(StudioDatabase database, TimeProvider clock, ILogger<ExecutionWriter> logger) : IHostedLifecycleService, IDisposable
{
    /// <summary>The columns of <see cref="PendingExecution.Row"/>; the others belong to outcomes.</summary>
    public const string Columns =
        "id, created_at, prompt_template_id, variables, rendered_prompt, render_time_us, model_name, status, error_message, experiment_id, ab_test_group, "
        + "guardrail_violations, is_redacted, request_id, user_id, experiment_phase, is_random_group, stored_as, is_fallback";

    /// <summary>How many they are.</summary>
    public const short ColumnCount = 19;

    /// <summary>Executions that may wait.</summary>
    public const int MostWaiting = 5_000;

    /// <summary>Bytes of rows that may wait.</summary>
    public const int MostWaitingBytes = 32 << 20;

    /// <summary>Executions of one commit: more would make the first of them wait for the last.</summary>
    public const int MostTogether = 500;

    /// <summary>How long callers wait for a database that is away; long enough for one that is started again.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(50);

    /// <summary>Callers that one thread of the pool answers, one after the other.</summary>
    private const int Together = 8;

    /// <summary>How often the thread lets others run before it takes what is there.</summary>
    private const int MostYields = 16;

    private readonly ConcurrentQueue<PendingExecution> _waiting = new();
    private readonly AutoResetEvent _wake = new(false);
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _start = new();
    private Thread? _thread;
#pragma warning disable CA2213 // Its own thread disposes it when it ends.
    private ExecutionBatch? _batch;
#pragma warning restore CA2213
    private volatile Exception? _away;
    private int _count;
    private long _bytes;
    private int _isIdle;
    private int _lastTogether;
    private int _isDisposed;

    /// <summary>Executions that wait, or are being stored.</summary>
    public int Waiting => Volatile.Read(ref _count);

    /// <summary>Whether another execution would be refused.</summary>
    public bool IsFull => Volatile.Read(ref _count) >= MostWaiting || Interlocked.Read(ref _bytes) >= MostWaitingBytes;

    /// <summary>Stores an execution; its <see cref="PendingExecution.Done"/> says what became of it.</summary>
    /// <exception cref="StudioBusyException">Too many wait already.</exception>
    public ValueTask<Fate> StoreAsync(PendingExecution execution)
    {
        if (IsFull || _stopping.IsCancellationRequested)
        {
            execution.Return();
            throw new StudioBusyException();
        }
        if (_away is { } away)
        {
            execution.Return();
            throw new NpgsqlException("The database is away.", away);
        }
        if (_thread is null)
            Start();
        execution.Patience = clock.GetTimestamp() + (long)(Patience.TotalSeconds * clock.TimestampFrequency);
        // Read before another thread may finish with it.
        var done = execution.Done;
        Interlocked.Add(ref _bytes, execution.Row.Length);
        Interlocked.Increment(ref _count);
        _waiting.Enqueue(execution);
        // Seen by the writer before the flag is read here, or the flag here before the writer sleeps.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _isIdle) == 1 && Interlocked.Exchange(ref _isIdle, 0) == 1)
            _wake.Set();
        return done;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Stores what still waits. The server has answered its last request by now, and the database stops later.</summary>
    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        _wake.Set();
        if (_thread is not null)
            await _stopped.Task.WaitAsync(cancellationToken);
    }

    public void Dispose()
    {
        // The container knows it twice: as itself and as a hosted service.
        if (Interlocked.Exchange(ref _isDisposed, 1) == 1)
            return;
        _stopping.Cancel();
        _wake.Set();
        _thread?.Join(Patience);
        _wake.Dispose();
        _stopping.Dispose();
    }

    private void Start()
    {
        lock (_start)
        {
            if (_thread is not null)
                return;
            var thread = new Thread(Run) { IsBackground = true, Name = "Execution writer" };
            thread.Start();
            _thread = thread;
        }
    }

    private void Run()
    {
        var batch = new List<PendingExecution>(MostTogether);
        try
        {
            while (Take(batch))
            {
                Store(batch);
                batch.Clear();
            }
        }
        finally
        {
            _batch?.Dispose();
            _stopped.TrySetResult();
        }
    }

    /// <summary>Waits for the first execution, and takes those that are there with it.</summary>
    /// <returns>False: the app stops, and none is left.</returns>
    private bool Take(List<PendingExecution> batch)
    {
        while (_waiting.IsEmpty)
        {
            if (_stopping.IsCancellationRequested)
                return false;
            Volatile.Write(ref _isIdle, 1);
            Interlocked.MemoryBarrier();
            if (_waiting.IsEmpty)
                _wake.WaitOne();
            Volatile.Write(ref _isIdle, 0);
        }
        LetThemCome();
        while (batch.Count < MostTogether && _waiting.TryDequeue(out var next))
            batch.Add(next);
        _lastTogether = batch.Count;
        return true;
    }

    /// <summary>Those whom the last commit has answered are about to ask again: they may run while they come, instead of a commit for the first of them alone.</summary>
    private void LetThemCome()
    {
        if (_lastTogether <= Together)
            return;
        var seen = 0;
        for (var turn = 0; turn < MostYields; turn++)
        {
            var count = _waiting.Count;
            if (count == seen || count >= _lastTogether)
                return;
            seen = count;
            Thread.Yield();
        }
    }

    /// <summary>Stores executions, however often that has to be tried; in the end each caller has an answer.</summary>
    private void Store(List<PendingExecution> batch)
    {
        var mayBeStored = false;
        while (batch.Count > 0)
        {
            try
            {
                _batch ??= new ExecutionBatch(database.OpenOwn("Prompt Studio writer"));
                _away = null;
                if (mayBeStored && _batch.Find(batch) is { Count: > 0 } found)
                {
                    var stored = batch.FindAll(execution => found.Contains(execution.Id));
                    // First: what is complete may be another caller's the next moment.
                    batch.RemoveAll(execution => found.Contains(execution.Id));
                    Complete(stored);
                    continue;
                }
                mayBeStored = true;
                _batch.Store(batch);
                Complete(batch);
                return;
            }
            catch (PostgresException exception) when (IsMissingPartition(exception) && MakePartition(batch))
            {
                mayBeStored = false;
            }
            catch (Exception exception) when (IsOutage(exception))
            {
                Reconnect();
                GiveUp(batch, exception);
            }
#pragma warning disable CA1031 // Whatever it is, each caller must have an answer, and the next one a writer.
            catch (Exception exception)
            {
                Reconnect();
                if (batch.Count == 1)
                    Fail(batch, exception);
                else
                    StoreEach(batch);
                return;
            }
#pragma warning restore CA1031
        }
    }

    /// <summary>One of them cannot be stored: the others must not suffer for it.</summary>
    private void StoreEach(List<PendingExecution> batch)
    {
        foreach (var execution in batch)
            Store([execution]);
    }

    private static bool IsMissingPartition(PostgresException exception) =>
        exception is { SqlState: PostgresErrorCodes.CheckViolation, TableName: "prompt_executions" or "guardrail_violations", ConstraintName: null };

    /// <summary>The clock has run past the months that were made ahead (a machine that slept).</summary>
    private bool MakePartition(List<PendingExecution> batch)
    {
        _batch!.Reset();
        try
        {
            foreach (var month in batch.Select(execution => execution.CreatedAt).DistinctBy(at => (at.Year, at.Month)))
                ExecutionPartitions.EnsureAsync(database.DataSource, month, CancellationToken.None).GetAwaiter().GetResult();
            return true;
        }
        catch (NpgsqlException exception)
        {
            Log.NotMade(logger, exception);
            return false;
        }
    }

    private static bool IsOutage(Exception exception) => exception switch
    {
        PostgresException { SqlState: PostgresErrorCodes.DiskFull or PostgresErrorCodes.ReadOnlySqlTransaction } => true,
        PostgresException postgres => postgres.IsTransient,
        NpgsqlException or IOException or TimeoutException or System.Net.Sockets.SocketException or ObjectDisposedException => true,
        _ => false,
    };

    private void Reconnect()
    {
        _batch?.Dispose();
        _batch = null;
    }

    /// <summary>Tells those who have waited long enough, and waits a moment before the next try for the others.</summary>
    private void GiveUp(List<PendingExecution> batch, Exception exception)
    {
        if (_away is null && !_stopping.IsCancellationRequested)
            Log.Away(logger, exception.Message.Split('\n')[0]);
        var now = clock.GetTimestamp();
        List<PendingExecution> over = [.. batch.Where(execution => execution.Patience <= now)];
        if (over.Count > 0)
        {
            // From now on nobody else has to wait to hear the same.
            _away = exception;
            batch.RemoveAll(execution => execution.Patience <= now);
            while (_waiting.TryDequeue(out var next))
                over.Add(next);
            Fail(over, exception);
        }
        if (batch.Count > 0)
            _stopping.Token.WaitHandle.WaitOne(Retry);
        else
            AwaitDatabase();
    }

    /// <summary>With nobody waiting: looks for the database until it is back.</summary>
    private void AwaitDatabase()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                _batch = new ExecutionBatch(database.OpenOwn("Prompt Studio writer"));
                _away = null;
                return;
            }
            catch (Exception exception) when (IsOutage(exception) || exception is InvalidOperationException)
            {
                _stopping.Token.WaitHandle.WaitOne(4 * Retry);
            }
        }
    }

    private void Complete(List<PendingExecution> batch)
    {
        Leave(batch);
        if (batch is [{ IsShort: true } only])
        {
            only.Complete();
            return;
        }
        for (var from = 0; from < batch.Count; from += Together)
            ThreadPool.UnsafeQueueUserWorkItem(static some => Array.ForEach(some, one => one.Complete()), batch.GetRange(from, Math.Min(Together, batch.Count - from)).ToArray(), preferLocal: false);
    }

    private void Fail(List<PendingExecution> batch, Exception exception)
    {
        Leave(batch);
        foreach (var execution in batch)
            ThreadPool.UnsafeQueueUserWorkItem(static failed => failed.execution.Fail(failed.exception), (execution, exception), preferLocal: false);
    }

    private void Leave(List<PendingExecution> batch)
    {
        long bytes = 0;
        foreach (var execution in batch)
            bytes += execution.Row.Length;
        Interlocked.Add(ref _bytes, -bytes);
        Interlocked.Add(ref _count, -batch.Count);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The month's partition of executions could not be made")]
        public static partial void NotMade(ILogger logger, Exception exception);

        [LoggerMessage(2, LogLevel.Warning, "Executions wait for the database: {Reason}")]
        public static partial void Away(ILogger logger, string reason);
    }
}

/// <summary>More is asked of the studio than it can store at the moment.</summary>
public sealed class StudioBusyException() : Exception("More executions wait than can be kept.");
