using System.Diagnostics;
using System.Net;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Host;

/// <summary>The app's own start: its configuration, and its commands.</summary>
[Trait(Tier.Name, Tier.Host)]
public sealed class StartTests(PostgresServer server)
{
    [Fact]
    public async Task Start_WithAConfiguredServer_EmbedsNothing()
    {
        using var folder = new TemporaryFolder();
        await using var app = await StudioProcess.Start(folder.Sub("data"), $"--ConnectionStrings:Studio={await server.CreateDatabaseAsync(withSchema: false)}").ReadyAsync();

        Assert.Equal(HttpStatusCode.OK, (await app.RenderAsync()).StatusCode);
        Assert.False(Directory.Exists(folder.Sub("data")));
    }

    [Fact]
    public async Task Start_WithSeveralErrorsInTheConfiguration_TellsAllAtOnce()
    {
        await using var app = StudioProcess.Start(null, "--Bootstrap:ApiKey=short", "--Bootstrap:AdminEmail=ada@example.com", "--Database:StartTimeout=soon", "--Database:Embedded:Fsync=maybe", "--Database:Embeded:Fsync=true");

        var error = await app.EndAsync();

        Assert.Equal(1, app.ExitCode);
        Assert.Contains("Bootstrap:ApiKey", error, StringComparison.Ordinal);
        Assert.Contains("Bootstrap:AdminPassword", error, StringComparison.Ordinal);
        Assert.Contains("Database:StartTimeout", error, StringComparison.Ordinal);
        Assert.Contains("Database:Embedded:Fsync must be true or false", error, StringComparison.Ordinal);
        Assert.Contains("Database:Embeded is not a setting", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host=127.0.0.1;Port=1;Username=nobody;Database=x", "127.0.0.1:1")]
    [InlineData("Database=x", "is no PostgreSQL connection string")]
    [InlineData("Host=h;Minimum Pool Size=9;Maximum Pool Size=2", "is no PostgreSQL connection string")]
    [InlineData("postgres://not-npgsql's-form", "is no PostgreSQL connection string")]
    public async Task Start_WithAServerThatIsNotThere_SaysSo(string connectionString, string expected)
    {
        await using var app = StudioProcess.Start(null, $"--ConnectionStrings:Studio={connectionString}", "--Database:StartTimeout=00:00:01");

        var error = await app.EndAsync();

        Assert.Equal(1, app.ExitCode);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error);
    }

    [Theory]
    [InlineData("--urls=nonsense")]
    [InlineData("--urls=http://127.0.0.1:99999")]
    [InlineData("--urls=http://192.0.2.1:5907")]
    [InlineData("--urls=https://127.0.0.1:0")]
    [InlineData("--Logging:LogLevel:Default=Loud")]
    public async Task Start_WithASettingOfTheFrameworkThatIsWrong_IsOneLine(string setting)
    {
        await using var app = StudioProcess.Start(null, $"--ConnectionStrings:Studio={await server.CreateDatabaseAsync()}", setting);

        var error = await app.EndAsync();

        Assert.Equal(1, app.ExitCode);
        Assert.StartsWith("Prompt Studio cannot start.", error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error);
        Assert.DoesNotContain(" crit: ", app.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_WithADrain_EndsByItself()
    {
        await using var app = await StudioProcess.Start(null, $"--ConnectionStrings:Studio={await server.CreateDatabaseAsync()}", "--Shutdown:DrainSeconds=1").ReadyAsync();

        await app.StopAsync();

        Assert.Equal(0, app.ExitCode);
        Assert.Contains("Told to stop: /health/ready says 503, and the app serves on for 1 seconds", app.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_NeverPrintsAPassword()
    {
        await using var app = await StudioProcess.Start(null, $"--ConnectionStrings:Studio={await server.CreateDatabaseAsync()};Persist Security Info=true;SSL Password=sesame").ReadyAsync();

        Assert.Contains("Database ready", app.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("assword", app.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("sesame", app.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Migrate_Script_PrintsSqlThatMakesTheSchema()
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [StudioOutput.Program, "migrate", "--script"]) { RedirectStandardOutput = true })!;
        var script = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);

        await using var database = Npgsql.NpgsqlDataSource.Create(await server.CreateDatabaseAsync(withSchema: false));
        // Twice: the script can be run again.
        for (var run = 0; run < 2; run++)
        {
#pragma warning disable CA2100 // The script is the app's own.
            await using var command = database.CreateCommand(script);
#pragma warning restore CA2100
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }
        await using var count = database.CreateCommand("SELECT count(*) FROM prompt_templates WHERE is_active");
        Assert.Equal(2L, await count.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }
}
