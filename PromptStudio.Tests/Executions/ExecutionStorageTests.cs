using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using PromptStudio.Audit;
using PromptStudio.Core.Executions;
using PromptStudio.Database;
using PromptStudio.Executions;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Executions;

/// <summary>Months that are made and dropped, on an app that lives in a year of its own.</summary>
[Trait(Tier.Name, Tier.Api)]
public sealed class ExecutionStorageTests(ExecutionStorageTests.InAnotherYear app) : IClassFixture<ExecutionStorageTests.InAnotherYear>
{
    private static readonly DateTimeOffset Today = new(2038, 8, 17, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private NpgsqlDataSource Database => app.Services.GetRequiredService<StudioDatabase>().DataSource;

    [Fact]
    public async Task Job_MakesTheMonthsThatCome_DropsThoseThatAreOver_AndTheAuditLogSaysSo()
    {
        foreach (var month in new[] { -4, -3, -2, -1 })
        {
            var day = Today.AddMonths(month);
            await ExecutionPartitions.EnsureAsync(Database, day, Cancellation);
            await AddAsync(day);
        }
        // One that an earlier run detached, and did not come to drop.
        await RunAsync("ALTER TABLE prompt_executions DETACH PARTITION prompt_executions_2038_04");

        await app.Services.GetRequiredService<ExecutionMonthsJob>().RunAsync(Cancellation);

        Assert.Equal(
            ["2038_06", "2038_07", "2038_08", "2038_09", "2038_10"],
            (await MonthsAsync("prompt_executions")).Where(month => month.StartsWith("2038", StringComparison.Ordinal)));
        Assert.DoesNotContain("2038_05", await MonthsAsync("guardrail_violations"));
        await using var context = await app.OpenAsync();
        Assert.Equal([6, 7], await context.PromptExecutions.OrderBy(execution => execution.Id).Select(execution => execution.CreatedAt.Month).ToListAsync(Cancellation));
        Assert.Equal([6, 7], await context.ExecutionRequests.OrderBy(claim => claim.CreatedAt).Select(claim => claim.CreatedAt.Month).ToListAsync(Cancellation));
        var dropped = await context.Database.SqlQuery<string>($"SELECT subject_id AS \"Value\" FROM audit_entries WHERE action = {AuditAction.MonthDropped}").ToListAsync(Cancellation);
        Assert.Contains("prompt_executions_2038_04", dropped);
        Assert.Contains("guardrail_violations_2038_05", dropped);
        // Nothing is left to do.
        Assert.Empty(await app.Services.GetRequiredService<ExecutionRetention>().RunAsync(Cancellation));
    }

    [Fact]
    public async Task Months_HaveLz4WhereTheServerHasIt()
    {
        await ExecutionPartitions.EnsureAsync(Database, Today, Cancellation);

        var hasLz4 = await ScalarAsync("SELECT 'lz4' = ANY (enumvals) FROM pg_settings WHERE name = 'default_toast_compression'");
        var packed = await ScalarAsync(
            """
            SELECT count(*) FROM pg_attribute
            WHERE attrelid = 'prompt_executions_2038_08'::regclass AND attname IN ('variables', 'rendered_prompt', 'response_text', 'guardrail_violations') AND attcompression = 'l'
            """);

        Assert.Equal(hasLz4 is true ? 4L : 0L, packed);
    }

    [Fact]
    public async Task Lists_ReadTheMonthsOfTheirTime_ByAnIndex()
    {
        await ExecutionPartitions.EnsureAsync(Database, Today.AddMonths(-1), Cancellation);
        await using var context = await app.OpenAsync();
        var from = Today.AddDays(-7);
        var template = Guid.Empty;

        // What ExecutionList asks for: the newest of a week, and the same of one version.
        var newest = await PlanAsync(context.PromptExecutions.Where(execution => execution.CreatedAt >= from).OrderByDescending(execution => execution.Id).Take(51));
        var ofVersion = await PlanAsync(context.PromptExecutions.Where(execution => execution.CreatedAt >= from && execution.PromptTemplateId == template));
        var single = await PlanAsync(context.PromptExecutions.Where(execution => execution.Id == ExecutionId.New(Today) && execution.CreatedAt == Today));

        var ofExperiment = await PlanAsync(context.PromptExecutions.Where(execution => execution.CreatedAt >= from && execution.ExperimentId == template).OrderByDescending(execution => execution.Id).Take(51));
        var blocked = await PlanAsync(context.PromptExecutions.Where(execution => execution.CreatedAt >= from && execution.Status == "blocked").OrderByDescending(execution => execution.Id).Take(51));

        // A week that lies in August reads August, and the months that were made ahead.
        Assert.Equal(["2038_08", "2038_09", "2038_10"], Partitions(newest));
        Assert.Contains("_pkey", newest, StringComparison.Ordinal);
        Assert.Equal(["2038_08", "2038_09", "2038_10"], Partitions(ofVersion));
        Assert.Contains("prompt_template_id_created_at_idx", ofVersion, StringComparison.Ordinal);
        Assert.Equal(["2038_08"], Partitions(single));
        Assert.Contains("experiment_id_id_idx", ofExperiment, StringComparison.Ordinal);
        Assert.Contains("status_id_idx", blocked, StringComparison.Ordinal);
        Assert.DoesNotContain("Seq Scan", newest + ofVersion + single + ofExperiment + blocked, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Partitions(string plan) =>
        System.Text.RegularExpressions.Regex.Matches(plan, "\"Relation Name\": \"prompt_executions_([0-9_]+)\"").Select(match => match.Groups[1].Value).Distinct().Order(StringComparer.Ordinal);

    /// <summary>A plan that does not depend on how little is in the tables: what can be found by an index is.</summary>
    private async Task<string> PlanAsync(IQueryable<PromptExecution> query)
    {
        await using var command = (NpgsqlCommand)query.CreateDbCommand();
        await using var connection = await Database.OpenConnectionAsync(Cancellation);
        await using (var settings = new NpgsqlCommand("SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off", connection))
            await settings.ExecuteNonQueryAsync(Cancellation);
#pragma warning disable CA2100 // EF Core's own words.
        await using var explain = new NpgsqlCommand("EXPLAIN (FORMAT JSON) " + command.CommandText, connection);
#pragma warning restore CA2100
        foreach (NpgsqlParameter parameter in command.Parameters)
            explain.Parameters.Add(parameter.Clone());
        return (string)(await explain.ExecuteScalarAsync(Cancellation))!;
    }

    private async Task AddAsync(DateTimeOffset at)
    {
        var id = ExecutionId.New(at);
        await using var context = await app.OpenAsync();
        context.PromptExecutions.Add(new PromptExecution
        {
            Id = id,
            CreatedAt = ExecutionId.Instant(id)!.Value,
            PromptTemplateId = Guid.Empty,
            Variables = "{}",
            RenderedPrompt = "x",
            Status = ExecutionStatus.Success,
        });
        context.ExecutionRequests.Add(new ExecutionRequest { RequestId = id, ExecutionId = id, RequestHash = new byte[32], CreatedAt = ExecutionId.Instant(id)!.Value });
        await context.SaveChangesAsync(Cancellation);
    }

    private async Task<List<string>> MonthsAsync(string table)
    {
        await using var query = Database.CreateCommand("SELECT right(relname, 7) FROM pg_class WHERE relkind = 'r' AND relname ~ ('^' || $1 || '_[0-9]{4}_[0-9]{2}$') ORDER BY 1");
        query.Parameters.Add(new() { Value = table });
        await using var reader = await query.ExecuteReaderAsync(Cancellation);
        List<string> months = [];
        while (await reader.ReadAsync(Cancellation))
            months.Add(reader.GetString(0));
        return months;
    }

    private async Task RunAsync(string sql) => await ScalarAsync(sql);

    private async Task<object?> ScalarAsync(string sql)
    {
#pragma warning disable CA2100 // The tests' own.
        await using var command = Database.CreateCommand(sql);
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync(Cancellation);
    }

    /// <summary>An app that keeps two months, in August 2038: its months are nobody else's.</summary>
    public sealed class InAnotherYear(PostgresServer server) : StudioApp(server)
    {
        protected override IEnumerable<string> Settings => [.. base.Settings, "--Executions:RetentionMonths=2"];

        protected override void ConfigureServices(IServiceCollection services)
        {
            services.AddSingleton<TimeProvider>(new FakeTimeProvider(Today));
            services.AddTransient<ExecutionMonthsJob>();
        }
    }
}
