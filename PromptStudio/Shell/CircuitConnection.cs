using Microsoft.AspNetCore.Components.Server.Circuits;

namespace PromptStudio.Shell;

/// <summary>
/// Whether a browser is at the other end of the circuit. A circuit outlives its page for some minutes; what is sent there meanwhile
/// ends as an error in the log. Scoped to the circuit; outside of one, the browser waits for the answer.
/// </summary>
public sealed class CircuitConnection : CircuitHandler
{
    private TaskCompletionSource _up = Reached();

    /// <summary>Ends when a browser is there: at once, or when it comes back.</summary>
    public Task Up => _up.Task;

    public override Task OnConnectionDownAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        if (_up.Task.IsCompleted)
            _up = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return Task.CompletedTask;
    }

    public override Task OnConnectionUpAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        _up.TrySetResult();
        return Task.CompletedTask;
    }

    private static TaskCompletionSource Reached()
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        reached.SetResult();
        return reached;
    }
}
