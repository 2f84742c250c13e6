using System.Net;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Host;

/// <summary>The commands, as an operator types them, beside a studio that runs on its embedded database.</summary>
[Trait(Tier.Name, Tier.Host)]
public sealed class BackupCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Backup_OfARunningStudio_IsRestoredIntoAnEmptyMachine()
    {
        var (data, other, file) = (_folder.Sub("data"), _folder.Sub("other"), _folder.Sub("studio.backup"));
        string[] old = [$"--Database:Embedded:DataDirectory={data}"], @new = [$"--Database:Embedded:DataDirectory={other}"];
        var body = $$$"""{"variables": {"query": "kept", "grade_level": 3}, "request_id": "{{{Guid.CreateVersion7(TimeProvider.System.GetUtcNow())}}}"}""";
        string answer;
        await using (var app = await StudioProcess.Start(data).ReadyAsync())
        {
            answer = await RenderAsync(app, body);

            var (exitCode, output) = await StudioProcess.RunAsync(["backup", file, .. old]);

            Assert.True(exitCode == 0, output);
            Assert.Contains("rows of", output, StringComparison.Ordinal);
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            Assert.Contains("exists already", (await StudioProcess.RunAsync(["backup", file, .. old])).Output, StringComparison.Ordinal);
            // It is in use, and not empty either.
            var (refused, reason) = await StudioProcess.RunAsync(["restore", file, .. old]);
            Assert.Equal(1, refused);
            Assert.Contains("in use by another Prompt Studio", reason, StringComparison.Ordinal);
        }
        // Of a studio that does not run, too.
        Assert.Equal(0, (await StudioProcess.RunAsync(["backup", file + "2", .. old])).ExitCode);

        var restored = await StudioProcess.RunAsync(["restore", file, .. @new]);

        Assert.True(restored.ExitCode == 0, restored.Output);
        await using var again = await StudioProcess.Start(other).ReadyAsync();
        Assert.Equal(answer, await RenderAsync(again, body));
    }

    [Theory]
    [InlineData(2, "usage:")]
    [InlineData(2, "usage:", "--Database:Embedded:Fsync=false")]
    [InlineData(1, "There is no Prompt Studio in", "file", "--Database:Embedded:DataDirectory=/nonexistent/data")]
    public async Task Backup_OfNothing_IsRefusedInALine(int code, string message, params string[] arguments)
    {
        var (exitCode, output) = await StudioProcess.RunAsync(["backup", .. arguments.Select(argument => argument == "file" ? _folder.Sub("file") : argument)]);

        Assert.Equal(code, exitCode);
        Assert.Contains(message, output, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<string> RenderAsync(StudioProcess app, string body)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var response = await app.Client.PostAsync(new Uri("/api/render/nlu_topic_extraction", UriKind.Relative), content, Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsStringAsync(Cancellation);
    }
}
