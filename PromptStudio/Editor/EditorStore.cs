using Microsoft.EntityFrameworkCore;
using PromptStudio.Core.Access;
using PromptStudio.Core.Prompts;
using PromptStudio.Database;
using PromptStudio.Guardrails;
using PromptStudio.Prompts;
using PromptStudio.Web;

namespace PromptStudio.Editor;

/// <summary>A guardrail that looks at a prompt.</summary>
public sealed record EditorRule(string Name, string RuleType, string Level, string Scope);

/// <summary>What the editor asks beyond what the API does.</summary>
public sealed class EditorStore(IDbContextFactory<StudioDbContext> contexts, PromptStore prompts, GuardrailCatalogue guardrails, TimeProvider clock)
{
    /// <summary>Versions on the timeline; older ones are found by comparing.</summary>
    private const int MostVersions = 200;

    /// <summary>The timeline of a version's prompt, the newest first.</summary>
    public async Task<IReadOnlyList<VersionSummary>> VersionsAsync(Actor actor, Guid id, CancellationToken cancellationToken) =>
        (await prompts.VersionsAsync(actor, id, new PageRequest(1, MostVersions, "version", Descending: true), cancellationToken)).Value?.Items ?? [];

    /// <summary>The guardrails that look at a prompt, by name.</summary>
    public IReadOnlyList<EditorRule> Rules(string name, string? category)
    {
        if (guardrails.ForTrial(name, category) is not { } rules)
            return [];
        var sets = new[] { rules.Prompt, rules.Response }.OfType<Core.Guardrails.RuleSet>().Concat(rules.Variables.Select(variable => variable.Rules));
        return [.. sets.SelectMany(set => set.Guardrails).Select(one => one.Guardrail).DistinctBy(one => one.Id)
            .Select(one => new EditorRule(one.Name, one.RuleType, GuardrailWords.Of(one.Level), GuardrailWords.Of(one.Scope))).OrderBy(rule => rule.Name, StringComparer.Ordinal)];
    }

    /// <summary>Holds a contract against what callers sent lately, without activating anything.</summary>
    public async Task<ContractCheck> CheckAsync(string name, string? contract, CancellationToken cancellationToken)
    {
        if (TemplateVariables.TryParse(contract) is null)
            return ContractCheck.Empty;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await ContractQuery.RunAsync(context, name, contract, clock.GetUtcNow(), cancellationToken);
    }

    /// <summary>The categories that prompts have, in order.</summary>
    public async Task<IReadOnlyList<string>> CategoriesAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.PromptTemplates.Where(template => template.Category != null).Select(template => template.Category!)
            .Distinct().OrderBy(category => category).ToListAsync(cancellationToken);
    }
}
