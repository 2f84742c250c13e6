using Microsoft.AspNetCore.Components;

namespace PromptStudio.Experiments.Pages;

/// <summary>A page that follows experiments: it loads again when one of them has new figures, without anybody asking. It stops listening when it is left.</summary>
public abstract class LiveExperiments : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource _left = new();
    private IDisposable? _subscription;
    private Guid? _followed;
    private bool _isLoading;
    private bool _isBehind;

    protected LiveExperiments() => Left = _left.Token;

    [Inject]
    public required ExperimentFeed Feed { get; init; }

    /// <summary>Ends what the page began, when it is left.</summary>
    protected CancellationToken Left { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Stops listening.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        _subscription?.Dispose();
        _left.Cancel();
        _left.Dispose();
    }

    /// <summary>Reads what the page shows.</summary>
    protected abstract Task LoadAsync();

    /// <summary>Listens from now on. Before the first read: what happens in between is told, and not missed.</summary>
    /// <param name="experimentId">Which one; null: all.</param>
    protected void Follow(Guid? experimentId)
    {
        // A page that is only prerendered is gone before anything can be told.
        if (!RendererInfo.IsInteractive || (_subscription is not null && _followed == experimentId))
            return;
        _subscription?.Dispose();
        _followed = experimentId;
        _subscription = Feed.Subscribe(experimentId, Told);
    }

    private void Told(Guid id) => _ = InvokeAsync(CatchUpAsync);

    /// <summary>Many snapshots at once are one look; what comes during a look is one more.</summary>
    private async Task CatchUpAsync()
    {
        _isBehind = true;
        if (_isLoading)
            return;
        _isLoading = true;
        try
        {
            while (_isBehind && !Left.IsCancellationRequested)
            {
                _isBehind = false;
                await LoadAsync();
                StateHasChanged();
            }
        }
#pragma warning disable CA1031 // Whatever it is, a page that was left has nobody to tell, and any other says it where pages fail.
        catch (Exception) when (Left.IsCancellationRequested)
        {
            // The page was left while it read.
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            await DispatchExceptionAsync(exception);
        }
#pragma warning restore CA1031
        finally
        {
            _isLoading = false;
        }
    }
}
