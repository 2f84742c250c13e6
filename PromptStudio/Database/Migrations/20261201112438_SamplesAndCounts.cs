using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PromptStudio.Database.Migrations
{
    /// <inheritdoc />
    public partial class SamplesAndCounts : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "execution_count_mark",
                columns: table => new
                {
                    id = table.Column<short>(type: "smallint", nullable: false),
                    counted_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_execution_count_mark", x => x.id);
                    table.CheckConstraint("ck_execution_count_mark_one", "id = 1");
                });

            migrationBuilder.CreateTable(
                name: "execution_days",
                columns: table => new
                {
                    day = table.Column<DateOnly>(type: "date", nullable: false),
                    template_id = table.Column<Guid>(type: "uuid", nullable: false),
                    executions = table.Column<int>(type: "integer", nullable: false),
                    failed = table.Column<int>(type: "integer", nullable: false),
                    blocked = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_execution_days", x => new { x.day, x.template_id });
                });

            migrationBuilder.CreateTable(
                name: "prompt_samples",
                columns: table => new
                {
                    prompt_name = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false),
                    name = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    variables = table.Column<string>(type: "jsonb", nullable: false),
                    updated_by = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_prompt_samples", x => new { x.prompt_name, x.name });
                    table.ForeignKey(
                        name: "fk_prompt_samples_prompts_prompt_name",
                        column: x => x.prompt_name,
                        principalTable: "prompts",
                        principalColumn: "name",
                        // A rename takes the samples along.
                        onUpdate: ReferentialAction.Cascade,
                        onDelete: ReferentialAction.Restrict);
                });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "execution_count_mark");

            migrationBuilder.DropTable(
                name: "execution_days");

            migrationBuilder.DropTable(
                name: "prompt_samples");
        }
    }
}
