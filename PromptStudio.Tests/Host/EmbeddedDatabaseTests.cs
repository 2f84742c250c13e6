using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Npgsql;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Host;

/// <summary>The embedded PostgreSQL through the life of the app: start, kill, restart, and everything that can be wrong with its folder.</summary>
[Trait(Tier.Name, Tier.Host)]
public sealed class EmbeddedDatabaseTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Data => _folder.Sub("data");

    private string PostmasterPid => Path.Combine(Data, "postgres", "postmaster.pid");

    [Fact]
    public async Task Execution_AfterKillOfTheApp_IsThereAfterTheNextStart()
    {
        await using var first = await StudioProcess.Start(Data).ReadyAsync();
        var response = await first.RenderAsync("before the kill");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var id = (await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("execution_id").GetGuid();
        await first.KillAsync();

        // The server of the killed app still runs; the next start replaces it.
        await using var second = await StudioProcess.Start(Data).ReadyAsync();

        Assert.Contains("left behind", second.Output, StringComparison.Ordinal);
        await using var database = Open();
        await using var count = database.CreateCommand($"SELECT count(*) FROM prompt_executions WHERE id = '{id}' AND rendered_prompt LIKE '%before the kill%'");
        Assert.Equal(1L, await count.ExecuteScalarAsync(TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.OK, (await second.RenderAsync()).StatusCode);
    }

    [Fact]
    public async Task Stop_OfTheApp_StopsTheServerAndKeepsTheData()
    {
        await using (var app = await StudioProcess.Start(Data).ReadyAsync())
        {
            Assert.Equal(HttpStatusCode.OK, (await app.RenderAsync()).StatusCode);
            await app.StopAsync();
            Assert.Equal(0, app.ExitCode);
        }
        Assert.False(File.Exists(PostmasterPid));

        await using var again = await StudioProcess.Start(Data).ReadyAsync();
        await using var database = Open();
        await using var count = database.CreateCommand("SELECT count(*) FROM prompt_executions");
        Assert.Equal(1L, await count.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Start_OnAFolderInUse_SaysWhoHoldsIt()
    {
        await using var first = await StudioProcess.Start(Data).ReadyAsync();
        await using var second = StudioProcess.Start(Data);

        var error = await second.EndAsync();

        Assert.Equal(1, second.ExitCode);
        Assert.Contains($"in use by another Prompt Studio: process {first.Id},", error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error);
        Assert.Equal(HttpStatusCode.OK, (await first.RenderAsync()).StatusCode);
    }

    [Fact]
    public async Task Start_OnAPortInUse_SaysSoAndStopsTheServer()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        await using var app = StudioProcess.Start(StudioOutput.Program, Data, port);

        var error = await app.EndAsync();

        Assert.Equal(1, app.ExitCode);
        Assert.Contains($"127.0.0.1:{port}", error, StringComparison.Ordinal);
        Assert.Contains("--urls", error, StringComparison.Ordinal);
        Assert.DoesNotContain(" crit: ", app.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error);
        Assert.False(File.Exists(PostmasterPid));
    }

    [Fact]
    public async Task Kill_OfTheServer_IsMendedWithoutARestartOfTheApp()
    {
        await using var app = await StudioProcess.Start(Data).ReadyAsync();
        Assert.Equal(HttpStatusCode.OK, (await app.RenderAsync("one")).StatusCode);
        var server = int.Parse((await File.ReadAllLinesAsync(PostmasterPid, TestContext.Current.CancellationToken))[0], CultureInfo.InvariantCulture);

        Process.GetProcessById(server).Kill();
        var clock = Stopwatch.StartNew();
        HttpStatusCode status;
        do
        {
            await Task.Delay(200, TestContext.Current.CancellationToken);
            var response = await app.RenderAsync("two");
            status = response.StatusCode;
            Assert.True(status is HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable, $"{status}: {await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}\n{app.Output}");
        }
        while (status != HttpStatusCode.OK && clock.Elapsed < TimeSpan.FromMinutes(2));

        Assert.Equal(HttpStatusCode.OK, status);
        await using var database = Open();
        await using var count = database.CreateCommand("SELECT count(*) FROM prompt_executions WHERE rendered_prompt LIKE '%Query: one%'");
        Assert.Equal(1L, await count.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Kill_OfTheServerWithABusyBackend_IsMended()
    {
        await using var app = await StudioProcess.Start(Data).ReadyAsync();
        await using var database = Open();
        await using var busy = await database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var loop = new NpgsqlCommand("DO $$ BEGIN FOR i IN 1..2000000000 LOOP PERFORM 1; END LOOP; END $$", busy) { CommandTimeout = 0 };
        var endless = loop.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        var server = int.Parse((await File.ReadAllLinesAsync(PostmasterPid, TestContext.Current.CancellationToken))[0], CultureInfo.InvariantCulture);

        Process.GetProcessById(server).Kill();

        await Assert.ThrowsAnyAsync<NpgsqlException>(() => endless.WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken));
        await app.ReadyAsync();
        Assert.Equal(HttpStatusCode.OK, (await app.RenderAsync()).StatusCode);
    }

    [Fact]
    public async Task Start_AfterAStepOfTheClock_StillFindsTheServerLeftBehind()
    {
        await using (var killed = await StudioProcess.Start(Data).ReadyAsync())
            await killed.KillAsync();
        var lines = await File.ReadAllLinesAsync(PostmasterPid, TestContext.Current.CancellationToken);
        lines[2] = "1700000000";
        await File.WriteAllLinesAsync(PostmasterPid, lines, TestContext.Current.CancellationToken);

        await using var app = await StudioProcess.Start(Data).ReadyAsync();

        Assert.Contains("left behind", app.Output, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await app.RenderAsync()).StatusCode);
    }

    [Fact]
    public async Task Start_AfterADiskThatWasFullAtThePassword_MakesANewOne()
    {
        Directory.CreateDirectory(Data);
        await File.WriteAllTextAsync(Path.Combine(Data, "studio.lock"), "", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(Data, "password"), "", TestContext.Current.CancellationToken);

        await using var app = await StudioProcess.Start(Data).ReadyAsync();

        Assert.Equal(HttpStatusCode.OK, (await app.RenderAsync()).StatusCode);
    }

    [Fact]
    public async Task Start_NeverWritesThroughALinkInTheServersFolder()
    {
        await using (await StudioProcess.Start(Data).ReadyAsync())
        {
        }
        var target = _folder.Sub("precious");
        await File.WriteAllTextAsync(target, "mine", TestContext.Current.CancellationToken);
        foreach (var bait in new[] { "postgres/postgresql.conf", "run/password" })
        {
            File.Delete(Path.Combine(Data, bait));
            File.CreateSymbolicLink(Path.Combine(Data, bait), target);
        }

        await using var app = await StudioProcess.Start(Data).ReadyAsync();

        Assert.Equal("mine", await File.ReadAllTextAsync(target, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Start_InALongPathWithOddCharacters_Works()
    {
        var data = Path.Combine(_folder.Path, "Ada's data " + new string('x', 60), new string('y', 60));

        await using var app = await StudioProcess.Start(data).ReadyAsync();

        Assert.Equal(HttpStatusCode.OK, (await app.RenderAsync()).StatusCode);
    }

    [Fact]
    public async Task Start_UnderAStrictUmask_Works()
    {
        await using var app = await StudioProcess.Start(Data, "umask 077", []).ReadyAsync();

        Assert.Equal(HttpStatusCode.OK, (await app.RenderAsync()).StatusCode);
    }

    [Fact]
    public async Task Hangup_StopsTheServerToo()
    {
        await using var app = await StudioProcess.Start(Data).ReadyAsync();

        await app.StopAsync("HUP");

        Assert.Equal(0, app.ExitCode);
        Assert.False(File.Exists(PostmasterPid));
    }

    [Fact]
    public async Task Start_AfterTheMachineDied_IgnoresTheNumberOfAnotherProcess()
    {
        await using (await StudioProcess.Start(Data).ReadyAsync())
        {
        }
        // What a power cut leaves: a pid file whose number is some other process by now.
        await File.WriteAllTextAsync(PostmasterPid, $"{Environment.ProcessId}\n{Path.Combine(Data, "postgres")}\n1700000000\n5432\n", TestContext.Current.CancellationToken);

        await using var app = await StudioProcess.Start(Data).ReadyAsync();

        Assert.Equal(HttpStatusCode.OK, (await app.RenderAsync()).StatusCode);
    }

    [Theory]
    [InlineData("Making a PostgreSQL")]
    [InlineData("serves")]
    [InlineData("Database ready")]
    public async Task Stop_WhileTheAppIsStarting_EndsCleanly(string line)
    {
        await using var app = StudioProcess.Start(Data);
        while (!app.Output.Contains(line, StringComparison.Ordinal))
            await Task.Delay(10, TestContext.Current.CancellationToken);

        await app.StopAsync();

        Assert.Equal(0, app.ExitCode);
        Assert.DoesNotContain("Unhandled", app.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(PostmasterPid));
    }

    [Fact]
    public async Task Start_OnAFile_SaysSo()
    {
        await File.WriteAllTextAsync(Data, "not a folder", TestContext.Current.CancellationToken);

        Assert.Contains("is a file, not a folder", await RefusalAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_OnAFolderOfSomethingElse_LeavesItAlone()
    {
        Directory.CreateDirectory(Data);
        await File.WriteAllTextAsync(Path.Combine(Data, "thesis.txt"), "years of work", TestContext.Current.CancellationToken);

        Assert.Contains("is not empty", await RefusalAsync(), StringComparison.Ordinal);
        Assert.Equal(["thesis.txt"], Directory.EnumerateFileSystemEntries(Data).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Start_OnAFolderThatCannotBeMade_SaysSo() =>
        Assert.Contains("cannot be used", await RefusalAsync(dataDirectory: "/proc/no-such-folder/data"), StringComparison.Ordinal);

    [Fact]
    public async Task Start_WithoutBinaries_SaysSo() =>
        Assert.Contains("has no bin/initdb", await RefusalAsync($"--Database:Embedded:Binaries={_folder.Sub("nothing")}"), StringComparison.Ordinal);

    [Fact]
    public async Task Start_OnDataOfAnotherMajorVersion_NamesTheVersions()
    {
        await using (await StudioProcess.Start(Data).ReadyAsync())
        {
        }
        await File.WriteAllTextAsync(Path.Combine(Data, "postgres", "PG_VERSION"), "9\n", TestContext.Current.CancellationToken);

        Assert.Contains("was written by PostgreSQL 9,", await RefusalAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_OnAFullDisk_SaysSoAndLosesNothing()
    {
        Requirement.SkipUnless(await TryRunAsync("mount", "-t", "tmpfs", "-o", "size=150m,mode=755", "tmpfs", _folder.Sub("disk")), "Only root can mount a small disk.");
        try
        {
            var data = Path.Combine(_folder.Sub("disk"), "data");
            var filler = Path.Combine(_folder.Sub("disk"), "filler");
            await FillAsync(filler);
            Assert.Contains("is full", await RefusalAsync(dataDirectory: data), StringComparison.Ordinal);

            File.Delete(filler);
            await using (var app = await StudioProcess.Start(data).ReadyAsync())
                Assert.Equal(HttpStatusCode.OK, (await app.RenderAsync("kept")).StatusCode);
            await FillAsync(filler);
            Assert.Contains("is full", await RefusalAsync(dataDirectory: data), StringComparison.Ordinal);

            File.Delete(filler);
            await using var again = await StudioProcess.Start(data).ReadyAsync();
            await using var database = Open(data);
            await using var count = database.CreateCommand("SELECT count(*) FROM prompt_executions WHERE rendered_prompt LIKE '%kept%'");
            Assert.Equal(1L, await count.ExecuteScalarAsync(TestContext.Current.CancellationToken));
        }
        finally
        {
            Assert.True(await TryRunAsync("umount", _folder.Sub("disk")));
        }
    }

    public void Dispose() => _folder.Dispose();

    private async Task<string> RefusalAsync(string? setting = null, string? dataDirectory = null)
    {
        await using var app = StudioProcess.Start(dataDirectory ?? Data, setting is null ? [] : [setting]);
        var error = await app.EndAsync();
        Assert.Equal(1, app.ExitCode);
        Assert.StartsWith("Prompt Studio cannot start.", error, StringComparison.Ordinal);
        Assert.DoesNotContain(" fail: ", app.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(" crit: ", app.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error);
        return error;
    }

    /// <summary>The app's own database, by the password that it made.</summary>
    private NpgsqlDataSource Open(string? data = null) => NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder
    {
        Host = Path.Combine(data ?? Data, "run"),
        Database = "studio",
        Username = "studio",
        Password = File.ReadAllText(Path.Combine(data ?? Data, "password")),
        Pooling = false,
    });

    private async Task<bool> TryRunAsync(string program, params string[] arguments)
    {
        if (program == "mount")
            Directory.CreateDirectory(_folder.Sub("disk"));
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode == 0;
    }

    private static async Task FillAsync(string file)
    {
        await using var stream = new FileStream(file, FileMode.Create);
        var block = new byte[64 * 1024];
        try
        {
            while (true)
                await stream.WriteAsync(block, TestContext.Current.CancellationToken);
        }
        catch (IOException)
        {
            // Full: what was wanted.
        }
    }
}
