using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace PromptStudio.Database.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "api_keys",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false),
                    prefix = table.Column<string>(type: "character varying(8)", maxLength: 8, nullable: false),
                    key_hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    scopes = table.Column<string[]>(type: "text[]", nullable: false),
                    created_by = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()"),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    revoked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_api_keys", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "data_protection_keys",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    friendly_name = table.Column<string>(type: "text", nullable: true),
                    xml = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_data_protection_keys", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "execution_requests",
                columns: table => new
                {
                    request_id = table.Column<Guid>(type: "uuid", nullable: false),
                    execution_id = table.Column<Guid>(type: "uuid", nullable: false),
                    request_hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_execution_requests", x => x.request_id);
                });

            // Partitioned, which the builder cannot say. The app makes the months: ExecutionPartitions.
            migrationBuilder.Sql(
                """
                CREATE TABLE prompt_executions (
                    id uuid NOT NULL,
                    created_at timestamp with time zone NOT NULL,
                    prompt_template_id uuid NOT NULL,
                    variables jsonb NOT NULL,
                    rendered_prompt text NOT NULL,
                    render_time_us integer NOT NULL DEFAULT 0,
                    model_name character varying(100),
                    response_text text,
                    response_tokens integer,
                    execution_time_ms integer,
                    status character varying(50) NOT NULL,
                    error_message text,
                    experiment_id uuid,
                    ab_test_group character varying(50),
                    success boolean,
                    conversion_metric double precision,
                    guardrail_violations jsonb,
                    safety_score double precision,
                    request_id uuid,
                    user_id character varying(255),
                    outcome_at timestamp with time zone,
                    outcome_hash bytea,
                    CONSTRAINT pk_prompt_executions PRIMARY KEY (id, created_at),
                    CONSTRAINT ck_prompt_executions_status CHECK (status IN ('success', 'error', 'timeout', 'blocked')),
                    CONSTRAINT ck_prompt_executions_safety_score CHECK (safety_score BETWEEN 0 AND 1)
                ) PARTITION BY RANGE (created_at);
                """);

            migrationBuilder.CreateTable(
                name: "prompt_guardrails",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false),
                    description = table.Column<string>(type: "text", nullable: true),
                    rule_type = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: false),
                    rule_config = table.Column<string>(type: "jsonb", nullable: false),
                    enforcement_level = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: false),
                    applies_to = table.Column<string[]>(type: "varchar(255)[]", nullable: true),
                    is_active = table.Column<bool>(type: "boolean", nullable: false, defaultValue: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()"),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_prompt_guardrails", x => x.id);
                    table.CheckConstraint("ck_prompt_guardrails_enforcement_level", "enforcement_level IN ('blocking', 'warning', 'logging')");
                });

            migrationBuilder.CreateTable(
                name: "prompt_templates",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false),
                    description = table.Column<string>(type: "text", nullable: true),
                    category = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    template_text = table.Column<string>(type: "text", nullable: false),
                    template_format = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false, defaultValue: "jinja2"),
                    template_variables = table.Column<string>(type: "jsonb", nullable: true),
                    version = table.Column<int>(type: "integer", nullable: false, defaultValue: 1),
                    is_active = table.Column<bool>(type: "boolean", nullable: false, defaultValue: false),
                    parent_version_id = table.Column<Guid>(type: "uuid", nullable: true),
                    ab_test_group = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true),
                    traffic_percentage = table.Column<int>(type: "integer", nullable: true),
                    avg_response_time_ms = table.Column<double>(type: "double precision", nullable: true),
                    success_rate = table.Column<double>(type: "double precision", nullable: true),
                    total_invocations = table.Column<int>(type: "integer", nullable: false, defaultValue: 0),
                    created_by = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()"),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()"),
                    activated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    deactivated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_prompt_templates", x => x.id);
                    table.CheckConstraint("ck_prompt_templates_success_rate", "success_rate BETWEEN 0 AND 1");
                    table.CheckConstraint("ck_prompt_templates_template_format", "template_format IN ('jinja2', 'scriban')");
                    table.CheckConstraint("ck_prompt_templates_traffic_percentage", "traffic_percentage BETWEEN 0 AND 100");
                    table.CheckConstraint("ck_prompt_templates_version", "version >= 1");
                    table.ForeignKey(
                        name: "fk_prompt_templates_prompt_templates_parent_version_id",
                        column: x => x.parent_version_id,
                        principalTable: "prompt_templates",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "roles",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: true),
                    normalized_name = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: true),
                    concurrency_stamp = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_roles", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "users",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()"),
                    user_name = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: true),
                    normalized_user_name = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: true),
                    email = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: true),
                    normalized_email = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: true),
                    email_confirmed = table.Column<bool>(type: "boolean", nullable: false),
                    password_hash = table.Column<string>(type: "text", nullable: true),
                    security_stamp = table.Column<string>(type: "text", nullable: true),
                    concurrency_stamp = table.Column<string>(type: "text", nullable: true),
                    phone_number = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: true),
                    phone_number_confirmed = table.Column<bool>(type: "boolean", nullable: false),
                    two_factor_enabled = table.Column<bool>(type: "boolean", nullable: false),
                    lockout_end = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    lockout_enabled = table.Column<bool>(type: "boolean", nullable: false),
                    access_failed_count = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_users", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "ab_test_experiments",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false),
                    description = table.Column<string>(type: "text", nullable: true),
                    control_template_id = table.Column<Guid>(type: "uuid", nullable: false),
                    variant_template_ids = table.Column<Guid[]>(type: "uuid[]", nullable: false),
                    traffic_allocation = table.Column<string>(type: "jsonb", nullable: false),
                    primary_metric = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    minimum_sample_size = table.Column<int>(type: "integer", nullable: false, defaultValue: 1000),
                    significance_threshold = table.Column<double>(type: "double precision", nullable: false, defaultValueSql: "0.05"),
                    status = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: false),
                    winner_template_id = table.Column<Guid>(type: "uuid", nullable: true),
                    started_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    ended_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    created_by = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_ab_test_experiments", x => x.id);
                    table.CheckConstraint("ck_ab_test_experiments_minimum_sample_size", "minimum_sample_size > 0");
                    table.CheckConstraint("ck_ab_test_experiments_significance_threshold", "significance_threshold > 0 AND significance_threshold < 1");
                    table.CheckConstraint("ck_ab_test_experiments_status", "status IN ('draft', 'running', 'paused', 'completed', 'winner_declared')");
                    table.ForeignKey(
                        name: "fk_ab_test_experiments_prompt_templates_control_template_id",
                        column: x => x.control_template_id,
                        principalTable: "prompt_templates",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_ab_test_experiments_prompt_templates_winner_template_id",
                        column: x => x.winner_template_id,
                        principalTable: "prompt_templates",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "prompt_labels",
                columns: table => new
                {
                    prompt_name = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false),
                    label = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: false),
                    template_id = table.Column<Guid>(type: "uuid", nullable: false),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()"),
                    updated_by = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_prompt_labels", x => new { x.prompt_name, x.label });
                    table.ForeignKey(
                        name: "fk_prompt_labels_prompt_templates_template_id",
                        column: x => x.template_id,
                        principalTable: "prompt_templates",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "role_claims",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    role_id = table.Column<Guid>(type: "uuid", nullable: false),
                    claim_type = table.Column<string>(type: "text", nullable: true),
                    claim_value = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_role_claims", x => x.id);
                    table.ForeignKey(
                        name: "fk_role_claims_roles_role_id",
                        column: x => x.role_id,
                        principalTable: "roles",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "user_claims",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    claim_type = table.Column<string>(type: "text", nullable: true),
                    claim_value = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_user_claims", x => x.id);
                    table.ForeignKey(
                        name: "fk_user_claims_users_user_id",
                        column: x => x.user_id,
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "user_logins",
                columns: table => new
                {
                    login_provider = table.Column<string>(type: "character varying(128)", maxLength: 128, nullable: false),
                    provider_key = table.Column<string>(type: "character varying(128)", maxLength: 128, nullable: false),
                    provider_display_name = table.Column<string>(type: "text", nullable: true),
                    user_id = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_user_logins", x => new { x.login_provider, x.provider_key });
                    table.ForeignKey(
                        name: "fk_user_logins_users_user_id",
                        column: x => x.user_id,
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "user_passkeys",
                columns: table => new
                {
                    credential_id = table.Column<byte[]>(type: "bytea", maxLength: 1024, nullable: false),
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    data = table.Column<string>(type: "jsonb", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_user_passkeys", x => x.credential_id);
                    table.ForeignKey(
                        name: "fk_user_passkeys_users_user_id",
                        column: x => x.user_id,
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "user_roles",
                columns: table => new
                {
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    role_id = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_user_roles", x => new { x.user_id, x.role_id });
                    table.ForeignKey(
                        name: "fk_user_roles_roles_role_id",
                        column: x => x.role_id,
                        principalTable: "roles",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "fk_user_roles_users_user_id",
                        column: x => x.user_id,
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "user_tokens",
                columns: table => new
                {
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    login_provider = table.Column<string>(type: "character varying(128)", maxLength: 128, nullable: false),
                    name = table.Column<string>(type: "character varying(128)", maxLength: 128, nullable: false),
                    value = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_user_tokens", x => new { x.user_id, x.login_provider, x.name });
                    table.ForeignKey(
                        name: "fk_user_tokens_users_user_id",
                        column: x => x.user_id,
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_ab_test_experiments_control_template_id",
                table: "ab_test_experiments",
                column: "control_template_id");

            migrationBuilder.CreateIndex(
                name: "ix_ab_test_experiments_name",
                table: "ab_test_experiments",
                column: "name",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_ab_test_experiments_status",
                table: "ab_test_experiments",
                column: "status");

            migrationBuilder.CreateIndex(
                name: "ix_ab_test_experiments_winner_template_id",
                table: "ab_test_experiments",
                column: "winner_template_id");

            migrationBuilder.CreateIndex(
                name: "ix_api_keys_key_hash",
                table: "api_keys",
                column: "key_hash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_api_keys_prefix",
                table: "api_keys",
                column: "prefix");

            migrationBuilder.CreateIndex(
                name: "ix_execution_requests_created_at",
                table: "execution_requests",
                column: "created_at")
                .Annotation("Npgsql:IndexMethod", "brin");

            migrationBuilder.CreateIndex(
                name: "ix_prompt_executions_created_at",
                table: "prompt_executions",
                column: "created_at")
                .Annotation("Npgsql:IndexMethod", "brin");

            migrationBuilder.CreateIndex(
                name: "ix_prompt_executions_prompt_template_id_created_at",
                table: "prompt_executions",
                columns: new[] { "prompt_template_id", "created_at" });

            migrationBuilder.CreateIndex(
                name: "ix_prompt_guardrails_name",
                table: "prompt_guardrails",
                column: "name",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_prompt_labels_template_id",
                table: "prompt_labels",
                column: "template_id");

            migrationBuilder.CreateIndex(
                name: "ix_prompt_templates_ab_test_group",
                table: "prompt_templates",
                column: "ab_test_group",
                filter: "ab_test_group IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_prompt_templates_active",
                table: "prompt_templates",
                column: "name",
                unique: true,
                filter: "is_active");

            migrationBuilder.CreateIndex(
                name: "ix_prompt_templates_name_version",
                table: "prompt_templates",
                columns: new[] { "name", "version" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_prompt_templates_parent_version_id",
                table: "prompt_templates",
                column: "parent_version_id");

            migrationBuilder.CreateIndex(
                name: "ix_role_claims_role_id",
                table: "role_claims",
                column: "role_id");

            migrationBuilder.CreateIndex(
                name: "RoleNameIndex",
                table: "roles",
                column: "normalized_name",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_user_claims_user_id",
                table: "user_claims",
                column: "user_id");

            migrationBuilder.CreateIndex(
                name: "ix_user_logins_user_id",
                table: "user_logins",
                column: "user_id");

            migrationBuilder.CreateIndex(
                name: "ix_user_passkeys_user_id",
                table: "user_passkeys",
                column: "user_id");

            migrationBuilder.CreateIndex(
                name: "ix_user_roles_role_id",
                table: "user_roles",
                column: "role_id");

            migrationBuilder.CreateIndex(
                name: "EmailIndex",
                table: "users",
                column: "normalized_email");

            migrationBuilder.CreateIndex(
                name: "UserNameIndex",
                table: "users",
                column: "normalized_user_name",
                unique: true);

            migrationBuilder.InsertData(
                table: "roles",
                columns: ["id", "name", "normalized_name", "concurrency_stamp"],
                columnTypes: ["uuid", "character varying(256)", "character varying(256)", "text"],
                values: new object[,]
                {
                    { new Guid("01a2008d-7400-7000-8000-000000000001"), "SuperAdmin", "SUPERADMIN", "1" },
                    { new Guid("01a2008d-7400-7000-8000-000000000002"), "Editor", "EDITOR", "1" },
                    { new Guid("01a2008d-7400-7000-8000-000000000003"), "Viewer", "VIEWER", "1" },
                });

            // The two prompts that every studio begins with.
            migrationBuilder.InsertData(
                table: "prompt_templates",
                columns: ["id", "name", "description", "category", "template_text", "template_format", "template_variables", "version", "is_active", "created_by", "activated_at"],
                columnTypes: ["uuid", "character varying(255)", "text", "character varying(100)", "text", "character varying(20)", "jsonb", "integer", "boolean", "character varying(255)", "timestamp with time zone"],
                values: new object[,]
                {
                    {
                        new Guid("01a2008d-7400-7000-8000-000000000011"), "nlu_topic_extraction", "Finds the academic topic of a student's question.", "nlu",
                        "You are an expert educational content analyzer.\n\nStudent Query: {{ query }}\nGrade Level: {{ grade_level }}\n\nExtract the academic topic and determine if clarification is needed.",
                        "jinja2", """{"required": ["query", "grade_level"], "optional": []}""", 1, true, "system_migration", new DateTimeOffset(2026, 11, 22, 0, 0, 0, TimeSpan.Zero)
                    },
                    {
                        new Guid("01a2008d-7400-7000-8000-000000000012"), "clarification_questions", "Asks back when a question is too vague.", "clarification",
                        "Generate 3 clarifying questions for this vague query:\n\nQuery: {{ query }}\nContext: {{ context }}",
                        "jinja2", """{"required": ["query", "context"], "optional": []}""", 1, true, "system_migration", new DateTimeOffset(2026, 11, 22, 0, 0, 0, TimeSpan.Zero)
                    },
                });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "ab_test_experiments");

            migrationBuilder.DropTable(
                name: "api_keys");

            migrationBuilder.DropTable(
                name: "data_protection_keys");

            migrationBuilder.DropTable(
                name: "execution_requests");

            migrationBuilder.DropTable(
                name: "prompt_executions");

            migrationBuilder.DropTable(
                name: "prompt_guardrails");

            migrationBuilder.DropTable(
                name: "prompt_labels");

            migrationBuilder.DropTable(
                name: "role_claims");

            migrationBuilder.DropTable(
                name: "user_claims");

            migrationBuilder.DropTable(
                name: "user_logins");

            migrationBuilder.DropTable(
                name: "user_passkeys");

            migrationBuilder.DropTable(
                name: "user_roles");

            migrationBuilder.DropTable(
                name: "user_tokens");

            migrationBuilder.DropTable(
                name: "prompt_templates");

            migrationBuilder.DropTable(
                name: "roles");

            migrationBuilder.DropTable(
                name: "users");
        }
    }
}
