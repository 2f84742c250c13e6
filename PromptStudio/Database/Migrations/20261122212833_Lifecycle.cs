using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PromptStudio.Database.Migrations
{
    /// <inheritdoc />
    public partial class Lifecycle : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "disabled_at",
                table: "users",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "invited_by",
                table: "users",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "last_sign_in_at",
                table: "users",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "approved_at",
                table: "prompt_templates",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "approved_by",
                table: "prompt_templates",
                type: "character varying(255)",
                maxLength: 255,
                nullable: true);

            migrationBuilder.AddColumn<string[]>(
                name: "author_ids",
                table: "prompt_templates",
                type: "text[]",
                nullable: false,
                defaultValueSql: "'{}'");

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "frozen_at",
                table: "prompt_templates",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "message",
                table: "prompt_templates",
                type: "character varying(500)",
                maxLength: 500,
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "revision",
                table: "prompt_templates",
                type: "integer",
                nullable: false,
                defaultValue: 1);

            migrationBuilder.AddColumn<string>(
                name: "updated_by",
                table: "prompt_templates",
                type: "character varying(255)",
                maxLength: 255,
                nullable: true);

            migrationBuilder.AddColumn<string[]>(
                name: "bound_categories",
                table: "api_keys",
                type: "text[]",
                nullable: false,
                defaultValueSql: "'{}'");

            migrationBuilder.AddColumn<string[]>(
                name: "bound_names",
                table: "api_keys",
                type: "text[]",
                nullable: false,
                defaultValueSql: "'{}'");

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "last_used_at",
                table: "api_keys",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "revoked_by",
                table: "api_keys",
                type: "character varying(255)",
                maxLength: 255,
                nullable: true);

            migrationBuilder.CreateTable(
                name: "audit_checks",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    entries = table.Column<long>(type: "bigint", nullable: false),
                    broken_sequence = table.Column<long>(type: "bigint", nullable: true),
                    reason = table.Column<string>(type: "text", nullable: true),
                    head_hash = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit_checks", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "audit_entries",
                columns: table => new
                {
                    sequence = table.Column<long>(type: "bigint", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    actor_kind = table.Column<string>(type: "text", nullable: false),
                    actor_id = table.Column<string>(type: "text", nullable: true),
                    actor_name = table.Column<string>(type: "text", nullable: false),
                    address = table.Column<string>(type: "text", nullable: true),
                    request_id = table.Column<string>(type: "text", nullable: true),
                    action = table.Column<string>(type: "text", nullable: false),
                    subject_kind = table.Column<string>(type: "text", nullable: false),
                    subject_id = table.Column<string>(type: "text", nullable: true),
                    before = table.Column<string>(type: "json", nullable: true),
                    after = table.Column<string>(type: "json", nullable: true),
                    previous_hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    hash = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit_entries", x => x.sequence);
                });

            migrationBuilder.CreateTable(
                name: "audit_head",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false),
                    sequence = table.Column<long>(type: "bigint", nullable: false),
                    hash = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit_head", x => x.id);
                    table.CheckConstraint("ck_audit_head_single", "id = 1");
                });

            migrationBuilder.CreateTable(
                name: "prompts",
                columns: table => new
                {
                    name = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false),
                    is_protected = table.Column<bool>(type: "boolean", nullable: false, defaultValue: false),
                    requires_approval = table.Column<bool>(type: "boolean", nullable: false, defaultValue: false),
                    archived_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    created_by = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_prompts", x => x.name);
                });

            migrationBuilder.CreateTable(
                name: "protected_labels",
                columns: table => new
                {
                    label = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: false),
                    created_by = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_protected_labels", x => x.label);
                });

            migrationBuilder.Sql(
                """
                INSERT INTO prompts (name, created_by, created_at)
                SELECT DISTINCT ON (name) name, created_by, created_at FROM prompt_templates ORDER BY name, version;

                UPDATE prompt_templates template SET frozen_at = coalesce(activated_at, now())
                WHERE is_active OR activated_at IS NOT NULL
                   OR EXISTS (SELECT FROM prompt_labels label WHERE label.template_id = template.id)
                   OR EXISTS (SELECT FROM prompt_executions execution WHERE execution.prompt_template_id = template.id);

                INSERT INTO audit_head (id, sequence, hash) VALUES (1, 0, decode(repeat('00', 32), 'hex'));
                """);

            migrationBuilder.AddCheckConstraint(
                name: "ck_prompt_templates_frozen",
                table: "prompt_templates",
                sql: "frozen_at IS NOT NULL OR NOT is_active");

            migrationBuilder.CreateIndex(
                name: "ix_audit_checks_at",
                table: "audit_checks",
                column: "at");

            migrationBuilder.CreateIndex(
                name: "ix_audit_entries_action",
                table: "audit_entries",
                column: "action");

            migrationBuilder.CreateIndex(
                name: "ix_audit_entries_actor_id",
                table: "audit_entries",
                column: "actor_id");

            migrationBuilder.CreateIndex(
                name: "ix_audit_entries_at",
                table: "audit_entries",
                column: "at");

            migrationBuilder.CreateIndex(
                name: "ix_audit_entries_subject_kind_subject_id",
                table: "audit_entries",
                columns: new[] { "subject_kind", "subject_id" });

            migrationBuilder.AddForeignKey(
                name: "fk_prompt_labels_prompts_prompt_name",
                table: "prompt_labels",
                column: "prompt_name",
                principalTable: "prompts",
                principalColumn: "name",
                // A rename takes the versions and the labels along.
                onUpdate: ReferentialAction.Cascade,
                onDelete: ReferentialAction.Restrict);

            migrationBuilder.AddForeignKey(
                name: "fk_prompt_templates_prompts_name",
                table: "prompt_templates",
                column: "name",
                principalTable: "prompts",
                principalColumn: "name",
                // A rename takes the versions and the labels along.
                onUpdate: ReferentialAction.Cascade,
                onDelete: ReferentialAction.Restrict);

            // The app's own rules, once more where nobody can go around them.
            migrationBuilder.Sql(
                """
                CREATE FUNCTION refuse_frozen_change() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF OLD.frozen_at IS NOT NULL AND (TG_OP = 'DELETE' OR NEW.frozen_at IS NULL
                        OR (NEW.template_text, NEW.template_format, NEW.template_variables, NEW.version)
                            IS DISTINCT FROM (OLD.template_text, OLD.template_format, OLD.template_variables, OLD.version)) THEN
                        RAISE EXCEPTION 'version % of prompt % is frozen', OLD.version, OLD.name USING ERRCODE = 'restrict_violation';
                    END IF;
                    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
                END $$;

                CREATE TRIGGER refuse_frozen_change BEFORE UPDATE OR DELETE ON prompt_templates
                FOR EACH ROW EXECUTE FUNCTION refuse_frozen_change();

                CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    RAISE EXCEPTION 'the audit log can only be appended to' USING ERRCODE = 'insufficient_privilege';
                END $$;

                CREATE TRIGGER refuse_audit_change BEFORE UPDATE OR DELETE ON audit_entries
                FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();

                CREATE TRIGGER refuse_audit_truncate BEFORE TRUNCATE ON audit_entries
                FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();

                REVOKE UPDATE, DELETE, TRUNCATE ON audit_entries FROM PUBLIC, CURRENT_USER;
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(
                """
                DROP TRIGGER refuse_frozen_change ON prompt_templates;
                DROP FUNCTION refuse_frozen_change;
                """);

            migrationBuilder.DropForeignKey(
                name: "fk_prompt_labels_prompts_prompt_name",
                table: "prompt_labels");

            migrationBuilder.DropForeignKey(
                name: "fk_prompt_templates_prompts_name",
                table: "prompt_templates");

            migrationBuilder.DropTable(
                name: "audit_checks");

            migrationBuilder.DropTable(
                name: "audit_entries");

            migrationBuilder.Sql("DROP FUNCTION refuse_audit_change;");

            migrationBuilder.DropTable(
                name: "audit_head");

            migrationBuilder.DropTable(
                name: "prompts");

            migrationBuilder.DropTable(
                name: "protected_labels");

            migrationBuilder.DropCheckConstraint(
                name: "ck_prompt_templates_frozen",
                table: "prompt_templates");

            migrationBuilder.DropColumn(
                name: "disabled_at",
                table: "users");

            migrationBuilder.DropColumn(
                name: "invited_by",
                table: "users");

            migrationBuilder.DropColumn(
                name: "last_sign_in_at",
                table: "users");

            migrationBuilder.DropColumn(
                name: "approved_at",
                table: "prompt_templates");

            migrationBuilder.DropColumn(
                name: "approved_by",
                table: "prompt_templates");

            migrationBuilder.DropColumn(
                name: "author_ids",
                table: "prompt_templates");

            migrationBuilder.DropColumn(
                name: "frozen_at",
                table: "prompt_templates");

            migrationBuilder.DropColumn(
                name: "message",
                table: "prompt_templates");

            migrationBuilder.DropColumn(
                name: "revision",
                table: "prompt_templates");

            migrationBuilder.DropColumn(
                name: "updated_by",
                table: "prompt_templates");

            migrationBuilder.DropColumn(
                name: "bound_categories",
                table: "api_keys");

            migrationBuilder.DropColumn(
                name: "bound_names",
                table: "api_keys");

            migrationBuilder.DropColumn(
                name: "last_used_at",
                table: "api_keys");

            migrationBuilder.DropColumn(
                name: "revoked_by",
                table: "api_keys");
        }
    }
}
