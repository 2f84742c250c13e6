using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using PromptStudio.Audit;
using PromptStudio.Backup;
using PromptStudio.Database;
using PromptStudio.Guardrails;
using PromptStudio.Tests.Access;
using PromptStudio.Tests.Database;
using PromptStudio.Tests.Guardrails;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Backup;

/// <summary>A studio's database in a file, and out of it again.</summary>
[Trait(Tier.Name, Tier.Api)]
public sealed class BackupTests(PostgresServer server)
{
    private const string Variables = """{"query": "Grüße & <b>", "grade_level": 7}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Restore_OfABackupThatWasTakenUnderLoad_IsAStudioThatAnswersTheSame()
    {
        await using var app = new SetUpStudio(server);
        await app.InitializeAsync();
        var guardrail = (await app.GuardAsync("nobody", "model_check", """{"url": "https://models.example.org/check", "shape": "openai_moderation"}""", """{"secret": "open sesame"}""")).GetProperty("id").GetGuid();
        var request = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        var first = await app.RenderAsync("nlu_topic_extraction", Variables, $"\"request_id\": \"{request}\", \"user_id\": \"u1\"");
        var dry = await app.RenderAsync("nlu_topic_extraction", Variables, "\"dry_run\": true");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var acknowledged = new ConcurrentQueue<Guid>();
        var load = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => CallAsync(app, acknowledged, stop.Token)));
        await Eventually.TrueAsync(() => Task.FromResult(acknowledged.Count > 40), "executions");

        Guid[] before = [.. acknowledged];
        using var file = new MemoryStream();
        var manifest = await DatabaseBackup.WriteAsync(app.ConnectionString, file, TimeProvider.System, Cancellation);
        var after = acknowledged.Count;
        await Eventually.TrueAsync(() => Task.FromResult(acknowledged.Count > after + 20), "executions after the backup");
        await stop.CancelAsync();
        await load;
        var empty = await server.CreateDatabaseAsync(withSchema: false);
        file.Position = 0;
        await DatabaseRestore.RunAsync(empty, file, "the backup", TimeProvider.System, Cancellation);

        Assert.Equal(await SchemaText.ReadAsync(app.ConnectionString), await SchemaText.ReadAsync(empty));
        await using var source = NpgsqlDataSource.Create(empty);
        Assert.Equal(manifest.Tables.Single(table => table.Name == "prompt_executions").Rows, await CountAsync(source, "SELECT count(*) FROM prompt_executions"));
        Assert.Equal(before.Length, await CountAsync(source, "SELECT count(*) FROM prompt_executions WHERE id = ANY($1)", before));
        // One moment: whatever belongs together is there together.
        Assert.Equal(0, await CountAsync(source, "SELECT count(*) FROM execution_requests claim WHERE NOT EXISTS (SELECT FROM prompt_executions e WHERE e.id = claim.execution_id)"));
        Assert.Equal(
            await CountAsync(source, "SELECT count(*) FROM prompt_executions WHERE request_id IS NOT NULL"), await CountAsync(source, "SELECT count(*) FROM execution_requests"));

        await using var restored = new RestoredStudio(server, empty);
        await restored.InitializeAsync();
        Assert.Equal(first.Text, (await restored.RenderAsync("nlu_topic_extraction", Variables, $"\"request_id\": \"{request}\", \"user_id\": \"u1\"")).Text);
        Assert.Equal(dry.Text, (await restored.RenderAsync("nlu_topic_extraction", Variables, "\"dry_run\": true")).Text);
        Assert.Equal(HttpStatusCode.OK, (await restored.RenderAsync("nlu_topic_extraction", Variables)).Status);
        using var person = restored.NewClient();
        Assert.Equal(HttpStatusCode.Redirect, (await SignInTests.SignInAsync(person, SetUpStudio.Email, SetUpStudio.Password)).StatusCode);
        await using var context = await restored.OpenAsync();
        Assert.Equal("open sesame", restored.Services.GetRequiredService<GuardrailSecrets>().Read(await context.PromptGuardrails.SingleAsync(row => row.Id == guardrail, Cancellation)));
        var audit = (await restored.Services.GetRequiredService<AuditStore>().VerifyAsync(TestActors.Admin, null, Cancellation)).Value!;
        Assert.Null(audit.Break);
        Assert.Equal(1, await context.AuditEntries.CountAsync(entry => entry.Action == AuditAction.DatabaseRestored && entry.Sequence <= audit.Check.Entries, Cancellation));
        var tampering = await Assert.ThrowsAsync<PostgresException>(() => CountAsync(source, "DELETE FROM audit_entries"));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, tampering.SqlState);
        Assert.Empty(restored.Errors);
    }

    [Fact]
    public async Task Restore_IntoADatabaseThatIsNotEmpty_IsRefusedAndChangesNothing()
    {
        using var file = await BackupAsync();
        var used = await server.CreateDatabaseAsync();
        await using var source = NpgsqlDataSource.Create(used);
        await CountAsync(source, "UPDATE prompts SET created_by = 'kept' WHERE name = 'nlu_topic_extraction' RETURNING 1::bigint");

        var refusal = await Assert.ThrowsAsync<StartupException>(() => DatabaseRestore.RunAsync(used, file, "b.zip", TimeProvider.System, Cancellation));

        Assert.Contains("not empty", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(1, await CountAsync(source, "SELECT count(*) FROM prompts WHERE created_by = 'kept'"));
    }

    [Theory]
    [InlineData("format", "later version")]
    [InlineData("migration", "later version")]
    [InlineData("checksum", "damaged")]
    [InlineData("rows", "damaged")]
    [InlineData("missing rows", "damaged")]
    [InlineData("cut off", "damaged")]
    [InlineData("no zip", "damaged")]
    [InlineData("other columns", "damaged")]
    public async Task Restore_OfABackupThatIsNotAsItShould_IsRefusedAndLeavesTheDatabaseEmpty(string fault, string reason)
    {
        using var file = await BackupAsync();
        using var faulty = await SpoilAsync(file, fault);
        var empty = await server.CreateDatabaseAsync(withSchema: false);

        var refusal = await Assert.ThrowsAsync<StartupException>(() => DatabaseRestore.RunAsync(empty, faulty, "b.zip", TimeProvider.System, Cancellation));

        Assert.Contains("b.zip", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
        await using var source = NpgsqlDataSource.Create(empty);
        Assert.Equal(0, await CountAsync(source, "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"));
    }

    [Fact]
    public async Task Backup_OfADatabaseWithoutAStudio_IsRefused()
    {
        using var file = new MemoryStream();
        var empty = await server.CreateDatabaseAsync(withSchema: false);

        await Assert.ThrowsAsync<StartupException>(() => DatabaseBackup.WriteAsync(empty, file, TimeProvider.System, Cancellation));
    }

    private async Task<MemoryStream> BackupAsync()
    {
        var file = new MemoryStream();
        await DatabaseBackup.WriteAsync(await server.CreateDatabaseAsync(), file, TimeProvider.System, Cancellation);
        file.Position = 0;
        return file;
    }

    /// <summary>Makes another backup of a good one.</summary>
    private static async Task<MemoryStream> SpoilAsync(MemoryStream good, string fault)
    {
        var bytes = good.ToArray();
        if (fault == "cut off")
            return new MemoryStream(bytes[..(bytes.Length / 2)]);
        if (fault == "no zip")
            return new MemoryStream("no backup at all"u8.ToArray());
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        using (var archive = new ZipArchive(new MemoryStream(bytes)))
        {
            foreach (var entry in archive.Entries)
            {
                await using var stream = await entry.OpenAsync(Cancellation);
                using var content = new MemoryStream();
                await stream.CopyToAsync(content, Cancellation);
                files[entry.FullName] = content.ToArray();
            }
        }
        var manifest = files["manifest.json"];
        var text = System.Text.Encoding.UTF8.GetString(manifest);
        switch (fault)
        {
            case "checksum":
                text = text.Replace("\"studio_version\": \"", "\"studio_version\": \"x", StringComparison.Ordinal);
                break;
            case "format":
                text = text.Replace("\"format\": 1", "\"format\": 2", StringComparison.Ordinal);
                break;
            case "migration":
                text = text.Replace("\"migration\": \"", "\"migration\": \"2999", StringComparison.Ordinal);
                break;
            case "other columns":
                text = text.Replace("\"template_text\"", "\"template_texts\"", StringComparison.Ordinal);
                break;
            case "rows":
                files["tables/prompts.copy"][^5] ^= 1;
                break;
            default:
                files.Remove("tables/prompts.copy");
                break;
        }
        files["manifest.json"] = System.Text.Encoding.UTF8.GetBytes(text);
        Assert.True(fault.EndsWith("rows", StringComparison.Ordinal) || !manifest.AsSpan().SequenceEqual(files["manifest.json"]));
        if (fault != "checksum")
            files["manifest.json.sha256"] = System.Text.Encoding.ASCII.GetBytes(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(files["manifest.json"])) + "  manifest.json\n");
        var spoilt = new MemoryStream();
        using (var archive = new ZipArchive(spoilt, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in files)
            {
                await using var stream = await archive.CreateEntry(name).OpenAsync(Cancellation);
                await stream.WriteAsync(content, Cancellation);
            }
        }
        spoilt.Position = 0;
        return spoilt;
    }

    /// <summary>Asks until it is told to stop; every other render claims a request id.</summary>
    private static async Task CallAsync(StudioApp app, ConcurrentQueue<Guid> acknowledged, CancellationToken stop)
    {
        for (var turn = 0; !stop.IsCancellationRequested; turn++)
        {
            var answer = await app.RenderAsync(
                "nlu_topic_extraction", Variables, turn % 2 == 0 ? $"\"request_id\": \"{Guid.CreateVersion7(TimeProvider.System.GetUtcNow())}\"" : "\"user_id\": \"u2\"");
            Assert.Equal(HttpStatusCode.OK, answer.Status);
            acknowledged.Enqueue(answer.Json.GetProperty("execution_id").GetGuid());
        }
    }

    private static async Task<long> CountAsync(NpgsqlDataSource source, string sql, Guid[]? ids = null)
    {
#pragma warning disable CA2100 // The test's own statements.
        await using var command = source.CreateCommand(sql);
#pragma warning restore CA2100
        if (ids is not null)
            command.Parameters.Add(new() { Value = ids });
        return (long?)await command.ExecuteScalarAsync(Cancellation) ?? 0;
    }

    /// <summary>The app on a database that is there already.</summary>
    private sealed class RestoredStudio(PostgresServer server, string database) : StudioApp(server)
    {
        protected override IEnumerable<string> Settings => [$"--ConnectionStrings:Studio={database}"];
    }
}
