using System.Globalization;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using PromptStudio.Core.Experiments;

namespace PromptStudio.Tests.Experiments;

/// <summary>What a simulated experiment's newest snapshot says of a metric.</summary>
internal sealed record SimulatedFigure(double FixedP, double AlwaysValidP, double Lower, double Upper);

/// <summary>
/// Experiments whose truth is known, through the product's own pipeline: its assignment, executions and outcomes stored as its store writes them, its recomputation. Shared by
/// the tests and the benchmark. Users come several times; success goes by user (clustered), times are skewed, conversions are rare and skewed.
/// </summary>
internal sealed class NullExperiments(NpgsqlDataSource database, int seed)
{
    /// <summary>What each experiment is about: a rate, a mean, a time, and a rate of executions that cluster by user.</summary>
    public static readonly IReadOnlyList<string> Metrics = ["conversion_rate", "conversion", "avg_response_time", "success_rate"];

    private readonly Random _random = new(seed);
    private readonly List<Simulated> _experiments = [];
    private Guid _control;
    private Guid _variant;

    public IReadOnlyList<Guid> Ids => [.. _experiments.Select(one => one.Running.Id)];

    /// <summary>Makes the prompt and so many running experiments.</summary>
    /// <param name="count">How many.</param>
    /// <param name="deviation">Of their true effects on the mean of conversion; 0: there is none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task AddAsync(int count, double deviation, CancellationToken cancellationToken)
    {
        var now = TimeProvider.System.GetUtcNow();
        (_control, _variant) = (Guid.CreateVersion7(now), Guid.CreateVersion7(now));
        await RunAsync(
            """
            INSERT INTO prompts (name) VALUES ('simulated') ON CONFLICT DO NOTHING;
            INSERT INTO prompt_templates (id, name, template_text, version) SELECT $1, 'simulated', '', coalesce(max(version), 0) + 1 FROM prompt_templates WHERE name = 'simulated';
            """, [_control], cancellationToken);
        await RunAsync("INSERT INTO prompt_templates (id, name, template_text, version) SELECT $1, 'simulated', '', max(version) + 1 FROM prompt_templates WHERE name = 'simulated'", [_variant], cancellationToken);
        var groups = RunningExperiment.Lay(Allocation.Equal(2), [(_control, 1), (_variant, 2)]);
        for (var index = 0; index < count; index++)
        {
            var salt = string.Create(CultureInfo.InvariantCulture, $"{seed}-{index}");
            var running = new RunningExperiment
            {
                Id = Guid.CreateVersion7(now),
                PromptName = "simulated",
                Phase = 1,
                Coverage = Bucket.Count,
                InclusionSalt = "who " + salt,
                SplitSalt = salt,
                Groups = groups,
            };
            _experiments.Add(new Simulated(running, deviation == 0 ? null : deviation * Normal()));
            // Paused: a prompt has one running experiment, and who gets what is decided here.
            await RunAsync(
                """
                INSERT INTO ab_test_experiments (id, name, prompt_name, control_template_id, variant_template_ids, traffic_allocation, primary_metric, secondary_metrics, status, phase, inclusion_salt, started_at)
                VALUES ($1, $1::text, 'simulated', $2, ARRAY[$3], '{"control": 50, "variant_a": 50}', 'conversion_rate', '{conversion,avg_response_time,success_rate}', 'paused', 1, $4, $5)
                """, [running.Id, _control, _variant, running.InclusionSalt, now], cancellationToken);
            await RunAsync("INSERT INTO experiment_phases (experiment_id, number, traffic_allocation, split_salt, started_at) VALUES ($1, 1, '{\"control\": 50, \"variant_a\": 50}', $2, $3)",
                [running.Id, salt, now], cancellationToken);
        }
    }

    /// <summary>Stores the executions of the next users of every experiment, each with its outcome.</summary>
    public async Task StoreAsync(int users, CancellationToken cancellationToken)
    {
        var now = DateTimeOffset.FromUnixTimeMilliseconds(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var writer = await connection.BeginBinaryImportAsync(
            "COPY prompt_executions (id, created_at, prompt_template_id, variables, rendered_prompt, status, experiment_id, experiment_phase, ab_test_group, user_id, is_random_group, success, conversion_metric, execution_time_ms, outcome_at) FROM STDIN (FORMAT BINARY)",
            cancellationToken);
        foreach (var experiment in _experiments)
        {
            for (var user = 0; user < users; user++)
                await StoreAsync(writer, experiment, now, cancellationToken);
        }
        await writer.CompleteAsync(cancellationToken);
    }

    /// <summary>What the newest snapshot of each experiment says of a metric, with the experiment's true effect.</summary>
    public async Task<IReadOnlyList<(SimulatedFigure Figure, double Effect)>> ReadAsync(string metric, CancellationToken cancellationToken)
    {
        var found = new List<(SimulatedFigure, double)>();
        foreach (var experiment in _experiments)
        {
            await using var command = database.CreateCommand("SELECT figures FROM experiment_snapshots WHERE experiment_id = $1 ORDER BY id DESC LIMIT 1");
            command.Parameters.Add(new NpgsqlParameter { Value = experiment.Running.Id });
            using var figures = JsonDocument.Parse((string)(await command.ExecuteScalarAsync(cancellationToken))!);
            var comparison = figures.RootElement.GetProperty("metrics").EnumerateArray().Single(one => one.GetProperty("metric").GetString() == metric).GetProperty("comparisons")[0];
            if (!comparison.TryGetProperty("fixed_horizon", out var once))
                throw new InvalidOperationException(figures.RootElement.GetRawText());
            found.Add((new SimulatedFigure(
                once.GetProperty("p").GetDouble(), comparison.TryGetProperty("p", out var always) ? always.GetDouble() : 1,
                once.GetProperty("interval").GetProperty("lower").GetDouble(), once.GetProperty("interval").GetProperty("upper").GetDouble()), experiment.Effect ?? 0));
        }
        return found;
    }

    private async Task StoreAsync(NpgsqlBinaryImporter writer, Simulated experiment, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var user = string.Create(CultureInfo.InvariantCulture, $"u-{seed}-{experiment.Users++}");
        var group = experiment.Running.Assign(user, 0)!.Value.Group;
        var executions = 1 + Poisson(1.5);
        var (able, slow) = (Math.Clamp(0.4 + 0.25 * Normal(), 0, 1), 0.5 * Normal());
        // A mean with a known effect; or a rare and skewed one without.
        double? conversion = experiment.Effect is { } effect ? 10 + 3 * Normal() + (group.Name == Allocation.Control ? 0 : effect)
            : _random.NextDouble() < 0.3 ? Math.Exp(Normal()) : null;
        for (var turn = 0; turn < executions; turn++)
        {
            await writer.StartRowAsync(cancellationToken);
            await writer.WriteAsync(Core.Executions.ExecutionId.New(now), NpgsqlDbType.Uuid, cancellationToken);
            await writer.WriteAsync(now, NpgsqlDbType.TimestampTz, cancellationToken);
            await writer.WriteAsync(group.TemplateId, NpgsqlDbType.Uuid, cancellationToken);
            await writer.WriteAsync("{}", NpgsqlDbType.Jsonb, cancellationToken);
            await writer.WriteAsync("", NpgsqlDbType.Text, cancellationToken);
            await writer.WriteAsync(Core.Executions.ExecutionStatus.Success, NpgsqlDbType.Varchar, cancellationToken);
            await writer.WriteAsync(experiment.Running.Id, NpgsqlDbType.Uuid, cancellationToken);
            await writer.WriteAsync(1, NpgsqlDbType.Integer, cancellationToken);
            await writer.WriteAsync(group.Name, NpgsqlDbType.Varchar, cancellationToken);
            await writer.WriteAsync(user, NpgsqlDbType.Varchar, cancellationToken);
            await writer.WriteAsync(false, NpgsqlDbType.Boolean, cancellationToken);
            await writer.WriteAsync(_random.NextDouble() < able, NpgsqlDbType.Boolean, cancellationToken);
            if (turn == 0 && conversion is { } value)
                await writer.WriteAsync(value, NpgsqlDbType.Double, cancellationToken);
            else
                await writer.WriteNullAsync(cancellationToken);
            await writer.WriteAsync((int)(400 * Math.Exp(slow + 0.4 * Normal())), NpgsqlDbType.Integer, cancellationToken);
            await writer.WriteAsync(now, NpgsqlDbType.TimestampTz, cancellationToken);
        }
    }

    private async Task RunAsync(string sql, object[] values, CancellationToken cancellationToken)
    {
        // Several statements with parameters are not one command.
        var statements = sql.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        foreach (var statement in statements)
        {
#pragma warning disable CA2100 // Our own statements, above.
            await using var command = database.CreateCommand(statement);
#pragma warning restore CA2100
            if (statement.Contains('$', StringComparison.Ordinal))
                command.Parameters.AddRange(values.Select(value => new NpgsqlParameter { Value = value }).ToArray());
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private double Normal() => Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());

    private int Poisson(double mean)
    {
        var (count, product, limit) = (0, _random.NextDouble(), Math.Exp(-mean));
        for (; product > limit; count++)
            product *= _random.NextDouble();
        return count;
    }

    private sealed record Simulated(RunningExperiment Running, double? Effect)
    {
        public int Users { get; set; }
    }
}
