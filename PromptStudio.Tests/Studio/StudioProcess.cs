using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace PromptStudio.Tests.Studio;

/// <summary>The app as a process of its own, as its users run it.</summary>
internal sealed class StudioProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly ConcurrentQueue<string> _errors = new();

    private StudioProcess(Process process, Uri address)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => _lines.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += (_, line) =>
        {
            _lines.Enqueue(line.Data ?? "");
            _errors.Enqueue(line.Data ?? "");
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Client = new HttpClient { BaseAddress = address };
        Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", StudioApp.Key);
    }

    public HttpClient Client { get; }

    public int Id => _process.Id;

    public int ExitCode => _process.ExitCode;

    /// <summary>Everything that it has printed.</summary>
    public string Output => string.Join('\n', _lines);

    /// <summary>Starts the app at a free port; it may still be on its way, or fail.</summary>
    public static StudioProcess Start(string? dataDirectory, params string[] settings) => Start(StudioOutput.Program, dataDirectory, FreePort(), settings);

    /// <inheritdoc cref="Start(string?, string[])"/>
    public static StudioProcess Start(string program, string? dataDirectory, int port, params string[] settings) =>
        Start(dataDirectory, port, new ProcessStartInfo("dotnet", [program]), settings);

    /// <summary>Starts it from a shell that has run a command first.</summary>
    public static StudioProcess Start(string dataDirectory, string command, string[] settings) =>
        Start(dataDirectory, FreePort(), new ProcessStartInfo("sh", ["-c", $"{command}; exec dotnet \"$0\" \"$@\"", StudioOutput.Program]), settings);

    private static StudioProcess Start(string? dataDirectory, int port, ProcessStartInfo program, string[] settings)
    {
        var start = new ProcessStartInfo(program.FileName, [.. program.ArgumentList, "--urls", $"http://127.0.0.1:{port}", $"--Bootstrap:ApiKey={StudioApp.Key}", .. settings])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        if (dataDirectory is not null)
            start.ArgumentList.Add($"--Database:Embedded:DataDirectory={dataDirectory}");
        return new StudioProcess(Process.Start(start)!, new Uri($"http://127.0.0.1:{port}"));
    }

    /// <summary>Runs a command of the app to its end.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet", [StudioOutput.Program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output + await error);
    }

    /// <summary>Waits until it can render.</summary>
    public async Task<StudioProcess> ReadyAsync(int seconds = 180)
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < TimeSpan.FromSeconds(seconds))
        {
            if (_process.HasExited)
            {
                // What it printed last is still on its way.
                await EndAsync();
                Assert.Fail($"The app has ended with {ExitCode}:\n{Output}");
            }
            try
            {
                using var response = await Client.GetAsync(new Uri("/health/ready", UriKind.Relative), TestContext.Current.CancellationToken);
                if (response.StatusCode == HttpStatusCode.OK)
                    return this;
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
        throw new TimeoutException($"The app is not ready:\n{Output}");
    }

    /// <summary>Waits for its end, and returns the error that it printed.</summary>
    public async Task<string> EndAsync(int seconds = 180)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(seconds));
        await _process.WaitForExitAsync(limit.Token);
        // Its log comes by another pipe, and may arrive later than what was printed after it.
        return string.Join('\n', _errors.SkipWhile(line => !line.StartsWith("Prompt Studio cannot start.", StringComparison.Ordinal))).Trim();
    }

    public Task<HttpResponseMessage> RenderAsync(string query = "q") => Client.PostAsync(
        new Uri("/api/render/nlu_topic_extraction", UriKind.Relative),
        new StringContent($$$"""{"variables": {"query": "{{{query}}}", "grade_level": 1}}""", Encoding.UTF8, "application/json"),
        TestContext.Current.CancellationToken);

    /// <summary>Asks it to stop, as systemd and Ctrl+C do.</summary>
    public async Task StopAsync(string signal = "TERM")
    {
        await SignalAsync(signal);
        await EndAsync();
    }

    /// <summary>Sends it a signal, and waits for nothing.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", ["-" + signal, $"{_process.Id}"]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await StopAsync();
        Client.Dispose();
        _process.Dispose();
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
