using System.Diagnostics.CodeAnalysis;

namespace PromptStudio.Client;

/// <summary>A rendered prompt, or the problem that there is none.</summary>
public sealed class RenderResult
{
    private RenderResult(RenderedPrompt? prompt, PromptStudioProblem? problem) => (Prompt, Problem) = (prompt, problem);

    /// <summary>The prompt, when there is no problem.</summary>
    public RenderedPrompt? Prompt { get; }

    /// <summary>The problem, when there is no prompt.</summary>
    public PromptStudioProblem? Problem { get; }

    /// <summary>Whether there is a prompt.</summary>
    [MemberNotNullWhen(true, nameof(Prompt))]
    [MemberNotNullWhen(false, nameof(Problem))]
    public bool IsRendered => Prompt is not null;

    /// <summary>A result with a prompt.</summary>
    public static RenderResult Of(RenderedPrompt prompt) => new(prompt, null);

    /// <summary>A result with a problem.</summary>
    public static RenderResult Of(PromptStudioProblem problem) => new(null, problem);

    /// <summary>The prompt.</summary>
    /// <exception cref="PromptStudioException">There is none.</exception>
    public RenderedPrompt PromptOrThrow() => Prompt ?? throw Problem!.ToException();
}

/// <summary>A stored report, or the problem that it was not taken.</summary>
public sealed class ReportResult
{
    private ReportResult(ReportedOutcome? report, PromptStudioProblem? problem) => (Report, Problem) = (report, problem);

    /// <summary>What was stored, when there is no problem.</summary>
    public ReportedOutcome? Report { get; }

    /// <summary>The problem, when nothing was stored.</summary>
    public PromptStudioProblem? Problem { get; }

    /// <summary>Whether the report was taken.</summary>
    [MemberNotNullWhen(true, nameof(Report))]
    [MemberNotNullWhen(false, nameof(Problem))]
    public bool IsReported => Report is not null;

    /// <summary>A result with a report.</summary>
    public static ReportResult Of(ReportedOutcome report) => new(report, null);

    /// <summary>A result with a problem.</summary>
    public static ReportResult Of(PromptStudioProblem problem) => new(null, problem);

    /// <summary>The report.</summary>
    /// <exception cref="PromptStudioException">There is none.</exception>
    public ReportedOutcome ReportOrThrow() => Report ?? throw Problem!.ToException();
}
