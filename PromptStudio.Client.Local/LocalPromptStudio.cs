using System.Text.Json.Nodes;
using PromptStudio.Core.Executions;

namespace PromptStudio.Client.Local;

/// <summary>
/// Asks the studio, and while it is down renders the last known version here: <see cref="RenderedPrompt.IsFallback"/> says so. What was rendered and reported meanwhile
/// is sent when the studio is back. Running experiments take no part in that: such a render gets the active version, as while they are paused.
/// </summary>
public sealed class LocalPromptStudio : IPromptStudio, IAsyncDisposable
{
    private const long IsUp = long.MinValue;

    private readonly PromptStudioClient _client;
    private readonly LocalModeOptions _options;
    private readonly LocalRenderer _renderer;
    private readonly CatalogueFollower _catalogue;
    private readonly Outbox _outbox;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _following;
    private long _askAgainAt = IsUp;
    private int _isDisposed;

    /// <summary>Starts following the catalogue.</summary>
    /// <param name="client">Its key has the scopes <c>render</c> and <c>read</c>. It is not disposed with this.</param>
    /// <param name="options">How to go on while the studio is down.</param>
    /// <exception cref="ArgumentException">An option cannot be; the message names it.</exception>
    public LocalPromptStudio(PromptStudioClient client, LocalModeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        _client = client;
        _options = (options ?? new LocalModeOptions()).Checked();
        _time = client.Options.Time;
        _renderer = new LocalRenderer(_time);
        _catalogue = new CatalogueFollower(client, _options);
        _outbox = new Outbox(client, _options);
        _following = _catalogue.RunAsync(_ending.Token);
    }

    /// <summary>Whether prompts are known, so that an outage can be bridged.</summary>
    public bool IsPrepared => _catalogue.Current is not null;

    /// <summary>Executions and reports that wait to be sent.</summary>
    public int Unsent => _outbox.Count;

    /// <summary>Waits until the catalogue was read, from the studio or from the file.</summary>
    public Task PreparedAsync(CancellationToken cancellationToken = default) => _catalogue.ReadAsync(cancellationToken);

    /// <inheritdoc/>
    public async Task<RenderResult> TryRenderAsync(RenderRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) == 1, this);
        PromptStudioProblem? outage = null;
        if (MayAsk())
        {
            var result = await _client.TryRenderAsync(request, cancellationToken).ConfigureAwait(false);
            if (Note(result.Problem))
                return result;
            outage = result.Problem;
        }
#pragma warning disable CA1849 // The studio was asked, or is known to be away: this is what is done without it.
        return Render(request, outage, cancellationToken);
#pragma warning restore CA1849
    }

    /// <inheritdoc/>
    public async Task<ReportResult> TryReportAsync(Guid executionId, Outcome outcome, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) == 1, this);
        // Behind its execution, where that waits too.
        if (!_outbox.Holds(executionId) && MayAsk())
        {
            var result = await _client.TryReportAsync(executionId, outcome, cancellationToken).ConfigureAwait(false);
            if (Note(result.Problem))
                return result;
        }
        return _outbox.TryAdd(new Waiting(null, executionId, outcome))
            ? ReportResult.Of(new ReportedOutcome { ExecutionId = executionId, Status = outcome.Status ?? ExecutionStatus.Success })
            : ReportResult.Of(LocalRenderer.Refused("The studio is down, and too much waits to be sent already."));
    }

    /// <summary>Sends what waits, for as long as <see cref="LocalModeOptions.FlushTimeout"/> allows, and keeps the rest in the file.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 1)
            return;
        await _ending.CancelAsync().ConfigureAwait(false);
        await _following.ConfigureAwait(false);
        await _outbox.DisposeAsync().ConfigureAwait(false);
        _ending.Dispose();
    }

    /// <summary>Whether the studio is asked: always while it answers, and while it is down by one caller now and then.</summary>
    private bool MayAsk()
    {
        var until = Interlocked.Read(ref _askAgainAt);
        var now = _time.GetUtcNow();
        return until == IsUp || (now.UtcTicks >= until && Interlocked.CompareExchange(ref _askAgainAt, (now + _options.AskAgainAfter).UtcTicks, until) == until);
    }

    /// <summary>Whether the studio has answered, be it with a problem.</summary>
    private bool Note(PromptStudioProblem? problem)
    {
        var isUp = problem?.Status is not (0 or 502 or 503 or 504);
        Interlocked.Exchange(ref _askAgainAt, isUp ? IsUp : (_time.GetUtcNow() + _options.AskAgainAfter).UtcTicks);
        return isUp;
    }

    private RenderResult Render(RenderRequest request, PromptStudioProblem? outage, CancellationToken cancellationToken)
    {
        if (_catalogue.Current is not { } catalogue)
            return RenderResult.Of(outage ?? LocalRenderer.Refused("The studio is down, and its prompts were never read."));
        if (catalogue.Find(request) is not { } version)
            return RenderResult.Of(outage ?? LocalRenderer.Refused($"The studio is down, and this version of '{request.Name}' is not known here."));
        if (version.NotLocal is { } obstacle)
            return RenderResult.Of(LocalRenderer.Refused($"The studio is down, and only it can render '{version.Name}' ({obstacle})."));
        if (version.IsGuarded && !_options.RenderUnguarded.Contains(version.Name))
            return RenderResult.Of(LocalRenderer.Refused($"The studio is down, and '{version.Name}' has a blocking guardrail that cannot be asked. LocalModeOptions.RenderUnguarded would render it unchecked."));
        var (text, messages, variables, microseconds, problem) = _renderer.Render(version, request.Variables, cancellationToken);
        if (problem is not null)
            return RenderResult.Of(problem);
        Guid? id = request.DryRun ? null : ExecutionId.New(_time.GetUtcNow());
        // Before the prompt is handed out: what cannot be told later is not rendered.
        if (id is { } execution && !_outbox.TryAdd(new Waiting(
            new MadeExecution(execution, version.TemplateId, (JsonObject)variables!.DeepClone(), text!, request.UserId, request.ModelName, microseconds), execution, null)))
        {
            return RenderResult.Of(LocalRenderer.Refused("The studio is down, and too much waits to be sent already, or the prompt is longer than what can be sent later."));
        }
        return RenderResult.Of(new RenderedPrompt
        {
            Text = text!,
            Messages = messages,
            TemplateId = version.TemplateId,
            TemplateName = version.Name,
            TemplateVersion = version.Version,
            ExecutionId = id,
            IsFallback = true,
        });
    }
}
