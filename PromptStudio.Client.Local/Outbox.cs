using System.Text.Json;

namespace PromptStudio.Client.Local;

/// <summary>What was rendered and reported while the studio was down, in that order, until it is sent.</summary>
internal sealed class Outbox : IAsyncDisposable
{
    /// <summary>Executions of one call, as the studio takes them.</summary>
    private const int BatchItems = 100;

    /// <summary>Characters of one call: however JSON spells them, the studio takes that.</summary>
    private const int BatchCharacters = 150_000;

    /// <summary>Bytes of an execution that the studio takes in a call of its own.</summary>
    private const int MostBytes = 1_000_000;

    private readonly PromptStudioClient _client;
    private readonly LocalModeOptions _options;
    private readonly string? _file;
    private readonly Lock _gate = new();
    private readonly LinkedList<Waiting> _waiting = [];
    private readonly HashSet<Guid> _executions = [];
    private readonly SemaphoreSlim _added = new(0, 1);
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _sending;

    public Outbox(PromptStudioClient client, LocalModeOptions options)
    {
        (_client, _options) = (client, options);
        _file = options.CacheFile is { } file ? file + ".unsent" : null;
        foreach (var item in Kept.Read(_file, LocalJson.Default.ListWaiting) ?? [])
            Append(item);
        _sending = RunAsync();
    }

    public int Count
    {
        get
        {
            lock (_gate)
                return _waiting.Count;
        }
    }

    /// <summary>Whether an execution waits to be sent, so that its report has to wait too.</summary>
    public bool Holds(Guid execution)
    {
        lock (_gate)
            return _executions.Contains(execution);
    }

    /// <summary>Takes something to be sent; false: too much waits already, or it is more than the studio takes.</summary>
    public bool TryAdd(Waiting item)
    {
        if (Characters(item) > BatchCharacters
            && JsonSerializer.SerializeToUtf8Bytes(new MadeExecutions([item.Execution!]), LocalJson.Default.MadeExecutions).Length > MostBytes)
        {
            return false;
        }
        lock (_gate)
        {
            if (_waiting.Count >= _options.QueueCapacity)
                return false;
            Append(item);
            if (_added.CurrentCount == 0)
                _added.Release();
            return true;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        await _sending.ConfigureAwait(false);
        using (var limit = new CancellationTokenSource(_options.FlushTimeout, _client.Options.Time))
        {
            while (!limit.IsCancellationRequested && Count > 0 && await TrySendAsync(limit.Token).ConfigureAwait(false))
            {
            }
        }
        List<Waiting> left = [.. _waiting];
        if (_file is not null)
            Kept.Write(_file, left.Count == 0 ? null : left, LocalJson.Default.ListWaiting);
        else
            left.ForEach(item => Lost(item, new PromptStudioProblem { Code = LocalProblemCode.NotSent, Detail = "The application ended before it could be sent, and no cache file is set." }));
        _added.Dispose();
        _ending.Dispose();
    }

    private async Task RunAsync()
    {
        await Task.Yield();
        while (!_ending.IsCancellationRequested)
        {
            if (Count == 0)
                await _added.WaitAsync(_ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            else if (!await TrySendAsync(_ending.Token).ConfigureAwait(false))
                await Task.Delay(_options.RetryDelay, _client.Options.Time, _ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Sends what is first: as many executions as fit into a call, or a report. False: the studio is still down.</summary>
    private async Task<bool> TrySendAsync(CancellationToken cancellationToken)
    {
        var batch = Next();
        try
        {
            return batch[0].Execution is null ? await SendReportAsync(batch[0], cancellationToken).ConfigureAwait(false) : await SendAsync(batch, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task<bool> SendAsync(List<Waiting> batch, CancellationToken cancellationToken)
    {
        var (taken, problem) = await _client.Calls.PostAsync(
            "api/executions", new MadeExecutions([.. batch.Select(item => item.Execution!)]), LocalJson.Default.MadeExecutions, LocalJson.Default.TakenExecutions, cancellationToken)
            .ConfigureAwait(false);
        if (problem is not null && !IsFinal(problem))
            return false;
        var refused = taken?.Executions.Where(one => one.State == "refused").ToDictionary(one => one.Id);
        foreach (var item in batch)
        {
            Remove(item);
            if (problem is not null)
                Lost(item, problem);
            else if (refused!.TryGetValue(item.ExecutionId, out var why))
                Lost(item, new PromptStudioProblem { Code = why.Code ?? "refused", Detail = why.Detail ?? "", Status = 422 });
        }
        return true;
    }

    private async Task<bool> SendReportAsync(Waiting item, CancellationToken cancellationToken)
    {
        var result = await _client.TryReportAsync(item.ExecutionId, item.Outcome!, cancellationToken).ConfigureAwait(false);
        if (!result.IsReported && !IsFinal(result.Problem))
            return false;
        Remove(item);
        if (!result.IsReported)
            Lost(item, result.Problem);
        return true;
    }

    /// <summary>Whether sending it again brings the same. A key that does not open may be mended in the studio: what waits, waits.</summary>
    private static bool IsFinal(PromptStudioProblem problem) => !problem.IsTransient && problem.Status is >= 400 and < 500 and not (401 or 403);

    private List<Waiting> Next()
    {
        lock (_gate)
        {
            List<Waiting> batch = [_waiting.First!.Value];
            var characters = Characters(batch[0]);
            for (var node = _waiting.First.Next; batch[0].Execution is not null && node?.Value.Execution is not null && batch.Count < BatchItems; node = node.Next)
            {
                characters += Characters(node.Value);
                if (characters > BatchCharacters)
                    break;
                batch.Add(node.Value);
            }
            return batch;
        }
    }

    private static int Characters(Waiting item) => item.Execution is { } execution ? execution.RenderedPrompt.Length + execution.Variables.ToJsonString().Length : 0;

    private void Append(Waiting item)
    {
        _waiting.AddLast(item);
        if (item.Execution is not null)
            _executions.Add(item.ExecutionId);
    }

    private void Remove(Waiting item)
    {
        lock (_gate)
        {
            _waiting.Remove(item);
            if (item.Execution is not null)
                _executions.Remove(item.ExecutionId);
        }
    }

    private void Lost(Waiting item, PromptStudioProblem problem) => _options.OnLost?.Invoke(new UnsentItem(item.ExecutionId, item.Execution is null, problem));
}
