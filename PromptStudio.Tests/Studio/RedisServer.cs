using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;

namespace PromptStudio.Tests.Studio;

/// <summary>A Redis of its own for a test, at a free port; it can be stopped, started again at the same port, and frozen.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly int _port;
    private Process? _process;

    private RedisServer(int port) => _port = port;

    /// <summary>For <c>ConnectionStrings:Redis</c>.</summary>
    public string ConnectionString => $"127.0.0.1:{_port}";

    /// <summary>Starts one, or skips the test where there is none.</summary>
    public static async Task<RedisServer> StartAsync()
    {
        Requirement.SkipUnless(IsInstalled, "redis-server is missing; on Debian: sudo apt-get install redis-server");
        for (var tries = 1; ; tries++)
        {
            var server = Stopped();
            try
            {
                await server.StartAgainAsync();
                return server;
            }
            catch (InvalidOperationException) when (tries < 5)
            {
                // Somebody took the port meanwhile.
                await server.DisposeAsync();
            }
        }
    }

    /// <summary>One that is not running.</summary>
    public static RedisServer Stopped()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new RedisServer(((IPEndPoint)listener.LocalEndpoint).Port);
    }

    /// <summary>Starts it at its port.</summary>
    public async Task StartAgainAsync()
    {
        _process = Process.Start(new ProcessStartInfo("redis-server", ["--port", $"{_port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", _folder.Path])
        {
            RedirectStandardOutput = true,
        })!;
        var process = _process;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        await Eventually.TrueAsync(async () => process.HasExited ? throw new InvalidOperationException("redis-server has ended.") : await AnswersAsync(), "redis-server");
    }

    /// <summary>Ends it as a crash would.</summary>
    public async Task StopAsync()
    {
        if (_process is not { } process)
            return;
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        _process = null;
    }

    /// <summary>It keeps its connections and answers nothing, until it is thawed.</summary>
    public Task FreezeAsync() => SignalAsync("STOP");

    public Task ThawAsync() => SignalAsync("CONT");

    /// <summary>Every key that it has.</summary>
    public async Task<IReadOnlyList<string>> KeysAsync()
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(ConnectionString);
        return [.. connection.GetServer(ConnectionString).Keys().Select(key => key.ToString())];
    }

    /// <summary>Everything that it has, as text.</summary>
    public async Task<string> DumpAsync()
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(ConnectionString);
        var values = new List<string>();
        var database = connection.GetDatabase();
        foreach (var key in connection.GetServer(ConnectionString).Keys())
        {
            var members = await database.KeyTypeAsync(key) == RedisType.Hash ? string.Join(' ', await database.HashGetAllAsync(key)) : "";
            values.Add($"{key} {await database.ExecuteAsync("DUMP", key)} {members}");
        }
        return string.Join('\n', values);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await ThawAsync();
        await StopAsync();
        _folder.Dispose();
    }

    private static bool IsInstalled => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "redis-server")));

    private async Task<bool> AnswersAsync()
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, _port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", ["-" + signal, $"{_process!.Id}"]);
        await kill.WaitForExitAsync();
    }
}
