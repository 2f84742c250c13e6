using Microsoft.EntityFrameworkCore;
using Npgsql;
using PromptStudio.Database;
using PromptStudio.Executions;
using PromptStudio.Prompts;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Database;

[Trait(Tier.Name, Tier.Database)]
public sealed class SchemaTests(PostgresServer server)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Update_ByFourNodesAtOnce_MakesTheSchemaOnce()
    {
        var empty = await server.CreateDatabaseAsync(withSchema: false);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Schema.UpdateAsync(empty, Cancellation)));

        await using var context = StudioDbContextOptions.Open(empty);
        Assert.Equal(context.Database.GetMigrations(), await context.Database.GetAppliedMigrationsAsync(Cancellation));
        Assert.False(context.Database.HasPendingModelChanges());
    }

    [Fact]
    public async Task Update_OfADatabaseThatIsNotThere_MakesIt()
    {
        var missing = new NpgsqlConnectionStringBuilder(await server.CreateDatabaseAsync(withSchema: false)) { Database = "not_there_yet" }.ConnectionString;

        await Schema.UpdateAsync(missing, Cancellation);

        await using var context = StudioDbContextOptions.Open(missing);
        Assert.Equal(2, await context.PromptTemplates.CountAsync(Cancellation));
    }

    [Fact]
    public async Task Update_OfALaterVersionsDatabase_IsRefused()
    {
        var later = await server.CreateDatabaseAsync();
        await ExecuteAsync(later, """INSERT INTO "__EFMigrationsHistory" VALUES ('29990101000000_FromTheFuture', '10.0.0')""");

        var refusal = await Assert.ThrowsAsync<StartupException>(() => Schema.UpdateAsync(later, Cancellation));

        Assert.Contains("FromTheFuture", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NewDatabase_HasThePlansTwoPrompts()
    {
        await using var context = StudioDbContextOptions.Open(await server.CreateDatabaseAsync());

        var prompts = await context.PromptTemplates.OrderBy(template => template.Name).ToListAsync(Cancellation);

        Assert.Equal(["clarification_questions", "nlu_topic_extraction"], prompts.Select(prompt => prompt.Name));
        Assert.All(prompts, prompt => Assert.True(prompt is { IsActive: true, Version: 1, TemplateFormat: "jinja2", CreatedBy: "system_migration", ActivatedAt: not null }));
        Assert.Equal("Generate 3 clarifying questions for this vague query:\n\nQuery: {{ query }}\nContext: {{ context }}", prompts[0].TemplateText);
    }

    [Fact]
    public async Task Versions_OfOneName_AreDistinctAndOneIsActive()
    {
        var database = await server.CreateDatabaseAsync();
        await AddAsync(database, version: 2, active: false);

        Assert.Equal(PostgresErrorCodes.UniqueViolation, await SqlStateAsync(() => AddAsync(database, version: 2, active: false)));
        Assert.Equal(PostgresErrorCodes.UniqueViolation, await SqlStateAsync(() => AddAsync(database, version: 3, active: true)));
    }

    [Theory]
    [InlineData("INSERT INTO prompt_templates (id, name, template_text, version) VALUES (gen_random_uuid(), 'nlu_topic_extraction', '', 0)")]
    [InlineData("UPDATE prompt_templates SET traffic_percentage = 101")]
    [InlineData("UPDATE prompt_templates SET success_rate = 1.5")]
    [InlineData("INSERT INTO prompt_templates (id, name, template_text, version, template_format) VALUES (gen_random_uuid(), 'nlu_topic_extraction', '', 9, 'mustache')")]
    [InlineData("INSERT INTO prompt_guardrails (id, name, rule_type, rule_config, enforcement_level) VALUES (gen_random_uuid(), 'g', 'regex', '{}', 'never')")]
    [InlineData("INSERT INTO prompt_executions (id, created_at, prompt_template_id, variables, rendered_prompt, status) VALUES (gen_random_uuid(), now(), gen_random_uuid(), '{}', '', 'odd')")]
    [InlineData("INSERT INTO prompt_executions (id, created_at, prompt_template_id, variables, rendered_prompt, status, safety_score) VALUES (gen_random_uuid(), now(), gen_random_uuid(), '{}', '', 'success', 1.1)")]
    [InlineData("INSERT INTO ab_test_experiments (id, name, prompt_name, control_template_id, variant_template_ids, traffic_allocation, primary_metric, status) SELECT gen_random_uuid(), 'e', name, id, '{}', '{}', 'm', 'paused?' FROM prompt_templates LIMIT 1")]
    public async Task Rows_OutsideTheRules_AreRefusedByTheDatabase(string sql)
    {
        var database = await server.CreateDatabaseAsync();

        Assert.Equal(PostgresErrorCodes.CheckViolation, await SqlStateAsync(() => ExecuteAsync(database, sql)));
    }

    [Theory]
    [InlineData("UPDATE prompt_templates SET template_text = 'other'", PostgresErrorCodes.RestrictViolation)]
    [InlineData("UPDATE prompt_templates SET template_variables = '{}'", PostgresErrorCodes.RestrictViolation)]
    [InlineData("UPDATE prompt_templates SET is_active = false, frozen_at = NULL", PostgresErrorCodes.RestrictViolation)]
    [InlineData("DELETE FROM prompt_templates", PostgresErrorCodes.RestrictViolation)]
    [InlineData("UPDATE prompt_templates SET is_active = true, frozen_at = now()", null)]
    [InlineData("UPDATE prompts SET name = name || '_renamed'", null)]
    public async Task FrozenVersions_NeverChange(string sql, string? refusal)
    {
        var database = await server.CreateDatabaseAsync();

        Assert.Equal(refusal, await SqlStateAsync(() => ExecuteAsync(database, sql)));
    }

    [Theory]
    [InlineData("UPDATE audit_entries SET action = 'other'")]
    [InlineData("DELETE FROM audit_entries")]
    [InlineData("TRUNCATE audit_entries")]
    public async Task AuditLog_TakesNothingBack(string sql)
    {
        var database = await server.CreateDatabaseAsync();
        await ExecuteAsync(database, """
            INSERT INTO audit_entries (sequence, at, actor_kind, actor_name, action, subject_kind, previous_hash, hash)
            VALUES (1, now(), 'system', 'test', 'test.done', 'test', '', '')
            """);

        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, await SqlStateAsync(() => ExecuteAsync(database, sql)));
    }

    [Fact]
    public async Task Partitions_AreMadeAheadByNodesAtOnce_AndTakeTheirMonth()
    {
        var database = await server.CreateDatabaseAsync();
        await using var source = NpgsqlDataSource.Create(database);
        var december = new DateTimeOffset(2031, 12, 31, 23, 59, 59, 999, TimeSpan.Zero);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ExecutionPartitions.EnsureAsync(source, december, Cancellation)));

        await ExecuteAsync(database, """
            INSERT INTO prompt_executions (id, created_at, prompt_template_id, variables, rendered_prompt, status)
            SELECT gen_random_uuid(), instant, gen_random_uuid(), '{}', '', 'success' FROM unnest(ARRAY['2031-12-31T23:59:59.999Z', '2032-01-01T00:00:00Z', '2032-02-29T12:00:00Z']::timestamptz[]) AS instant
            """);
        await using var where = source.CreateCommand("SELECT string_agg(tableoid::regclass::text, ' ' ORDER BY created_at) FROM prompt_executions");
        Assert.Equal("prompt_executions_2031_12 prompt_executions_2032_01 prompt_executions_2032_02", await where.ExecuteScalarAsync(Cancellation));
    }

    [Fact]
    public async Task Partitions_AreMadeWhileOthersReadAndWrite()
    {
        await using var source = NpgsqlDataSource.Create(await server.CreateDatabaseAsync());
        await using var reader = await source.OpenConnectionAsync(Cancellation);
        await using var transaction = await reader.BeginTransactionAsync(Cancellation);
        await using (var read = new NpgsqlCommand("SELECT count(*) FROM prompt_executions", reader, transaction))
            await read.ExecuteScalarAsync(Cancellation);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));

        // The reader's transaction is still open: whoever waited for it would wait for ever.
        await ExecutionPartitions.EnsureAsync(source, new DateTimeOffset(2033, 5, 1, 0, 0, 0, TimeSpan.Zero), patience.Token);

        await using var count = source.CreateCommand("SELECT to_regclass('prompt_executions_2033_05') IS NOT NULL");
        Assert.Equal(true, await count.ExecuteScalarAsync(Cancellation));
    }

    private static async Task AddAsync(string database, int version, bool active)
    {
        await using var context = StudioDbContextOptions.Open(database);
        await context.AddVersionAsync(new PromptTemplate
        {
            Id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()),
            Name = "nlu_topic_extraction",
            TemplateText = "",
            Version = version,
            IsActive = active,
        });
    }

    private static async Task ExecuteAsync(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database);
#pragma warning disable CA2100 // The test's own statements.
        await using var command = source.CreateCommand(sql);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    private static async Task<string?> SqlStateAsync(Func<Task> action)
    {
        var exception = await Record.ExceptionAsync(action);
        return (exception as PostgresException ?? exception?.InnerException as PostgresException)?.SqlState;
    }
}
