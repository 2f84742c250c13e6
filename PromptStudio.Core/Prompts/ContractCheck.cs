using System.Globalization;

namespace PromptStudio.Core.Prompts;

/// <summary>A variable that a version requires, and how many recent executions came without it.</summary>
public sealed record MissingVariable(string Variable, int Executions);

/// <summary>What a version's required variables meet in what callers send: the check before an activation.</summary>
/// <param name="Checked">How many recent executions were looked at.</param>
/// <param name="Missing">The required variables that some of them lacked.</param>
public sealed record ContractCheck(int Checked, IReadOnlyList<MissingVariable> Missing)
{
    /// <summary>The executions that are looked at: the newest ones.</summary>
    public const int MostExecutions = 1_000;

    /// <summary>How far back the check looks.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromDays(7);

    /// <summary>Nothing to look for, or nothing to look at.</summary>
    public static ContractCheck Empty { get; } = new(0, []);

    /// <summary>Whether callers would be refused.</summary>
    public bool Fails => Missing.Count > 0;

    /// <summary>The names that a caller must send: required, and without a default.</summary>
    public static IReadOnlyList<string> Needs(TemplateVariables contract) =>
        [.. contract.All.Where(variable => variable is { Required: true, Default: null }).Select(variable => variable.Name)];

    /// <summary>The finding in words for people.</summary>
    public string Describe(int version) => string.Create(CultureInfo.InvariantCulture,
        $"Version {version} requires variables that callers did not send in the last 7 days: {string.Join(", ", Missing.Select(one => $"'{one.Variable}' in {one.Executions:N0} of {Checked:N0} executions"))}. Give them a default, change the callers first, or send force.");
}
