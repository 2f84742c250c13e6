namespace PromptStudio.Client;

/// <summary>
/// Renders prompts and reports what became of them. <see cref="PromptStudioClient"/> asks the studio each time; the package PromptStudio.Client.Local has one that
/// goes on while the studio is down.
/// </summary>
public interface IPromptStudio
{
    /// <summary>Renders a prompt. What the studio refuses, and a studio that cannot be reached, is part of the result.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The prompt, or the problem.</returns>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    Task<RenderResult> TryRenderAsync(RenderRequest request, CancellationToken cancellationToken = default);

    /// <summary>Reports what became of a rendered prompt. The same report again changes nothing.</summary>
    /// <param name="executionId">Of the rendered prompt.</param>
    /// <param name="outcome">At least one of its members is given.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What the studio stored, or the problem.</returns>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    Task<ReportResult> TryReportAsync(Guid executionId, Outcome outcome, CancellationToken cancellationToken = default);
}
