using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PromptStudio.Database.Migrations
{
    /// <inheritdoc />
    public partial class ExecutionStorage : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "store_rendered_prompt",
                table: "prompt_templates",
                type: "character varying(20)",
                maxLength: 20,
                nullable: false,
                defaultValue: "full");

            migrationBuilder.AddColumn<bool>(
                name: "is_fallback",
                table: "prompt_executions",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "stored_as",
                table: "prompt_executions",
                type: "character varying(20)",
                maxLength: 20,
                nullable: false,
                defaultValue: "full");

            migrationBuilder.AddCheckConstraint(
                name: "ck_prompt_templates_store_rendered_prompt",
                table: "prompt_templates",
                sql: "store_rendered_prompt IN ('full', 'redacted', 'hash', 'none')");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropCheckConstraint(
                name: "ck_prompt_templates_store_rendered_prompt",
                table: "prompt_templates");

            migrationBuilder.DropColumn(
                name: "store_rendered_prompt",
                table: "prompt_templates");

            migrationBuilder.DropColumn(
                name: "is_fallback",
                table: "prompt_executions");

            migrationBuilder.DropColumn(
                name: "stored_as",
                table: "prompt_executions");
        }
    }
}
