using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Npgsql;

namespace PromptStudio.Bench.Load;

/// <summary>The studio that was built with this program, and what is done with it over HTTP.</summary>
internal static class StudioBuild
{
    private static readonly string Output = Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "..", "..", "..", "..", "PromptStudio", "bin", new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)).Parent!.Name, "net10.0"));

    public static string Program => Path.Combine(Output, "PromptStudio.dll");

    /// <summary>The PostgreSQL that it carries.</summary>
    public static string Postgres => Path.Combine(Output, "postgres");

    /// <summary>The first process of the PostgreSQL that keeps a folder.</summary>
    public static int Postmaster(string data) => int.Parse(File.ReadLines(Path.Combine(data, "postgres", "postmaster.pid")).First(), CultureInfo.InvariantCulture);

    /// <summary>Starts the app.</summary>
    /// <param name="arguments">Its settings.</param>
    /// <param name="log">Where it says what it does.</param>
    /// <param name="askPort">Where its <see cref="StartupHook"/> listens; null: it has none.</param>
    public static Process Start(string[] arguments, string log, int? askPort) => Machine.Start(
        [Program, .. arguments], log,
        askPort is { } port ? [("DOTNET_STARTUP_HOOKS", typeof(StartupHook).Assembly.Location), ("STUDIO_BENCH_PORT", port.ToString(CultureInfo.InvariantCulture))] : []);

    /// <summary>Lets the app end as a supervisor does.</summary>
    public static async Task StopAsync(Process app)
    {
        using var term = Process.Start("kill", ["-TERM", app.Id.ToString(CultureInfo.InvariantCulture)]);
        await app.WaitForExitAsync();
    }

    /// <summary>Whether a request failed because nobody answered it: the app is away, or on its way.</summary>
    public static bool IsAway(Exception exception) => exception is HttpRequestException or TaskCanceledException or IOException or SocketException;

    /// <summary>Connections of one's own to the embedded database of a studio that runs.</summary>
    /// <param name="data">Its folder.</param>
    public static async Task<NpgsqlDataSource> EmbeddedAsync(string data) => NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder
    {
        Host = Path.Combine(data, "run"),
        Database = "studio",
        Username = "studio",
        Password = (await File.ReadAllTextAsync(Path.Combine(data, "password"))).Trim(),
        Pooling = false,
    });

    /// <summary>Waits until a studio is ready.</summary>
    /// <param name="address">Where it will listen.</param>
    /// <param name="app">Its process.</param>
    /// <param name="log">Where it says what it does.</param>
    /// <exception cref="InvalidOperationException">It has ended.</exception>
    public static async Task ReadyAsync(Uri address, Process app, string log)
    {
        using var asking = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        while (true)
        {
            if (app.HasExited)
                throw new InvalidOperationException("The studio has ended; see " + log);
            try
            {
                using var ready = await asking.GetAsync(new Uri(address, "/health/ready"));
                if (ready.IsSuccessStatusCode)
                    return;
            }
            catch (Exception exception) when (IsAway(exception))
            {
                // It does not listen yet.
            }
            await Task.Delay(10);
        }
    }

    /// <summary>Asks the admin API for something.</summary>
    /// <exception cref="InvalidOperationException">It refuses.</exception>
    public static async Task<JsonNode> PostAsync(this HttpClient client, string path, JsonObject body)
    {
        using var response = await client.PostAsJsonAsync(new Uri(path, UriKind.Relative), body);
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode ? JsonNode.Parse(text)! : throw new InvalidOperationException($"{path}: {text}");
    }
}
