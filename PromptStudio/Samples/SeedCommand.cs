using System.Diagnostics;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using PromptStudio.Access;
using PromptStudio.Database;

namespace PromptStudio.Samples;

/// <summary><c>seed</c>: fills an empty studio with data as a team has it after some months, to look at and to measure.</summary>
public static class SeedCommand
{
    /// <summary>What can be asked for.</summary>
    public const int MostPrompts = 10_000;

    /// <inheritdoc cref="MostPrompts"/>
    public const int MostExecutions = 1_000_000;

    /// <summary>Versions of the prompts that were thought up, however many more there are.</summary>
    private const int VersionsThoughtUp = 200;

    /// <summary>Always the same data: a screenshot can be had again.</summary>
    private const int Seed = 20_261_201;

    private const string Usage = """
        usage: seed [--prompts=40] [--versions=200] [--executions=200000] [--SETTING=VALUE …]
        Fills an empty studio (embedded, or ConnectionStrings:Studio) with people, keys, prompts, guardrails, experiments and executions.
        The studio must not run. Sign in afterwards as ada@example.com with the password 'correct horse battery'.
        At most 10,000 prompts and 1,000,000 executions.
        """;

    /// <returns>The exit code: 0 done, 1 refused, 2 wrong usage.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        var (prompts, versions, executions) = (Number(args, "prompts", 40), Number(args, "versions", 200), Number(args, "executions", 200_000));
        if (args.Any(arg => !arg.StartsWith("--", StringComparison.Ordinal)) || prompts is null or < 1 or > MostPrompts || versions is null or < 1 or > 10 * MostPrompts || executions is null or < 0 or > MostExecutions)
        {
            await Console.Error.WriteLineAsync(Usage);
            return 2;
        }
        var clock = new SampleClock(TimeProvider.System.GetUtcNow());
        var settings = args.Where(arg => !arg.StartsWith("--prompts=", StringComparison.Ordinal) && !arg.StartsWith("--versions=", StringComparison.Ordinal) && !arg.StartsWith("--executions=", StringComparison.Ordinal));
        await using var app = Studio.Build([.. settings, "--Logging:LogLevel:Default=Warning", "--Jobs:Enabled=false"], builder => builder.Services.AddSingleton<TimeProvider>(clock));
        var database = app.Services.GetRequiredService<StudioDatabase>();
        await database.StartAsync(CancellationToken.None);
        await using (database)
            return await FillAsync(app.Services, clock, prompts.Value, versions.Value, executions.Value);
    }

    /// <summary>Fills the studio of these services.</summary>
    public static async Task<int> FillAsync(IServiceProvider services, SampleClock clock, int prompts, int versions, int executions)
    {
        await using (var context = await services.GetRequiredService<IDbContextFactory<StudioDbContext>>().CreateDbContextAsync())
        {
            if (await context.PromptExecutions.AnyAsync() || await context.Users.AnyAsync() || await context.PromptGuardrails.AnyAsync())
            {
                await Console.Error.WriteLineAsync("seed: this studio is in use. Only an empty one is filled: name another Database:Embedded:DataDirectory or ConnectionStrings:Studio.");
                return 1;
            }
        }
        var started = Stopwatch.StartNew();
        var now = clock.Now;
        var database = services.GetRequiredService<StudioDatabase>().DataSource;
        var random = new Random(Seed);
        await services.GetRequiredService<Bootstrap>().RunAsync(CancellationToken.None);
        var studio = new SampleStudio(services, clock, random);
        // Beyond the prompts that were thought up, each has its share of the versions.
        var (more, each) = (Math.Max(0, prompts - SamplePrompts.All.Count - 2), Math.Max(1, versions / prompts));
        await studio.FillAsync(prompts, Math.Max(versions - (more * each), Math.Min(versions, VersionsThoughtUp)));
        await MoreAsync(database, more, each, now);
        await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"seed: prompts, guardrails, people and keys after {started.Elapsed.TotalSeconds:0.0} s"));
        await new SampleTraffic(database, studio, now, random).FillAsync(executions, CancellationToken.None);
        await studio.Experiments.ReplayAsync(database, studio.First);
        await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"seed: {executions:N0} executions after {started.Elapsed.TotalSeconds:0.0} s. Sign in as {SampleStudio.Admin}, password '{SampleStudio.Password}'."));
        return 0;
    }

    /// <summary>Prompts beyond those that were thought up, for measuring lists: each with some versions, the newest active.</summary>
    private static async Task MoreAsync(NpgsqlDataSource database, int count, int versionsEach, DateTimeOffset now)
    {
        if (count <= 0)
            return;
        await using var command = database.CreateCommand(
            """
            INSERT INTO prompts (name, created_by, created_at) SELECT 'generated_' || lpad(n::text, 5, '0'), 'ada@example.com', $2 - n * interval '10 minutes' FROM generate_series(1, $1) n;
            """);
        command.Parameters.Add(new() { Value = count });
        command.Parameters.Add(new() { Value = now });
        await command.ExecuteNonQueryAsync();
        await using var versions = database.CreateCommand(
            """
            INSERT INTO prompt_templates (id, name, description, category, template_text, version, is_active, frozen_at, activated_at, created_by, created_at, updated_by, updated_at)
            SELECT gen_random_uuid(), name, 'Generated, to measure lists.', 'generated_' || right(name, 5)::int % 20, 'Answer {{ query }} in one sentence.', version, version = $1,
                   created_at, created_at, created_by, created_at, created_by, created_at + version * interval '1 minute'
            FROM prompts, generate_series(1, $1) version WHERE name LIKE 'generated\_%'
            """);
        versions.Parameters.Add(new() { Value = versionsEach });
        await versions.ExecuteNonQueryAsync();
    }

    private static int? Number(string[] args, string name, int otherwise) =>
        Array.Find(args, arg => arg.StartsWith($"--{name}=", StringComparison.Ordinal)) is not { } given ? otherwise
        : int.TryParse(given.AsSpan(name.Length + 3), NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var number) ? number
        : null;
}
