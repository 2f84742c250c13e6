using System.Diagnostics;
using System.Net;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Host;

/// <summary>What <c>dotnet publish</c> leaves is a folder that runs on its own.</summary>
[Trait(Tier.Name, Tier.Host)]
public sealed class PublishTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Publish_GivesAFolderThatRunsWithItsOwnPostgres()
    {
        await PublishAsync();
        Assert.True(File.Exists(_folder.Sub("app/postgres/bin/initdb")));

        await using var app = await StudioProcess.Start(_folder.Sub("app/PromptStudio.dll"), _folder.Sub("data"), StudioProcess.FreePort()).ReadyAsync();

        Assert.Equal(HttpStatusCode.OK, (await app.RenderAsync()).StatusCode);
        using var style = await app.Client.GetAsync(new Uri("/studio.css", UriKind.Relative), TestContext.Current.CancellationToken);
        using var font = await app.Client.GetAsync(new Uri("/fonts/inter-latin-wght-normal.woff2", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (style.StatusCode, font.StatusCode));
    }

    [Fact]
    public async Task Publish_WithoutPostgres_LeavesItOut()
    {
        await PublishAsync("-p:EmbeddedPostgres=false");

        Assert.True(File.Exists(_folder.Sub("app/PromptStudio.dll")));
        Assert.False(Directory.Exists(_folder.Sub("app/postgres")));
    }

    public void Dispose() => _folder.Dispose();

    private async Task PublishAsync(params string[] options)
    {
        var project = Path.GetFullPath(Path.Combine(StudioOutput.Folder, "../../../PromptStudio.csproj"));
        var start = new ProcessStartInfo("dotnet",
            ["publish", project, "-c", "Release", "-o", _folder.Sub("app"), "-p:RunAnalyzers=false", "-v", "quiet", .. options])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, output);
    }
}
