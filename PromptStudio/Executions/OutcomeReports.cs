using PromptStudio.Core.Access;
using PromptStudio.Core.Executions;
using PromptStudio.Guardrails;
using PromptStudio.Web;

namespace PromptStudio.Executions;

/// <summary>Takes what callers report: lets guardrails look at the response, and stores it.</summary>
public sealed class OutcomeReports(ExecutionStore executions, GuardrailCatalogue catalogue, PromptGuard guard)
{
    /// <summary>Stores what a caller reports of an execution.</summary>
    /// <param name="actor">Who reports it.</param>
    /// <param name="id">The execution.</param>
    /// <param name="outcome">Already checked.</param>
    /// <param name="outcomeHash">SHA-256 over the report, to tell a repeated one from another one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>As <see cref="ExecutionStore.ReportAsync"/>.</returns>
    public async Task<Answer<PromptExecution>> RunAsync(Actor actor, Guid id, Outcome outcome, byte[] outcomeHash, CancellationToken cancellationToken) =>
        await executions.ReportAsync(actor, id, outcome, outcomeHash, await LookAsync(id, outcome, cancellationToken), cancellationToken);

    /// <summary>Before the row is locked: a guardrail may take its time. The report of an execution that is not there, or has one already, is sorted out by the store.</summary>
    private async Task<GuardedReport?> LookAsync(Guid id, Outcome outcome, CancellationToken cancellationToken)
    {
        if (!catalogue.LooksAtResponses || (outcome.ResponseText is null && outcome.ErrorMessage is null))
            return null;
        if (await executions.FindWithTemplateAsync(id, cancellationToken) is not var (execution, template) || execution.OutcomeHash is not null)
            return null;
        var response = await guard.ReportAsync(template, execution.Variables, outcome.ResponseText, outcome.ErrorMessage, execution.UserId ?? id.ToString(), cancellationToken);
        return new GuardedReport(response, template);
    }
}
