namespace PromptStudio.Experiments;

/// <summary>What the recomputation asks PostgreSQL. Parameters by place: the experiment first.</summary>
internal static class ExperimentSql
{
    /// <summary>Beside the metrics: how many users, executions and outcomes there are.</summary>
    public const string Exposure = "exposure";

    /// <summary>An execution that gave no prompt: it can have no outcome, and is a failure from the start.</summary>
    private const string Stillborn = "(e.status IN ('error', 'blocked') AND e.outcome_at IS NULL)";

    /// <summary>What a user adds to the sums of the user's group: value and weight by metric, see <c>Metric</c>.</summary>
    private const string Contributions = """
        CROSS JOIN LATERAL (VALUES
            ('exposure', u.executions::numeric, u.outcomes::numeric),
            ('success_rate', u.success_sum::numeric, u.success_count::numeric),
            ('conversion_rate', (u.conversion_sum > 0)::int::numeric, 1::numeric),
            ('conversion', u.conversion_sum, 1::numeric),
            ('avg_response_time', u.time_sum::numeric, u.time_count::numeric),
            ('avg_response_tokens', u.token_sum::numeric, u.token_count::numeric),
            ('safety_score', u.safety_sum, u.safety_count::numeric),
            ('error_rate', u.failures::numeric, u.executions::numeric)) AS m(metric, value, weight)
        WHERE u.group_name IS NOT NULL AND (m.weight > 0 OR m.metric = 'exposure')
        """;

    /// <summary>Takes lines from the queue, and adds them up: first by user, then what that changes of the sums of the groups. Returns how many lines.</summary>
    public const string Fold = $$"""
        WITH taken AS MATERIALIZED (
            DELETE FROM experiment_events WHERE ctid = ANY (ARRAY(
                SELECT ctid FROM experiment_events WHERE experiment_id = {0} ORDER BY experiment_id, execution_id, is_outcome LIMIT {1}))
            RETURNING execution_id, is_outcome, created_at),
        seen AS MATERIALIZED (
            SELECT t.is_outcome, e.* FROM taken t
            CROSS JOIN LATERAL (
                SELECT e.experiment_phase AS phase, CASE WHEN e.is_random_group THEN NULL ELSE nullif(e.user_id, '') END AS user_id, e.ab_test_group AS group_name, e.created_at,
                       {{Stillborn}} AS stillborn, e.status, e.success, e.conversion_metric, e.execution_time_ms, e.response_tokens, e.safety_score
                FROM prompt_executions e
                WHERE e.id = t.execution_id AND e.created_at = t.created_at AND e.experiment_id = {0} AND e.experiment_phase IS NOT NULL AND e.ab_test_group IS NOT NULL
                OFFSET 0) e),
        users AS MATERIALIZED (
            SELECT phase, user_id, min(group_name) AS first_group, max(group_name) AS last_group, min(created_at) AS first_at,
                   count(*) FILTER (WHERE NOT is_outcome) AS executions,
                   count(*) FILTER (WHERE is_outcome) AS outcomes,
                   count(*) FILTER (WHERE (NOT is_outcome AND stillborn) OR (is_outcome AND status IN ('error', 'timeout'))) AS failures,
                   count(*) FILTER (WHERE (NOT is_outcome AND stillborn) OR (is_outcome AND (success IS NOT NULL OR status IN ('error', 'timeout')))) AS success_count,
                   count(*) FILTER (WHERE is_outcome AND success) AS success_sum,
                   -- least() overlooks a null: one who reported nothing would have converted without bound
                   coalesce(sum(greatest(-1e15, least(1e15, conversion_metric))::numeric) FILTER (WHERE is_outcome AND conversion_metric IS NOT NULL), 0) AS conversion_sum,
                   count(execution_time_ms) FILTER (WHERE is_outcome) AS time_count, coalesce(sum(execution_time_ms) FILTER (WHERE is_outcome), 0) AS time_sum,
                   count(response_tokens) FILTER (WHERE is_outcome) AS token_count, coalesce(sum(response_tokens) FILTER (WHERE is_outcome), 0) AS token_sum,
                   count(safety_score) FILTER (WHERE is_outcome) AS safety_count, coalesce(sum(safety_score::numeric) FILTER (WHERE is_outcome), 0) AS safety_sum
            FROM seen WHERE user_id IS NOT NULL GROUP BY phase, user_id),
        old AS MATERIALIZED (
            SELECT u.* FROM users n
            CROSS JOIN LATERAL (SELECT * FROM experiment_units u WHERE u.experiment_id = {0} AND u.phase = n.phase AND u.user_id = n.user_id OFFSET 0) u),
        new AS MATERIALIZED (
            SELECT n.phase, n.user_id,
                   CASE WHEN n.first_group = n.last_group AND (o.user_id IS NULL OR o.group_name = n.first_group) THEN n.first_group END AS group_name,
                   least(n.first_at, o.first_at) AS first_at,
                   n.executions + coalesce(o.executions, 0) AS executions, n.outcomes + coalesce(o.outcomes, 0) AS outcomes, n.failures + coalesce(o.failures, 0) AS failures,
                   n.success_count + coalesce(o.success_count, 0) AS success_count, n.success_sum + coalesce(o.success_sum, 0) AS success_sum,
                   n.conversion_sum + coalesce(o.conversion_sum, 0) AS conversion_sum,
                   n.time_count + coalesce(o.time_count, 0) AS time_count, n.time_sum + coalesce(o.time_sum, 0) AS time_sum,
                   n.token_count + coalesce(o.token_count, 0) AS token_count, n.token_sum + coalesce(o.token_sum, 0) AS token_sum,
                   n.safety_count + coalesce(o.safety_count, 0) AS safety_count, n.safety_sum + coalesce(o.safety_sum, 0) AS safety_sum
            FROM users n LEFT JOIN old o ON o.phase = n.phase AND o.user_id = n.user_id),
        kept AS (
            INSERT INTO experiment_units (experiment_id, phase, user_id, group_name, first_at, executions, outcomes, failures, success_count, success_sum, conversion_sum,
                                          time_count, time_sum, token_count, token_sum, safety_count, safety_sum)
            SELECT {0}, phase, user_id, group_name, first_at, executions, outcomes, failures, success_count, success_sum, conversion_sum,
                   time_count, time_sum, token_count, token_sum, safety_count, safety_sum FROM new
            ON CONFLICT (experiment_id, phase, user_id) DO UPDATE SET
                group_name = excluded.group_name, first_at = excluded.first_at, executions = excluded.executions, outcomes = excluded.outcomes, failures = excluded.failures,
                success_count = excluded.success_count, success_sum = excluded.success_sum, conversion_sum = excluded.conversion_sum,
                time_count = excluded.time_count, time_sum = excluded.time_sum, token_count = excluded.token_count, token_sum = excluded.token_sum,
                safety_count = excluded.safety_count, safety_sum = excluded.safety_sum),
        changed AS (
            SELECT -1 AS sign, phase, group_name, executions, outcomes, failures, success_count, success_sum, conversion_sum, time_count, time_sum, token_count, token_sum, safety_count, safety_sum FROM old
            UNION ALL
            SELECT 1, phase, group_name, executions, outcomes, failures, success_count, success_sum, conversion_sum, time_count, time_sum, token_count, token_sum, safety_count, safety_sum FROM new),
        added AS (
            INSERT INTO experiment_sums AS s (experiment_id, phase, group_name, metric, users, value_sum, weight_sum, value_squares, weight_squares, products)
            SELECT {0}, u.phase, u.group_name, m.metric, sum(u.sign), sum(u.sign * m.value), sum(u.sign * m.weight),
                   sum(u.sign * m.value * m.value), sum(u.sign * m.weight * m.weight), sum(u.sign * m.value * m.weight)
            FROM changed u {{Contributions}}
            GROUP BY u.phase, u.group_name, m.metric
            ON CONFLICT (experiment_id, phase, group_name, metric) DO UPDATE SET
                users = s.users + excluded.users, value_sum = s.value_sum + excluded.value_sum, weight_sum = s.weight_sum + excluded.weight_sum,
                value_squares = s.value_squares + excluded.value_squares, weight_squares = s.weight_squares + excluded.weight_squares, products = s.products + excluded.products),
        counted AS (
            UPDATE experiment_phases p SET crossovers = p.crossovers + c.crossovers, without_user = p.without_user + c.without_user
            FROM (
                SELECT phase, sum(crossovers) AS crossovers, sum(without_user) AS without_user FROM (
                    SELECT phase, count(*) AS crossovers, 0 AS without_user FROM new WHERE group_name IS NULL GROUP BY phase
                    UNION ALL SELECT phase, -count(*), 0 FROM old WHERE group_name IS NULL GROUP BY phase
                    UNION ALL SELECT phase, 0, count(*) FROM seen WHERE user_id IS NULL AND NOT is_outcome GROUP BY phase) one
                GROUP BY phase) c
            WHERE p.experiment_id = {0} AND p.number = c.phase)
        SELECT count(*) AS "Value" FROM taken
        """;

    /// <summary>The sums of a phase, centred: the differences of large sums are taken in decimals, where nothing is lost.</summary>
    public const string Sums = """
        SELECT group_name, metric, users,
               CASE WHEN metric = 'exposure' THEN value_sum ELSE 0 END::bigint AS value_sum, CASE WHEN metric = 'exposure' THEN weight_sum ELSE 0 END::bigint AS weight_sum,
               (value_sum / users)::float8 AS mean_value, (weight_sum / users)::float8 AS mean_weight,
               (users * value_squares - value_sum * value_sum)::float8 / users AS value_squares,
               (users * weight_squares - weight_sum * weight_sum)::float8 / users AS weight_squares,
               (users * products - value_sum * weight_sum)::float8 / users AS products
        FROM experiment_sums WHERE experiment_id = {0} AND phase = {1} AND users > 0
        """;

    /// <summary>One snapshot an hour is enough of the days before yesterday.</summary>
    public const string Thin = """
        DELETE FROM experiment_snapshots WHERE id IN (
            SELECT id FROM (
                SELECT id, row_number() OVER (PARTITION BY phase, date_trunc('hour', taken_at) ORDER BY id DESC) AS place
                FROM experiment_snapshots WHERE experiment_id = {0} AND taken_at BETWEEN {1} - interval '27 hours' AND date_trunc('hour', {1} - interval '24 hours')) one
            WHERE place > 1)
        """;

    /// <summary>All over again, from the executions themselves.</summary>
    public static IReadOnlyList<string> Rebuild { get; } =
    [
        "DELETE FROM experiment_events WHERE experiment_id = {0}",
        "DELETE FROM experiment_units WHERE experiment_id = {0}",
        "DELETE FROM experiment_sums WHERE experiment_id = {0}",
        """
        INSERT INTO experiment_units (experiment_id, phase, user_id, group_name, first_at, executions, outcomes, failures, success_count, success_sum, conversion_sum,
                                      time_count, time_sum, token_count, token_sum, safety_count, safety_sum)
        SELECT {0}, e.experiment_phase, e.user_id, CASE WHEN min(e.ab_test_group) = max(e.ab_test_group) THEN min(e.ab_test_group) END, min(e.created_at),
               count(*), count(e.outcome_at),
               count(*) FILTER (WHERE e.status IN ('error', 'blocked') OR (e.status = 'timeout' AND e.outcome_at IS NOT NULL)),
               count(*) FILTER (WHERE e.status IN ('error', 'blocked') OR (e.outcome_at IS NOT NULL AND (e.success IS NOT NULL OR e.status = 'timeout'))),
               count(*) FILTER (WHERE e.outcome_at IS NOT NULL AND e.success),
               coalesce(sum(greatest(-1e15, least(1e15, e.conversion_metric))::numeric) FILTER (WHERE e.outcome_at IS NOT NULL AND e.conversion_metric IS NOT NULL), 0),
               count(e.execution_time_ms) FILTER (WHERE e.outcome_at IS NOT NULL), coalesce(sum(e.execution_time_ms) FILTER (WHERE e.outcome_at IS NOT NULL), 0),
               count(e.response_tokens) FILTER (WHERE e.outcome_at IS NOT NULL), coalesce(sum(e.response_tokens) FILTER (WHERE e.outcome_at IS NOT NULL), 0),
               count(e.safety_score) FILTER (WHERE e.outcome_at IS NOT NULL), coalesce(sum(e.safety_score::numeric) FILTER (WHERE e.outcome_at IS NOT NULL), 0)
        FROM prompt_executions e
        WHERE e.experiment_id = {0} AND e.created_at >= (SELECT started_at - interval '1 hour' FROM ab_test_experiments WHERE id = {0})
          AND e.experiment_phase IS NOT NULL AND e.ab_test_group IS NOT NULL AND e.user_id <> '' AND NOT e.is_random_group
        GROUP BY e.experiment_phase, e.user_id
        """,
        $$"""
        INSERT INTO experiment_sums (experiment_id, phase, group_name, metric, users, value_sum, weight_sum, value_squares, weight_squares, products)
        SELECT {0}, u.phase, u.group_name, m.metric, count(*), sum(m.value), sum(m.weight), sum(m.value * m.value), sum(m.weight * m.weight), sum(m.value * m.weight)
        FROM experiment_units u {{Contributions}} AND u.experiment_id = {0}
        GROUP BY u.phase, u.group_name, m.metric
        """,
        """
        UPDATE experiment_phases p SET
            crossovers = (SELECT count(*) FROM experiment_units u WHERE u.experiment_id = {0} AND u.phase = p.number AND u.group_name IS NULL),
            without_user = (
                SELECT count(*) FROM prompt_executions e
                WHERE e.experiment_id = {0} AND e.experiment_phase = p.number AND e.ab_test_group IS NOT NULL AND (coalesce(e.user_id, '') = '' OR e.is_random_group)
                  AND e.created_at >= p.started_at - interval '1 hour')
        WHERE p.experiment_id = {0}
        """,
    ];

    /// <summary>What keeps two nodes from adding up one experiment at once.</summary>
    public static string LockName(Guid id) => $"experiment {id}";
}
