using System.Security.Cryptography;
using System.Text;
using Npgsql;
using NpgsqlTypes;
using PromptStudio.Core.Executions;
using PromptStudio.Core.Templating;
using PromptStudio.Executions;
using PromptStudio.Experiments;
using PromptStudio.Guardrails;
using PromptStudio.Prompts;

namespace PromptStudio.Samples;

/// <summary>Thirty days of executions, with their outcomes and what guardrails found, written by COPY: more by day than by night, more for some prompts than for others.</summary>
internal sealed class SampleTraffic(NpgsqlDataSource database, SampleStudio studio, DateTimeOffset now, Random random)
{
    private const int Days = 30;
    private const int Users = 6_000;
    private const int Batch = 50_000;
    private const int SetsOfVersion = 12;

    private static readonly string[] Models = ["gpt-5-mini", "gemini-2.5-flash", "claude-haiku-4", "llama-4-scout"];
    private static readonly byte[] OutcomeHash = SHA256.HashData("sample"u8);

    private readonly Dictionary<Guid, (string Variables, string Text)[]> _rendered = [];
    private readonly List<GuardrailViolation> _violations = [];

    /// <summary>Writes executions, the oldest first.</summary>
    public async Task FillAsync(int executions, CancellationToken cancellationToken)
    {
        for (var month = -1; month <= 0; month++)
            await ExecutionPartitions.EnsureAsync(database, now.AddDays(-Days).AddMonths(month + 1), cancellationToken);
        var prompts = studio.Served.OrderBy(served => served.Key, StringComparer.Ordinal).Select((served, index) => (Served: served.Value, Name: served.Key, Weight: 1.0 / (1 + ((index * 7) % studio.Served.Count)))).ToArray();
        var total = prompts.Sum(prompt => prompt.Weight);
        for (var written = 0; written < executions; written += Batch)
        {
            var count = Math.Min(Batch, executions - written);
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            await using (var copy = await connection.BeginBinaryImportAsync(
                "COPY prompt_executions (id, prompt_template_id, variables, rendered_prompt, render_time_us, model_name, response_text, response_tokens, execution_time_ms, status, error_message, experiment_id, ab_test_group, success, conversion_metric, guardrail_violations, is_redacted, user_id, created_at, outcome_at, outcome_hash, experiment_phase) FROM STDIN (FORMAT BINARY)",
                cancellationToken))
            {
                for (var index = 0; index < count; index++)
                {
                    var pick = random.NextDouble() * total;
                    var chosen = prompts[^1];
                    foreach (var prompt in prompts)
                    {
                        if ((pick -= prompt.Weight) < 0)
                        {
                            chosen = prompt;
                            break;
                        }
                    }
                    await WriteAsync(copy, chosen.Name, chosen.Served, Instant(written + index, executions), cancellationToken);
                }
                await copy.CompleteAsync(cancellationToken);
            }
            await ViolationsAsync(connection, cancellationToken);
        }
        await using var command = database.CreateCommand(
            """
            UPDATE prompt_templates t SET total_invocations = s.count, success_rate = s.rate, avg_response_time_ms = s.time, frozen_at = coalesce(frozen_at, created_at)
            FROM (SELECT prompt_template_id, count(*)::int AS count, avg(success::int) AS rate, avg(execution_time_ms) AS time FROM prompt_executions GROUP BY 1) s WHERE s.prompt_template_id = t.id;
            ANALYZE prompt_executions; ANALYZE guardrail_violations
            """);
        command.CommandTimeout = 600;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Spread over the days, with waves by the hour: the night is quiet, and so is the weekend.</summary>
    private DateTimeOffset Instant(int index, int all)
    {
        var at = now.AddDays(-Days * (1 - ((index + random.NextDouble()) / all)));
        var isQuiet = at.Hour is < 6 or > 21 ? 0.7 : at.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? 0.5 : 0;
        if (random.NextDouble() < isQuiet)
            at = at.Date.AddHours(8 + (random.NextDouble() * 11)) is var day && day < now.UtcDateTime ? new DateTimeOffset(day, TimeSpan.Zero) : at;
        return DateTimeOffset.FromUnixTimeMilliseconds(at.ToUnixTimeMilliseconds());
    }

    private async Task WriteAsync(NpgsqlBinaryImporter copy, string name, List<(DateTimeOffset Since, PromptTemplate Version)> served, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var user = $"u-{(int)(Math.Pow(random.NextDouble(), 1.6) * Users) + 1000}";
        var (experiment, group, lift, version) = Choose(served, at, user);
        var sets = Rendered(version);
        var (variables, text) = sets[random.Next(sets.Length)];
        var id = Guid.CreateVersion7(at);
        var found = Find(id, at, name, version);
        var isBlocked = found.Exists(violation => violation.Outcome == ViolationOutcome.Blocked);
        var chance = random.NextDouble();
        var status = isBlocked ? ExecutionStatus.Blocked : chance < 0.011 ? ExecutionStatus.Error : chance < 0.016 ? ExecutionStatus.Timeout : ExecutionStatus.Success;
        var isReported = status is ExecutionStatus.Success or ExecutionStatus.Timeout && random.NextDouble() < 0.88;
        var success = isReported && status == ExecutionStatus.Success && random.NextDouble() < 0.62 + lift + (group is null ? version.Version * 0.015 : 0);
        await copy.StartRowAsync(cancellationToken);
        await copy.WriteAsync(id, NpgsqlDbType.Uuid, cancellationToken);
        await copy.WriteAsync(version.Id, NpgsqlDbType.Uuid, cancellationToken);
        await copy.WriteAsync(variables, NpgsqlDbType.Jsonb, cancellationToken);
        await copy.WriteAsync(status == ExecutionStatus.Error ? "" : text, NpgsqlDbType.Text, cancellationToken);
        await copy.WriteAsync(40 + (int)(random.NextDouble() * random.NextDouble() * 400), NpgsqlDbType.Integer, cancellationToken);
        await copy.WriteAsync(Models[random.Next(Models.Length)], NpgsqlDbType.Varchar, cancellationToken);
        await Nullable(copy, isReported && random.Next(5) == 0 ? "Thank you for the question. Here is what I found." : null, NpgsqlDbType.Text, cancellationToken);
        await Nullable(copy, isReported ? random.Next(20, 600) : (int?)null, NpgsqlDbType.Integer, cancellationToken);
        await Nullable(copy, isReported ? (status == ExecutionStatus.Timeout ? 30_000 : 250 + (int)(-Math.Log(1 - random.NextDouble()) * 500)) : (int?)null, NpgsqlDbType.Integer, cancellationToken);
        await copy.WriteAsync(status, NpgsqlDbType.Varchar, cancellationToken);
        await Nullable(copy, status == ExecutionStatus.Error ? "'history' is undefined" : status == ExecutionStatus.Timeout ? "The model did not answer within 30 s." : null, NpgsqlDbType.Text, cancellationToken);
        await Nullable(copy, experiment?.Id, NpgsqlDbType.Uuid, cancellationToken);
        await Nullable(copy, group, NpgsqlDbType.Varchar, cancellationToken);
        await Nullable(copy, isReported ? success : (bool?)null, NpgsqlDbType.Boolean, cancellationToken);
        await Nullable(copy, success && random.Next(3) == 0 ? Math.Round(random.NextDouble() * 50, 2) : (double?)null, NpgsqlDbType.Double, cancellationToken);
        await Nullable(copy, Violation.Write([.. found.Select(Told)]), NpgsqlDbType.Jsonb, cancellationToken);
        await copy.WriteAsync(found.Exists(violation => violation.RuleType is "pii" or "secrets"), NpgsqlDbType.Boolean, cancellationToken);
        await Nullable(copy, random.Next(20) == 0 ? null : user, NpgsqlDbType.Varchar, cancellationToken);
        await copy.WriteAsync(at, NpgsqlDbType.TimestampTz, cancellationToken);
        await Nullable(copy, isReported ? at.AddMilliseconds(random.Next(300, 3_000)) : (DateTimeOffset?)null, NpgsqlDbType.TimestampTz, cancellationToken);
        await Nullable(copy, isReported ? OutcomeHash : null, NpgsqlDbType.Bytea, cancellationToken);
        await Nullable(copy, experiment?.Phase, NpgsqlDbType.Integer, cancellationToken);
    }

    private static Task Nullable<T>(NpgsqlBinaryImporter copy, T? value, NpgsqlDbType type, CancellationToken cancellationToken) =>
        value is null ? copy.WriteNullAsync(cancellationToken) : copy.WriteAsync(value, type, cancellationToken);

    /// <summary>A running experiment decides, else the version that served at that time.</summary>
    private (AbTestExperiment? Experiment, string? Group, double Lift, PromptTemplate Version) Choose(List<(DateTimeOffset Since, PromptTemplate Version)> served, DateTimeOffset at, string user)
    {
        var (experiment, sample) = studio.Experiments.Ran.Find(one => served.Exists(version => version.Version.Id == one.Row.ControlTemplateId) && at >= one.Row.StartedAt && (one.Row.EndedAt is null || at < one.Row.EndedAt));
        if (experiment is not null)
        {
            var isVariant = SHA256.HashData(Encoding.UTF8.GetBytes(experiment.Name + user))[0] < sample.Share;
            var id = isVariant ? experiment.VariantTemplateIds[0] : experiment.ControlTemplateId;
            return (experiment, isVariant ? "variant_a" : "control", isVariant ? sample.Lift : 0, served.Find(version => version.Version.Id == id).Version);
        }
        return (null, null, 0, (served.FindLast(version => version.Since <= at) is { Version: not null } current ? current : served[0]).Version);
    }

    private (string Variables, string Text)[] Rendered(PromptTemplate version)
    {
        if (_rendered.TryGetValue(version.Id, out var known))
            return known;
        var template = TemplateEngines.Find(version.TemplateFormat)!.Parse(version.TemplateText, TemplateOptions.Studio);
        return _rendered[version.Id] =
        [
            .. Enumerable.Range(0, SetsOfVersion).Select(number =>
            {
                var variables = SampleValues.Set(template.FreeVariables, number);
                return (variables.GetRawText(), template.Render(new RenderRequest { Variables = variables }));
            }),
        ];
    }

    private List<GuardrailViolation> Find(Guid execution, DateTimeOffset at, string name, PromptTemplate version)
    {
        var found = new List<GuardrailViolation>();
        foreach (var (guardrail, share) in studio.Guardrails)
        {
            if (random.NextDouble() >= share)
                continue;
            var outcome = guardrail.EnforcementLevel switch
            {
                GuardrailWords.Blocking => random.NextDouble() * 100 < guardrail.EnforcementPercentage ? ViolationOutcome.Blocked : ViolationOutcome.WouldBlock,
                GuardrailWords.Warning => ViolationOutcome.Warned,
                _ => ViolationOutcome.Logged,
            };
            var start = random.Next(0, 120);
            var isWrong = random.NextDouble() < 0.04;
            found.Add(new GuardrailViolation
            {
                Id = Guid.CreateVersion7(at),
                CreatedAt = at,
                ExecutionId = execution,
                GuardrailId = guardrail.Id,
                Name = guardrail.Name,
                RuleType = guardrail.RuleType,
                EnforcementLevel = guardrail.EnforcementLevel,
                Outcome = outcome,
                Scope = guardrail.Scope,
                Variable = guardrail.Scope == GuardrailWords.Variables ? "query" : null,
                PromptName = name,
                TemplateId = version.Id,
                Hits = random.Next(1, 3),
                Message = guardrail.Message ?? Message(guardrail.RuleType),
                Entity = guardrail.RuleType == "pii" ? "EMAIL_ADDRESS" : null,
                Start = start,
                End = start + random.Next(8, 30),
                FalsePositive = isWrong ? true : null,
                MarkedBy = isWrong ? "mary@example.com" : null,
                MarkedAt = isWrong ? at.AddHours(3) : null,
            });
        }
        _violations.AddRange(found);
        return found;
    }

    private static string Message(string type) => type switch
    {
        "pii" => "An e-mail address.",
        "secrets" => "A token that looks like a secret.",
        "prompt_injection" => "The text asks to drop the instructions.",
        "keyword" => "A word of the list was found.",
        "max_length" => "The text is longer than 20,000 characters.",
        "invisible_text" => "Text that a reader does not see.",
        _ => "A pattern of the list was found.",
    };

    private static Violation Told(GuardrailViolation row) => new(row.Name, row.RuleType, row.EnforcementLevel, row.Message, row.Start, row.End)
    {
        GuardrailId = row.GuardrailId,
        Outcome = row.Outcome,
        Scope = row.Scope,
        Variable = row.Variable,
        Entity = row.Entity,
        Hits = row.Hits,
    };

    private async Task ViolationsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using (var copy = await connection.BeginBinaryImportAsync(
            "COPY guardrail_violations (id, created_at, execution_id, guardrail_id, name, rule_type, enforcement_level, outcome, scope, variable, prompt_name, template_id, hits, message, entity, start, \"end\", false_positive, marked_by, marked_at) FROM STDIN (FORMAT BINARY)",
            cancellationToken))
        {
            foreach (var row in _violations)
            {
                await copy.StartRowAsync(cancellationToken);
                await copy.WriteAsync(row.Id, NpgsqlDbType.Uuid, cancellationToken);
                await copy.WriteAsync(row.CreatedAt, NpgsqlDbType.TimestampTz, cancellationToken);
                await copy.WriteAsync(row.ExecutionId, NpgsqlDbType.Uuid, cancellationToken);
                await copy.WriteAsync(row.GuardrailId, NpgsqlDbType.Uuid, cancellationToken);
                foreach (var text in (string[])[row.Name, row.RuleType, row.EnforcementLevel, row.Outcome, row.Scope])
                    await copy.WriteAsync(text, NpgsqlDbType.Varchar, cancellationToken);
                await Nullable(copy, row.Variable, NpgsqlDbType.Varchar, cancellationToken);
                await copy.WriteAsync(row.PromptName, NpgsqlDbType.Varchar, cancellationToken);
                await copy.WriteAsync(row.TemplateId, NpgsqlDbType.Uuid, cancellationToken);
                await copy.WriteAsync(row.Hits, NpgsqlDbType.Integer, cancellationToken);
                await copy.WriteAsync(row.Message, NpgsqlDbType.Text, cancellationToken);
                await Nullable(copy, row.Entity, NpgsqlDbType.Varchar, cancellationToken);
                await Nullable(copy, row.Start, NpgsqlDbType.Integer, cancellationToken);
                await Nullable(copy, row.End, NpgsqlDbType.Integer, cancellationToken);
                await Nullable(copy, row.FalsePositive, NpgsqlDbType.Boolean, cancellationToken);
                await Nullable(copy, row.MarkedBy, NpgsqlDbType.Varchar, cancellationToken);
                await Nullable(copy, row.MarkedAt, NpgsqlDbType.TimestampTz, cancellationToken);
            }
            await copy.CompleteAsync(cancellationToken);
        }
        _violations.Clear();
    }
}
