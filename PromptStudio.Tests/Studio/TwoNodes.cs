using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace PromptStudio.Tests.Studio;

/// <summary>Two nodes, processes of their own, on one database.</summary>
public sealed class TwoNodes(PostgresServer server) : IAsyncLifetime
{
    private readonly int[] _ports = [KeptPort(20_000), KeptPort(26_000)];
    private readonly StudioProcess[] _nodes = new StudioProcess[2];
    private string _connectionString = "";
    private NpgsqlDataSource? _database;

    public NpgsqlDataSource Database => _database!;

    internal StudioProcess A => _nodes[0];

    internal StudioProcess B => _nodes[1];

    /// <summary>Where each node is, also after a restart.</summary>
    public Uri[] Addresses => [.. _ports.Select(port => new Uri($"http://127.0.0.1:{port}"))];

    public async ValueTask InitializeAsync()
    {
        // They are on it at the same time: the schema, the first person and the keys of the cookies are made by whoever comes first.
        _connectionString = new NpgsqlConnectionStringBuilder(await server.CreateDatabaseAsync(withSchema: false)) { MaxPoolSize = 10 }.ConnectionString;
        _database = NpgsqlDataSource.Create(_connectionString);
        (_nodes[0], _nodes[1]) = (Start(0), Start(1));
        await Task.WhenAll(A.ReadyAsync(120), B.ReadyAsync(120));
    }

    /// <summary>Tells a node to leave; it stays for as long as <see cref="RestartAsync"/> lets it.</summary>
    internal Task LeaveAsync(int node) => _nodes[node].SignalAsync("TERM");

    /// <summary>Lets a node that was told to leave go, and starts it again.</summary>
    internal async Task RestartAsync(int node)
    {
        await _nodes[node].SignalAsync("INT");
        await _nodes[node].EndAsync();
        Assert.Equal(0, _nodes[node].ExitCode);
        await _nodes[node].DisposeAsync();
        _nodes[node] = Start(node);
        await _nodes[node].ReadyAsync(120);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes.Where(node => node is not null))
        {
            // Another one than the first, which the system could take for the same: the second ends the drain.
            await node.SignalAsync("TERM");
            await node.SignalAsync("INT");
            await node.DisposeAsync();
        }
        if (_database is not null)
            await _database.DisposeAsync();
    }

    /// <summary>A free port that no outgoing connection is given while its node is away.</summary>
    private static int KeptPort(int from)
    {
        for (var port = from + (Environment.ProcessId % 5_000); ; port++)
        {
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it.
            }
        }
    }

    private StudioProcess Start(int node) => StudioProcess.Start(
        StudioOutput.Program, null, _ports[node], $"--ConnectionStrings:Studio={_connectionString}",
        $"--Bootstrap:AdminEmail={SetUpStudio.Email}", $"--Bootstrap:AdminPassword={SetUpStudio.Password}",
        "--Jobs:PollInterval=00:00:01", "--Shutdown:DrainSeconds=600");
}
