using System.Globalization;
using PromptStudio.Core.Executions;
using PromptStudio.Shell;
using PromptStudio.Web;

namespace PromptStudio.Executions;

/// <summary>What the page of executions is asked for, as its address says it; empty: any.</summary>
public sealed record ExecutionAddress
{
    /// <summary>The span when nothing is said.</summary>
    public const string DefaultTime = "7d";

    /// <summary>Of an execution, or of a caller's request.</summary>
    public string Id { get; init; } = "";

    public string Prompt { get; init; } = "";
    public string Version { get; init; } = "";
    public string Status { get; init; } = "";
    public string User { get; init; } = "";
    public string Experiment { get; init; } = "";
    public string Group { get; init; } = "";
    public string Guardrail { get; init; } = "";
    public TimeRange Time { get; init; } = new(DefaultTime);

    /// <summary>The execution that the page goes on after.</summary>
    public Guid? After { get; init; }

    /// <summary>Filters that stand in the second line.</summary>
    public int Further => new[] { Version, User, Experiment, Group, Guardrail }.Count(one => one.Length > 0);

    /// <summary>Whether it leaves executions out.</summary>
    public bool Filters => Further > 0 || Id.Length + Prompt.Length + Status.Length > 0;

    /// <summary>The address that says it.</summary>
    public string Address() => Links.With(Links.ExecutionsRoute,
    [
        ("id", Id), ("prompt", Prompt), ("version", Version), ("status", Status), ("user", User), ("experiment", Experiment), ("group", Group), ("guardrail", Guardrail),
        .. Time.Parameters(DefaultTime).Select(one => (one.Key, one.Value)), ("after", After?.ToString()),
    ]);

    /// <summary>What cannot be looked for, a text of <see cref="ExecutionWords"/>; null: all of it can.</summary>
    public string? Problem() =>
        Id.Length > 0 && !Guid.TryParse(Id.Trim(), out _) ? "This is no id: ids look like 019ad5e2-7c1b-7d42-9f3a-0c5be81f2a77."
        : new[] { Prompt, User, Group }.Any(text => Storable.Problem("text", text) is not null || text.Length > ExecutionQuery.MaxLength) ? "This text cannot be looked for."
        : Version.Length > 0 && !(int.TryParse(Version, CultureInfo.InvariantCulture, out var number) && number > 0) ? "A version is a number from 1 on."
        : null;

    /// <summary>What the store is asked for.</summary>
    public ExecutionFilter Filter(DateTimeOffset now)
    {
        var (from, to) = Time.At(now);
        return new ExecutionFilter
        {
            AnyId = Guid.TryParse(Id.Trim(), out var id) ? id : null,
            Prompt = OrNull(Prompt),
            Version = int.TryParse(Version, CultureInfo.InvariantCulture, out var version) ? version : null,
            Status = ExecutionStatus.All.Contains(Status) ? Status : null,
            UserId = OrNull(User),
            ExperimentId = Guid.TryParse(Experiment, out var experiment) ? experiment : null,
            AbTestGroup = OrNull(Group),
            GuardrailId = Guid.TryParse(Guardrail, out var guardrail) ? guardrail : null,
            From = from,
            To = to,
            After = After,
        };
    }

    private static string? OrNull(string text) => text.Trim().Length == 0 ? null : text.Trim();
}
