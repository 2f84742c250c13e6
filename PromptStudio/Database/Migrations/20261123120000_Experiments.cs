using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PromptStudio.Database.Migrations
{
    /// <inheritdoc />
    public partial class Experiments : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "experiment_phase",
                table: "prompt_executions",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "is_random_group",
                table: "prompt_executions",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<int>(
                name: "coverage",
                table: "ab_test_experiments",
                type: "integer",
                nullable: false,
                defaultValue: 10000);

            migrationBuilder.AddColumn<string>(
                name: "decision_method",
                table: "ab_test_experiments",
                type: "character varying(20)",
                maxLength: 20,
                nullable: false,
                defaultValue: "always_valid");

            migrationBuilder.AddColumn<string>(
                name: "guardrail_metrics",
                table: "ab_test_experiments",
                type: "jsonb",
                nullable: false,
                defaultValueSql: "'[]'");

            migrationBuilder.AddColumn<string>(
                name: "inclusion_salt",
                table: "ab_test_experiments",
                type: "character varying(64)",
                maxLength: 64,
                nullable: false,
                defaultValueSql: "gen_random_uuid()::text");

            migrationBuilder.AddColumn<int>(
                name: "phase",
                table: "ab_test_experiments",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "planned_end",
                table: "ab_test_experiments",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "prompt_name",
                table: "ab_test_experiments",
                type: "character varying(255)",
                maxLength: 255,
                nullable: true);

            migrationBuilder.Sql(
                """
                UPDATE ab_test_experiments SET prompt_name = (SELECT name FROM prompt_templates WHERE id = control_template_id);
                ALTER TABLE ab_test_experiments ALTER COLUMN prompt_name SET NOT NULL;
                """);

            migrationBuilder.AddColumn<int>(
                name: "revision",
                table: "ab_test_experiments",
                type: "integer",
                nullable: false,
                defaultValue: 1);

            migrationBuilder.AddColumn<string[]>(
                name: "secondary_metrics",
                table: "ab_test_experiments",
                type: "text[]",
                nullable: false,
                defaultValueSql: "'{}'");

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "updated_at",
                table: "ab_test_experiments",
                type: "timestamp with time zone",
                nullable: false,
                defaultValueSql: "now()");

            migrationBuilder.AddColumn<string>(
                name: "updated_by",
                table: "ab_test_experiments",
                type: "character varying(255)",
                maxLength: 255,
                nullable: true);

            migrationBuilder.CreateTable(
                name: "experiment_decisions",
                columns: table => new
                {
                    experiment_id = table.Column<Guid>(type: "uuid", nullable: false),
                    winner_template_id = table.Column<Guid>(type: "uuid", nullable: false),
                    winner_group = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: false),
                    declared_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    declared_by = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true),
                    override_reason = table.Column<string>(type: "text", nullable: true),
                    phase = table.Column<int>(type: "integer", nullable: false),
                    engine_version = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: false),
                    settings = table.Column<string>(type: "jsonb", nullable: false),
                    sums = table.Column<string>(type: "jsonb", nullable: false),
                    figures = table.Column<string>(type: "jsonb", nullable: false),
                    hash = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_experiment_decisions", x => x.experiment_id);
                    table.ForeignKey(
                        name: "fk_experiment_decisions_ab_test_experiments_experiment_id",
                        column: x => x.experiment_id,
                        principalTable: "ab_test_experiments",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_experiment_decisions_prompt_templates_winner_template_id",
                        column: x => x.winner_template_id,
                        principalTable: "prompt_templates",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "experiment_jobs",
                columns: table => new
                {
                    experiment_id = table.Column<Guid>(type: "uuid", nullable: false),
                    succeeded_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    failed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    failures = table.Column<int>(type: "integer", nullable: false, defaultValue: 0),
                    failure = table.Column<string>(type: "text", nullable: true),
                    retry_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_experiment_jobs", x => x.experiment_id);
                    table.ForeignKey(
                        name: "fk_experiment_jobs_ab_test_experiments_experiment_id",
                        column: x => x.experiment_id,
                        principalTable: "ab_test_experiments",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "experiment_phases",
                columns: table => new
                {
                    experiment_id = table.Column<Guid>(type: "uuid", nullable: false),
                    number = table.Column<int>(type: "integer", nullable: false),
                    traffic_allocation = table.Column<string>(type: "jsonb", nullable: false),
                    split_salt = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    started_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    ended_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    crossovers = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    without_user = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_experiment_phases", x => new { x.experiment_id, x.number });
                    table.ForeignKey(
                        name: "fk_experiment_phases_ab_test_experiments_experiment_id",
                        column: x => x.experiment_id,
                        principalTable: "ab_test_experiments",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "experiment_snapshots",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    experiment_id = table.Column<Guid>(type: "uuid", nullable: false),
                    phase = table.Column<int>(type: "integer", nullable: false),
                    taken_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    engine_version = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: false),
                    settings = table.Column<string>(type: "jsonb", nullable: false),
                    sums = table.Column<string>(type: "jsonb", nullable: false),
                    figures = table.Column<string>(type: "jsonb", nullable: false),
                    hash = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_experiment_snapshots", x => x.id);
                    table.ForeignKey(
                        name: "fk_experiment_snapshots_ab_test_experiments_experiment_id",
                        column: x => x.experiment_id,
                        principalTable: "ab_test_experiments",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "ix_ab_test_experiments_running",
                table: "ab_test_experiments",
                column: "prompt_name",
                unique: true,
                filter: "status = 'running'");

            migrationBuilder.AddCheckConstraint(
                name: "ck_ab_test_experiments_coverage",
                table: "ab_test_experiments",
                sql: "coverage BETWEEN 0 AND 10000");

            migrationBuilder.AddCheckConstraint(
                name: "ck_ab_test_experiments_decision_method",
                table: "ab_test_experiments",
                sql: "decision_method IN ('always_valid', 'fixed_horizon', 'bayesian')");

            migrationBuilder.CreateIndex(
                name: "ix_experiment_decisions_winner_template_id",
                table: "experiment_decisions",
                column: "winner_template_id");

            migrationBuilder.CreateIndex(
                name: "ix_experiment_snapshots_experiment_id_phase_id",
                table: "experiment_snapshots",
                columns: new[] { "experiment_id", "phase", "id" });

            migrationBuilder.AddForeignKey(
                name: "fk_ab_test_experiments_prompts_prompt_name",
                table: "ab_test_experiments",
                column: "prompt_name",
                principalTable: "prompts",
                principalColumn: "name",
                // A rename takes the experiments along.
                onUpdate: ReferentialAction.Cascade,
                onDelete: ReferentialAction.Restrict);

            // What only jobs work on, in SQL of their own.
            migrationBuilder.Sql(
                """
                CREATE TABLE experiment_units (
                    experiment_id uuid NOT NULL,
                    phase integer NOT NULL,
                    user_id character varying(255) NOT NULL,
                    -- null: the user was seen in two groups, and counts in none
                    group_name character varying(50),
                    first_at timestamp with time zone NOT NULL,
                    executions bigint NOT NULL,
                    outcomes bigint NOT NULL,
                    failures bigint NOT NULL,
                    success_count bigint NOT NULL,
                    success_sum bigint NOT NULL,
                    conversion_sum numeric NOT NULL,
                    time_count bigint NOT NULL,
                    time_sum bigint NOT NULL,
                    token_count bigint NOT NULL,
                    token_sum bigint NOT NULL,
                    safety_count bigint NOT NULL,
                    safety_sum numeric NOT NULL,
                    CONSTRAINT pk_experiment_units PRIMARY KEY (experiment_id, phase, user_id)
                ) WITH (fillfactor = 80);

                CREATE TABLE experiment_sums (
                    experiment_id uuid NOT NULL,
                    phase integer NOT NULL,
                    group_name character varying(50) NOT NULL,
                    metric character varying(100) NOT NULL,
                    users bigint NOT NULL,
                    value_sum numeric NOT NULL,
                    weight_sum numeric NOT NULL,
                    value_squares numeric NOT NULL,
                    weight_squares numeric NOT NULL,
                    products numeric NOT NULL,
                    CONSTRAINT pk_experiment_sums PRIMARY KEY (experiment_id, phase, group_name, metric)
                );

                CREATE TABLE experiment_events (
                    experiment_id uuid NOT NULL,
                    execution_id uuid NOT NULL,
                    is_outcome boolean NOT NULL,
                    created_at timestamp with time zone NOT NULL,
                    CONSTRAINT pk_experiment_events PRIMARY KEY (experiment_id, execution_id, is_outcome)
                ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);

                CREATE FUNCTION note_experiment_event() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF TG_OP = 'INSERT' THEN
                        INSERT INTO experiment_events (experiment_id, execution_id, is_outcome, created_at)
                        VALUES (NEW.experiment_id, NEW.id, false, NEW.created_at);
                    END IF;
                    IF NEW.outcome_at IS NOT NULL THEN
                        INSERT INTO experiment_events (experiment_id, execution_id, is_outcome, created_at)
                        VALUES (NEW.experiment_id, NEW.id, true, NEW.created_at);
                    END IF;
                    RETURN NULL;
                END $$;

                CREATE TRIGGER note_experiment_execution AFTER INSERT ON prompt_executions
                FOR EACH ROW WHEN (NEW.experiment_id IS NOT NULL) EXECUTE FUNCTION note_experiment_event();

                CREATE TRIGGER note_experiment_outcome AFTER UPDATE OF outcome_at ON prompt_executions
                FOR EACH ROW WHEN (NEW.experiment_id IS NOT NULL AND OLD.outcome_at IS NULL AND NEW.outcome_at IS NOT NULL) EXECUTE FUNCTION note_experiment_event();

                CREATE FUNCTION tell_experiments_changed() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    NOTIFY ab_test_experiments;
                    RETURN NULL;
                END $$;

                CREATE TRIGGER tell_experiments_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON ab_test_experiments
                FOR EACH STATEMENT EXECUTE FUNCTION tell_experiments_changed();

                CREATE FUNCTION tell_experiment_snapshot() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    PERFORM pg_notify('experiment_snapshots', NEW.experiment_id::text);
                    RETURN NULL;
                END $$;

                CREATE TRIGGER tell_experiment_snapshot AFTER INSERT ON experiment_snapshots
                FOR EACH ROW EXECUTE FUNCTION tell_experiment_snapshot();

                CREATE FUNCTION refuse_decision_change() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    RAISE EXCEPTION 'a decision is written once' USING ERRCODE = 'insufficient_privilege';
                END $$;

                CREATE TRIGGER refuse_decision_change BEFORE UPDATE OR DELETE ON experiment_decisions
                FOR EACH ROW EXECUTE FUNCTION refuse_decision_change();

                CREATE TRIGGER refuse_decision_truncate BEFORE TRUNCATE ON experiment_decisions
                FOR EACH STATEMENT EXECUTE FUNCTION refuse_decision_change();

                CREATE TABLE prompt_usage (
                    prompt_template_id uuid NOT NULL,
                    slice timestamp with time zone NOT NULL,
                    executions bigint NOT NULL,
                    success_count bigint NOT NULL,
                    success_sum bigint NOT NULL,
                    time_count bigint NOT NULL,
                    time_sum bigint NOT NULL,
                    CONSTRAINT pk_prompt_usage PRIMARY KEY (slice, prompt_template_id)
                );

                CREATE TABLE prompt_usage_totals (
                    prompt_template_id uuid NOT NULL,
                    executions bigint NOT NULL,
                    success_count bigint NOT NULL,
                    success_sum bigint NOT NULL,
                    time_count bigint NOT NULL,
                    time_sum bigint NOT NULL,
                    CONSTRAINT pk_prompt_usage_totals PRIMARY KEY (prompt_template_id)
                );

                CREATE TABLE prompt_usage_watermark (
                    id boolean NOT NULL DEFAULT true CHECK (id),
                    looked_at timestamp with time zone NOT NULL,
                    CONSTRAINT pk_prompt_usage_watermark PRIMARY KEY (id)
                );

                CREATE INDEX ix_prompt_executions_outcome_at ON prompt_executions USING brin (outcome_at);
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(
                """
                DROP INDEX ix_prompt_executions_outcome_at;
                DROP TABLE prompt_usage_watermark, prompt_usage_totals, prompt_usage, experiment_events, experiment_sums, experiment_units;
                DROP TRIGGER refuse_decision_truncate ON experiment_decisions;
                DROP TRIGGER refuse_decision_change ON experiment_decisions;
                DROP TRIGGER tell_experiment_snapshot ON experiment_snapshots;
                DROP TRIGGER tell_experiments_changed ON ab_test_experiments;
                DROP TRIGGER note_experiment_outcome ON prompt_executions;
                DROP TRIGGER note_experiment_execution ON prompt_executions;
                DROP FUNCTION refuse_decision_change, tell_experiment_snapshot, tell_experiments_changed, note_experiment_event;
                """);

            migrationBuilder.DropForeignKey(
                name: "fk_ab_test_experiments_prompts_prompt_name",
                table: "ab_test_experiments");

            migrationBuilder.DropTable(
                name: "experiment_decisions");

            migrationBuilder.DropTable(
                name: "experiment_jobs");

            migrationBuilder.DropTable(
                name: "experiment_phases");

            migrationBuilder.DropTable(
                name: "experiment_snapshots");

            migrationBuilder.DropIndex(
                name: "ix_ab_test_experiments_running",
                table: "ab_test_experiments");

            migrationBuilder.DropCheckConstraint(
                name: "ck_ab_test_experiments_coverage",
                table: "ab_test_experiments");

            migrationBuilder.DropCheckConstraint(
                name: "ck_ab_test_experiments_decision_method",
                table: "ab_test_experiments");

            migrationBuilder.DropColumn(
                name: "experiment_phase",
                table: "prompt_executions");

            migrationBuilder.DropColumn(
                name: "is_random_group",
                table: "prompt_executions");

            migrationBuilder.DropColumn(
                name: "coverage",
                table: "ab_test_experiments");

            migrationBuilder.DropColumn(
                name: "decision_method",
                table: "ab_test_experiments");

            migrationBuilder.DropColumn(
                name: "guardrail_metrics",
                table: "ab_test_experiments");

            migrationBuilder.DropColumn(
                name: "inclusion_salt",
                table: "ab_test_experiments");

            migrationBuilder.DropColumn(
                name: "phase",
                table: "ab_test_experiments");

            migrationBuilder.DropColumn(
                name: "planned_end",
                table: "ab_test_experiments");

            migrationBuilder.DropColumn(
                name: "prompt_name",
                table: "ab_test_experiments");

            migrationBuilder.DropColumn(
                name: "revision",
                table: "ab_test_experiments");

            migrationBuilder.DropColumn(
                name: "secondary_metrics",
                table: "ab_test_experiments");

            migrationBuilder.DropColumn(
                name: "updated_at",
                table: "ab_test_experiments");

            migrationBuilder.DropColumn(
                name: "updated_by",
                table: "ab_test_experiments");
        }
    }
}
