using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;
using PromptStudio.Backup;
using PromptStudio.Database;
using PromptStudio.Executions;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Database;

/// <summary>Every schema that ever was, with rows in it, becomes the newest one; and so does a backup of it.</summary>
[Trait(Tier.Name, Tier.Database)]
public sealed partial class UpgradeTests(PostgresServer server)
{
    /// <summary>What the first schema knew already, and every later one still does.</summary>
    private const string Rows = """
        INSERT INTO prompt_templates (id, name, template_text, version, template_variables) VALUES ('01a2008d-7400-7000-8000-0000000000aa', 'nlu_topic_extraction', 'Second: {{ query }}', 2, '{"required": ["query"]}');
        INSERT INTO prompt_guardrails (id, name, rule_type, rule_config, enforcement_level) VALUES ('01a2008d-7400-7000-8000-0000000000bb', 'old rule', 'keyword', '{"words": ["never"]}', 'blocking');
        CREATE TEMPORARY TABLE old_test AS SELECT '01a2008d-7400-7000-8000-0000000000cc'::uuid AS id, 'old test' AS name, name AS prompt_name, id AS control_template_id,
            ARRAY['01a2008d-7400-7000-8000-0000000000aa'::uuid] AS variant_template_ids, '{"control": 50, "variant_a": 50}'::jsonb AS traffic_allocation, 'success_rate' AS primary_metric, 'draft' AS status
        FROM prompt_templates WHERE name = 'nlu_topic_extraction' AND version = 1;
        DO $$ DECLARE known text; BEGIN
            -- The first ones knew an experiment's prompt by its versions.
            SELECT string_agg(a.attname::text, ', ') INTO known FROM pg_attribute a JOIN pg_attribute b USING (attname)
            WHERE a.attrelid = 'old_test'::regclass AND b.attrelid = 'ab_test_experiments'::regclass AND a.attnum > 0;
            EXECUTE format('INSERT INTO ab_test_experiments (%s) SELECT %s FROM old_test', known, known);
        END $$;
        DROP TABLE old_test;
        CREATE TABLE IF NOT EXISTS prompt_executions_2031_05 PARTITION OF prompt_executions FOR VALUES FROM ('2031-05-01T00:00:00Z') TO ('2031-06-01T00:00:00Z');
        INSERT INTO prompt_executions (id, created_at, prompt_template_id, variables, rendered_prompt, status, user_id)
        SELECT gen_random_uuid(), '2031-05-17T12:00:00Z'::timestamptz + n * interval '1 second', '01a2008d-7400-7000-8000-000000000011', '{"query": "ü"}', 'Grüße', 'success', 'u' || n FROM generate_series(1, 20) AS n;
        INSERT INTO users (id, user_name, normalized_user_name, email, normalized_email, email_confirmed, phone_number_confirmed, two_factor_enabled, lockout_enabled, access_failed_count, security_stamp)
        VALUES ('01a2008d-7400-7000-8000-0000000000dd', 'ada@example.com', 'ADA@EXAMPLE.COM', 'ada@example.com', 'ADA@EXAMPLE.COM', true, false, false, true, 0, 'stamp');
        """;

    public static TheoryData<string> Migrations
    {
        get
        {
            using var context = new StudioDbContextDesign().CreateDbContext([]);
            return [.. context.Database.GetMigrations()];
        }
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Migrations))]
    public async Task EarlierSchema_WithRows_BecomesTheNewestOneInPlaceAndFromItsBackup(string migration)
    {
        var database = await EarlierAsync(migration);
        using var file = new MemoryStream();
        var manifest = await DatabaseBackup.WriteAsync(database, file, TimeProvider.System, Cancellation);
        file.Position = 0;
        var restored = await server.CreateDatabaseAsync(withSchema: false);

        await DatabaseRestore.RunAsync(restored, file, "the backup", TimeProvider.System, Cancellation);
        await Schema.UpdateAsync(database, Cancellation);

        Assert.Equal(migration, manifest.Migration);
        await AssertNewestAsync(restored);
        await AssertNewestAsync(database);
    }

    private async Task<string> EarlierAsync(string migration)
    {
        var database = await server.CreateDatabaseAsync(withSchema: false);
        await using var context = StudioDbContextOptions.Open(database);
        await context.GetService<IMigrator>().MigrateAsync(migration, Cancellation);
        await context.Database.ExecuteSqlRawAsync(Rows.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal), Cancellation);
        return database;
    }

    private async Task AssertNewestAsync(string database)
    {
        await using var context = StudioDbContextOptions.Open(database);
        Assert.False(context.Database.HasPendingModelChanges());
        Assert.Empty(await context.Database.GetPendingMigrationsAsync(Cancellation));
        Assert.Equal(await WithoutMonthsAsync(await server.CreateDatabaseAsync()), await WithoutMonthsAsync(database));
        // The model reads each of them.
        Assert.Equal(3, await context.PromptTemplates.CountAsync(Cancellation));
        Assert.Equal("Second: {{ query }}", (await context.PromptTemplates.SingleAsync(version => version.Version == 2, Cancellation)).TemplateText);
        Assert.Equal("old rule", (await context.PromptGuardrails.SingleAsync(Cancellation)).Name);
        Assert.Equal("old test", (await context.AbTestExperiments.SingleAsync(Cancellation)).Name);
        Assert.Equal("ada@example.com", (await context.Users.SingleAsync(Cancellation)).Email);
        var executions = await context.PromptExecutions.ToListAsync(Cancellation);
        Assert.Equal(20, executions.Count(execution => execution is { RenderedPrompt: "Grüße", Status: "success", StoredAs: "full" }));
        // And it can go on from there.
        await using var source = NpgsqlDataSource.Create(database);
        await ExecutionPartitions.EnsureAsync(source, new DateTimeOffset(2031, 5, 1, 0, 0, 0, TimeSpan.Zero), Cancellation);
    }

    /// <summary>Which months there are depends on the day.</summary>
    private static async Task<IReadOnlyList<string>> WithoutMonthsAsync(string database) => [.. (await SchemaText.ReadAsync(database)).Where(line => !Month().IsMatch(line))];

    [GeneratedRegex(@"(prompt_executions|guardrail_violations)_\d{4}_\d{2}")]
    private static partial Regex Month();
}
