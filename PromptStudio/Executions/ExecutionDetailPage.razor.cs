using System.Text.Json;
using Microsoft.AspNetCore.Components;
using PromptStudio.Access;

namespace PromptStudio.Executions;

/// <summary>One execution: what went in, what came out, what guardrails found, what was reported.</summary>
public sealed partial class ExecutionDetailPage : IDisposable
{
    private readonly CancellationTokenSource _left = new();
    private ExecutionWithVersion? _found;
    private JsonElement _variables;
    private string? _experiment;
    private string? _missing;

    [Inject]
    public required ExecutionList Store { get; init; }

    [Inject]
    public required CurrentActor Me { get; init; }

    [Parameter]
    public Guid Id { get; set; }

    public void Dispose()
    {
        _left.Cancel();
        _left.Dispose();
    }

    protected override async Task OnParametersSetAsync()
    {
        if (_found?.Execution.Id == Id)
            return;
        var answer = await Store.FindAsync(await Me.GetAsync(), Id, _left.Token);
        (_found, _missing) = (answer.Value, answer.Problem?.Detail);
        if (_found is not { Execution: { } execution })
            return;
        _variables = JsonElement.Parse(execution.Variables);
        if (execution.ExperimentId is { } experiment)
            _experiment = (await Store.ExperimentsAsync(_left.Token)).FirstOrDefault(one => one.Id == experiment).Name;
    }
}
