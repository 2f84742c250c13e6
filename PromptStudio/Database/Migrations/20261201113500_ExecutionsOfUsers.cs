using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PromptStudio.Database.Migrations
{
    /// <inheritdoc />
    public partial class ExecutionsOfUsers : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "ix_prompt_executions_user_id_id",
                table: "prompt_executions",
                columns: new[] { "user_id", "id" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_prompt_executions_user_id_id",
                table: "prompt_executions");
        }
    }
}
