using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using PromptStudio.Core.Access;
using PromptStudio.Core.Experiments;
using PromptStudio.Database;
using PromptStudio.Experiments;
using PromptStudio.Prompts;

namespace PromptStudio.Samples;

/// <summary>An experiment of the sample studio.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Prompt">Its versions are the last two that served.</param>
/// <param name="Status">How it stands.</param>
/// <param name="From">Days from now: its start.</param>
/// <param name="To">Days from now: its end; null: it has not ended.</param>
/// <param name="Lift">How much more often the variant succeeds.</param>
/// <param name="Share">Of 256 users, how many really get the variant: another number than 128 is what the check of the groups' sizes is for.</param>
internal sealed record SampleExperiment(string Name, string Prompt, string Status, int From, int? To, double Lift, int Share = 128);

/// <summary>The experiments of the sample studio, and what the job would have found while they ran.</summary>
internal sealed class SampleExperiments(IServiceProvider services, SampleClock clock)
{
    private static readonly TimeSpan Look = TimeSpan.FromDays(1);

    private static readonly SampleExperiment[] Wanted =
    [
        new("Cite the passages", "rag_answer", ExperimentStatus.Draft, -1, null, 0),
        new("Answer first, reasons later", "support_reply", ExperimentStatus.Running, -21, null, 0.14),
        new("Ask back or guess", "tutor_hint", ExperimentStatus.Running, -9, null, 0.01),
        new("JSON for triage", "ticket_triage", ExperimentStatus.Paused, -16, null, 0.03, Share: 104),
        new("Shorter briefs", "executive_brief", ExperimentStatus.Completed, -27, -6, -0.25),
        new("Plain words in summaries", "meeting_summary", ExperimentStatus.WinnerDeclared, -27, -2, 0.13),
    ];

    /// <summary>Those that ran, with what is true of them.</summary>
    public List<(AbTestExperiment Row, SampleExperiment Sample)> Ran { get; } = [];

    /// <summary>Makes them, with the past that they have.</summary>
    /// <param name="served">The versions of each prompt that served.</param>
    /// <param name="author">Who made them.</param>
    public async Task FillAsync(IReadOnlyDictionary<string, List<(DateTimeOffset Since, PromptTemplate Version)>> served, string author)
    {
        await using var context = await services.GetRequiredService<IDbContextFactory<StudioDbContext>>().CreateDbContextAsync();
        foreach (var sample in Wanted)
        {
            if (!served.TryGetValue(sample.Prompt, out var versions) || versions.Count < 2)
                continue;
            var (older, active) = (versions[^2].Version, versions[^1].Version);
            // What has won is active by now; what runs is compared with the active one.
            var row = sample.Status == ExperimentStatus.Running ? Row(sample, active, older, author) : Row(sample, older, active, author);
            context.AbTestExperiments.Add(row);
            if (row.Phase == 0)
                continue;
            Ran.Add((row, sample));
            context.ExperimentPhases.Add(new ExperimentPhase
            {
                ExperimentId = row.Id,
                Number = 1,
                TrafficAllocation = row.TrafficAllocation,
                SplitSalt = "sample",
                StartedAt = row.StartedAt!.Value,
                EndedAt = row.EndedAt,
            });
        }
        await context.SaveChangesAsync();
    }

    /// <summary>Looks at them once a day, as their executions came; then decides what is to be decided.</summary>
    /// <param name="database">With their executions.</param>
    /// <param name="decider">Who declares winners.</param>
    public async Task ReplayAsync(NpgsqlDataSource database, Actor decider)
    {
        var now = clock.Now;
        await ExecuteAsync(database, "CREATE UNLOGGED TABLE sample_events AS SELECT * FROM experiment_events");
        await ExecuteAsync(database, "TRUNCATE experiment_events");
        var recompute = services.GetRequiredService<ExperimentRecompute>();
        foreach (var (row, _) in Ran)
        {
            for (var from = DateTimeOffset.UnixEpoch; clock.Now != now || from == DateTimeOffset.UnixEpoch; from = clock.Now)
            {
                var to = from == DateTimeOffset.UnixEpoch ? row.StartedAt!.Value + Look : from + Look;
                clock.Now = to < (row.EndedAt ?? now) ? to : now;
                await ExecuteAsync(database, "INSERT INTO experiment_events SELECT * FROM sample_events WHERE experiment_id = $1 AND created_at >= $2 AND created_at < $3", row.Id, from, clock.Now);
                await recompute.RunAsync(row.Id, wait: true, CancellationToken.None);
            }
            await ExecuteAsync(database, "INSERT INTO experiment_jobs (experiment_id, succeeded_at, failures) VALUES ($1, $2, 0) ON CONFLICT DO NOTHING", row.Id, clock.Now);
        }
        await ExecuteAsync(database, "DROP TABLE sample_events");
        foreach (var (row, _) in Ran.Where(ran => ran.Sample.Status == ExperimentStatus.WinnerDeclared))
        {
            var wanted = new DeclareWinner { TemplateId = row.VariantTemplateIds[0], OverrideReason = "Readers asked for it, and nothing speaks against it." };
            if ((await services.GetRequiredService<WinnerCommand>().RunAsync(decider, row.Id, wanted, CancellationToken.None)).Problem is { } problem)
                throw new InvalidOperationException(problem.Detail);
        }
        await services.GetRequiredService<ExperimentJobs>().RunAsync(CancellationToken.None);
    }

    private AbTestExperiment Row(SampleExperiment sample, PromptTemplate control, PromptTemplate variant, string author)
    {
        var isDraft = sample.Status == ExperimentStatus.Draft;
        var made = clock.Now.AddDays(sample.From);
        return new AbTestExperiment
        {
            Id = Guid.CreateVersion7(made),
            Name = sample.Name,
            Description = string.Create(CultureInfo.InvariantCulture, $"Version {variant.Version} of {sample.Prompt} against version {control.Version}."),
            PromptName = sample.Prompt,
            ControlTemplateId = control.Id,
            VariantTemplateIds = [variant.Id],
            TrafficAllocation = ExperimentInput.Write(Allocation.Equal(2)),
            PrimaryMetric = Metric.SuccessRate.Name,
            SecondaryMetrics = [Metric.ConversionRate.Name, Metric.ResponseTime.Name],
            GuardrailMetrics = JsonSerializer.Serialize(new object[] { new { metric = Metric.Tokens.Name, margin = 0.15, relative = true }, new { metric = Metric.ErrorRate.Name, margin = 0.05, relative = false } }),
            MinimumSampleSize = 300,
            // Its winner is declared by the command that people use.
            Status = sample.Status == ExperimentStatus.WinnerDeclared ? ExperimentStatus.Completed : sample.Status,
            Phase = isDraft ? 0 : 1,
            InclusionSalt = "sample",
            StartedAt = isDraft ? null : made,
            PlannedEnd = sample.Status == ExperimentStatus.Running ? clock.Now.AddDays(12) : null,
            EndedAt = sample.To is { } days ? clock.Now.AddDays(days) : null,
            CreatedBy = author,
            CreatedAt = made.AddHours(-3),
            UpdatedBy = author,
            UpdatedAt = made,
        };
    }

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql, params object[] values)
    {
        await using var command = database.CreateCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value is DateTimeOffset instant ? instant.ToUniversalTime() : value });
        await command.ExecuteNonQueryAsync();
    }
}
