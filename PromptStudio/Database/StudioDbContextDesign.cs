using Microsoft.EntityFrameworkCore.Design;

namespace PromptStudio.Database;

/// <summary>Makes a context where there is no server: for <c>dotnet ef</c>, and to print the migrations as a script.</summary>
public sealed class StudioDbContextDesign : IDesignTimeDbContextFactory<StudioDbContext>
{
    public StudioDbContext CreateDbContext(string[] args) => StudioDbContextOptions.Open("Host=localhost");
}
