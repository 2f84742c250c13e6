using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace PromptStudio.Client;

/// <summary>The same calls for those who would rather have an exception than a result.</summary>
public static class PromptStudioCalls
{
    /// <summary>Renders a prompt.</summary>
    /// <param name="studio">Where.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="PromptStudioException">There is no prompt; its type and its problem say why.</exception>
    public static async Task<RenderedPrompt> RenderAsync(this IPromptStudio studio, RenderRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(studio);
        return (await studio.TryRenderAsync(request, cancellationToken).ConfigureAwait(false)).PromptOrThrow();
    }

    /// <summary>Renders the active version of a prompt.</summary>
    /// <param name="studio">Where.</param>
    /// <param name="name">The prompt.</param>
    /// <param name="variables">What the template is filled with, e.g. <c>new() { ["query"] = "Why is the sky blue?" }</c>.</param>
    /// <param name="userId">Who the prompt is for: decides the group of an experiment.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="PromptStudioException">There is no prompt; its type and its problem say why.</exception>
    public static Task<RenderedPrompt> RenderAsync(
        this IPromptStudio studio, string name, JsonObject? variables = null, string? userId = null, CancellationToken cancellationToken = default) =>
        studio.RenderAsync(new RenderRequest(name) { Variables = variables, UserId = userId }, cancellationToken);

    /// <summary>Renders the active version of a prompt, with the members of an object as variables.</summary>
    /// <param name="studio">Where.</param>
    /// <param name="name">The prompt.</param>
    /// <param name="variables">An object, as its type information writes it.</param>
    /// <param name="type">From a <c>JsonSerializerContext</c>: works when the application is trimmed or compiled ahead of time.</param>
    /// <param name="userId">Who the prompt is for.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentException">The type does not write a JSON object.</exception>
    /// <exception cref="PromptStudioException">There is no prompt; its type and its problem say why.</exception>
    public static Task<RenderedPrompt> RenderAsync<T>(
        this IPromptStudio studio, string name, T variables, JsonTypeInfo<T> type, string? userId = null, CancellationToken cancellationToken = default) =>
        studio.RenderAsync(
            new RenderRequest(name)
            {
                Variables = JsonSerializer.SerializeToNode(variables, type) as JsonObject ?? throw new ArgumentException("Variables are a JSON object.", nameof(variables)),
                UserId = userId,
            },
            cancellationToken);

    /// <summary>Reports what became of a rendered prompt.</summary>
    /// <param name="studio">Where.</param>
    /// <param name="executionId">Of the rendered prompt.</param>
    /// <param name="outcome">At least one of its members is given.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="PromptStudioException">The report was not taken; its type and its problem say why.</exception>
    public static async Task<ReportedOutcome> ReportAsync(this IPromptStudio studio, Guid executionId, Outcome outcome, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(studio);
        return (await studio.TryReportAsync(executionId, outcome, cancellationToken).ConfigureAwait(false)).ReportOrThrow();
    }
}
