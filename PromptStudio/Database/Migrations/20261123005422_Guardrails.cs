using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PromptStudio.Database.Migrations
{
    /// <inheritdoc />
    public partial class Guardrails : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "allow_list",
                table: "prompt_guardrails",
                type: "jsonb",
                nullable: true);

            migrationBuilder.AddColumn<double>(
                name: "enforcement_percentage",
                table: "prompt_guardrails",
                type: "double precision",
                nullable: false,
                defaultValue: 100.0);

            migrationBuilder.AddColumn<string>(
                name: "message",
                table: "prompt_guardrails",
                type: "character varying(500)",
                maxLength: 500,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "on_error",
                table: "prompt_guardrails",
                type: "character varying(10)",
                maxLength: 10,
                nullable: false,
                defaultValue: "allow");

            migrationBuilder.AddColumn<bool>(
                name: "redact",
                table: "prompt_guardrails",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<int>(
                name: "revision",
                table: "prompt_guardrails",
                type: "integer",
                nullable: false,
                defaultValue: 1);

            migrationBuilder.AddColumn<string>(
                name: "scope",
                table: "prompt_guardrails",
                type: "character varying(20)",
                maxLength: 20,
                nullable: false,
                defaultValue: "rendered_prompt");

            migrationBuilder.AddColumn<string>(
                name: "secret_protected",
                table: "prompt_guardrails",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "updated_by",
                table: "prompt_guardrails",
                type: "character varying(255)",
                maxLength: 255,
                nullable: true);

            migrationBuilder.AddColumn<string[]>(
                name: "variables",
                table: "prompt_guardrails",
                type: "text[]",
                nullable: false,
                defaultValueSql: "'{}'");

            migrationBuilder.AddColumn<bool>(
                name: "is_redacted",
                table: "prompt_executions",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            // Partitioned by month as the executions are, which EF Core cannot say.
            migrationBuilder.Sql(
                """
                CREATE TABLE guardrail_violations (
                    id uuid NOT NULL,
                    created_at timestamp with time zone NOT NULL,
                    execution_id uuid NOT NULL,
                    guardrail_id uuid NOT NULL,
                    name character varying(255) NOT NULL,
                    rule_type character varying(50) NOT NULL,
                    enforcement_level character varying(50) NOT NULL,
                    outcome character varying(20) NOT NULL,
                    scope character varying(20) NOT NULL,
                    variable character varying(255),
                    prompt_name character varying(255) NOT NULL,
                    template_id uuid NOT NULL,
                    hits integer NOT NULL,
                    message text NOT NULL,
                    entity character varying(100),
                    start integer,
                    "end" integer,
                    false_positive boolean,
                    marked_by character varying(255),
                    marked_at timestamp with time zone,
                    CONSTRAINT pk_guardrail_violations PRIMARY KEY (id, created_at),
                    CONSTRAINT ck_guardrail_violations_outcome CHECK (outcome IN ('blocked', 'would_block', 'warned', 'logged', 'error')),
                    CONSTRAINT ck_guardrail_violations_scope CHECK (scope IN ('rendered_prompt', 'variables', 'response'))
                ) PARTITION BY RANGE (created_at);
                """);

            migrationBuilder.AddCheckConstraint(
                name: "ck_prompt_guardrails_enforcement_percentage",
                table: "prompt_guardrails",
                sql: "enforcement_percentage BETWEEN 0 AND 100");

            migrationBuilder.AddCheckConstraint(
                name: "ck_prompt_guardrails_on_error",
                table: "prompt_guardrails",
                sql: "on_error IN ('allow', 'block')");

            migrationBuilder.AddCheckConstraint(
                name: "ck_prompt_guardrails_scope",
                table: "prompt_guardrails",
                sql: "scope IN ('rendered_prompt', 'variables', 'response')");

            migrationBuilder.CreateIndex(
                name: "ix_guardrail_violations_created_at",
                table: "guardrail_violations",
                column: "created_at")
                .Annotation("Npgsql:IndexMethod", "brin");

            migrationBuilder.CreateIndex(
                name: "ix_guardrail_violations_execution_id",
                table: "guardrail_violations",
                column: "execution_id");

            migrationBuilder.CreateIndex(
                name: "ix_guardrail_violations_guardrail_id_id",
                table: "guardrail_violations",
                columns: new[] { "guardrail_id", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_guardrail_violations_prompt_name_id",
                table: "guardrail_violations",
                columns: new[] { "prompt_name", "id" });

            // Whoever changes a guardrail, each node hears of it once it is committed.
            migrationBuilder.Sql(
                """
                CREATE FUNCTION tell_guardrails_changed() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    NOTIFY prompt_guardrails;
                    RETURN NULL;
                END $$;

                CREATE TRIGGER tell_guardrails_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON prompt_guardrails
                FOR EACH STATEMENT EXECUTE FUNCTION tell_guardrails_changed();
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(
                """
                DROP TRIGGER tell_guardrails_changed ON prompt_guardrails;
                DROP FUNCTION tell_guardrails_changed;
                """);

            migrationBuilder.DropTable(
                name: "guardrail_violations");

            migrationBuilder.DropCheckConstraint(
                name: "ck_prompt_guardrails_enforcement_percentage",
                table: "prompt_guardrails");

            migrationBuilder.DropCheckConstraint(
                name: "ck_prompt_guardrails_on_error",
                table: "prompt_guardrails");

            migrationBuilder.DropCheckConstraint(
                name: "ck_prompt_guardrails_scope",
                table: "prompt_guardrails");

            migrationBuilder.DropColumn(
                name: "allow_list",
                table: "prompt_guardrails");

            migrationBuilder.DropColumn(
                name: "enforcement_percentage",
                table: "prompt_guardrails");

            migrationBuilder.DropColumn(
                name: "message",
                table: "prompt_guardrails");

            migrationBuilder.DropColumn(
                name: "on_error",
                table: "prompt_guardrails");

            migrationBuilder.DropColumn(
                name: "redact",
                table: "prompt_guardrails");

            migrationBuilder.DropColumn(
                name: "revision",
                table: "prompt_guardrails");

            migrationBuilder.DropColumn(
                name: "scope",
                table: "prompt_guardrails");

            migrationBuilder.DropColumn(
                name: "secret_protected",
                table: "prompt_guardrails");

            migrationBuilder.DropColumn(
                name: "updated_by",
                table: "prompt_guardrails");

            migrationBuilder.DropColumn(
                name: "variables",
                table: "prompt_guardrails");

            migrationBuilder.DropColumn(
                name: "is_redacted",
                table: "prompt_executions");
        }
    }
}
