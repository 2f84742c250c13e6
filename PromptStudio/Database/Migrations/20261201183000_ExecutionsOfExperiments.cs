using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PromptStudio.Database.Migrations
{
    /// <inheritdoc />
    public partial class ExecutionsOfExperiments : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "ix_prompt_executions_experiment_id_id",
                table: "prompt_executions",
                columns: new[] { "experiment_id", "id" },
                filter: "experiment_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_prompt_executions_status_id",
                table: "prompt_executions",
                columns: new[] { "status", "id" },
                filter: "status <> 'success'");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_prompt_executions_experiment_id_id",
                table: "prompt_executions");

            migrationBuilder.DropIndex(
                name: "ix_prompt_executions_status_id",
                table: "prompt_executions");
        }
    }
}
