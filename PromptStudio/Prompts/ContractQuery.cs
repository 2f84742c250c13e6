using Microsoft.EntityFrameworkCore;
using PromptStudio.Core.Prompts;
using PromptStudio.Database;

namespace PromptStudio.Prompts;

/// <summary>What the contract check asks the executions.</summary>
internal static class ContractQuery
{
    /// <summary>Holds what a version requires against what callers sent lately, to whichever version. A stored value that is its version's default was not sent.</summary>
    /// <param name="context">May have a transaction.</param>
    /// <param name="name">The prompt.</param>
    /// <param name="variables">The <c>template_variables</c> of the version.</param>
    /// <param name="now">The window ends here.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<ContractCheck> RunAsync(StudioDbContext context, string name, string? variables, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var needs = ContractCheck.Needs(TemplateVariables.Parse(variables)).ToArray();
        if (needs.Length == 0)
            return ContractCheck.Empty;
        var since = now - ContractCheck.Window;
        var counts = await context.Database.SqlQuery<Count>(
            $"""
            WITH recent AS MATERIALIZED (
                SELECT execution.variables, version.template_variables AS declared
                FROM prompt_templates version
                CROSS JOIN LATERAL (
                    SELECT variables, created_at FROM prompt_executions
                    WHERE prompt_template_id = version.id AND created_at >= {since}
                    ORDER BY created_at DESC LIMIT {ContractCheck.MostExecutions}) execution
                WHERE version.name = {name}
                ORDER BY execution.created_at DESC LIMIT {ContractCheck.MostExecutions})
            SELECT need.name AS variable, count(recent.variables)::int AS checked,
                   count(recent.variables) FILTER (WHERE
                       coalesce(jsonb_typeof(recent.variables -> need.name), 'null') = 'null'
                       OR recent.variables -> need.name = coalesce(
                           recent.declared #> ARRAY['required', need.name, 'default'], recent.declared #> ARRAY['optional', need.name, 'default']))::int AS missing
            FROM unnest({needs}) WITH ORDINALITY AS need(name, place)
            LEFT JOIN recent ON true
            GROUP BY need.name, need.place
            ORDER BY need.place
            """).ToListAsync(cancellationToken);
        return new ContractCheck(counts[0].Checked, [.. counts.Where(count => count.Missing > 0).Select(count => new MissingVariable(count.Variable, count.Missing))]);
    }

    private sealed record Count
    {
        public required string Variable { get; init; }
        public int Checked { get; init; }
        public int Missing { get; init; }
    }
}
