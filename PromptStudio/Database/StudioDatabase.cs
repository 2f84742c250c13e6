using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using PromptStudio.Database.Embedded;

namespace PromptStudio.Database;

/// <summary>The PostgreSQL that the studio works on: a configured server, or the embedded one, which starts and stops with the app.</summary>
public sealed partial class StudioDatabase(
    IOptions<DatabaseOptions> options, IConfiguration configuration, TimeProvider clock, ILogger<StudioDatabase> logger) : IAsyncDisposable
{
    private EmbeddedPostgres? _embedded;
    private NpgsqlDataSource? _dataSource;
    private string? _connectionString;

    /// <summary>Connections to the database.</summary>
    /// <exception cref="InvalidOperationException">The database has not started.</exception>
    public NpgsqlDataSource DataSource => _dataSource ?? throw new InvalidOperationException("The database has not started.");

    /// <summary>Opens a connection beside the pool, for somebody who keeps it: a rush of others does not keep them from theirs.</summary>
    /// <param name="name">What operators see it as.</param>
    public NpgsqlConnection OpenOwn(string name)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(_connectionString ?? throw new InvalidOperationException("The database has not started."))
        {
            Pooling = false,
            ApplicationName = name,
            WriteBufferSize = 65_536,
        }.ConnectionString);
        try
        {
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Starts the embedded server, or waits for the configured one, and brings the schema up to date.</summary>
    /// <exception cref="StartupException">Something keeps the database from starting; the message says what to do.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var connectionString = configuration.GetConnectionString("Studio");
        if (string.IsNullOrWhiteSpace(connectionString))
        {
            _embedded = await EmbeddedPostgres.StartAsync(options.Value.Embedded, clock, logger, cancellationToken);
            connectionString = _embedded.ConnectionString;
        }
        else
        {
            await WaitForServerAsync(connectionString, cancellationToken);
        }
        await Schema.UpdateAsync(connectionString, cancellationToken);
        _connectionString = connectionString;
        _dataSource = NpgsqlDataSource.Create(connectionString);
        // Never the string itself: it may hold passwords.
        var server = new NpgsqlConnectionStringBuilder(connectionString);
        Log.Started(logger, _embedded is null ? "configured" : "embedded", server.Database, server.Host, server.Port, server.Username);
    }

    /// <summary>Closes the connections and stops the embedded server.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_dataSource is not null)
            await _dataSource.DisposeAsync();
        if (_embedded is not null)
            await _embedded.DisposeAsync();
        _dataSource = null;
        _connectionString = null;
        _embedded = null;
    }

    /// <summary>A server that starts beside the app may need a while; one that refuses us never gets better.</summary>
    private async Task WaitForServerAsync(string connectionString, CancellationToken cancellationToken)
    {
        var builder = Parse(connectionString);
        var deadline = clock.GetUtcNow() + options.Value.StartTimeout;
        while (true)
        {
            try
            {
                await using var server = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false });
                await using var connection = await server.OpenConnectionAsync(cancellationToken);
                if (connection.PostgreSqlVersion.Major < EmbeddedPostgres.OldestMajor)
                    throw new StartupException($"PostgreSQL at {builder.Host} is version {connection.PostgreSqlVersion}; Prompt Studio needs {EmbeddedPostgres.OldestMajor} or later.");
                return;
            }
            catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.InvalidCatalogName)
            {
                // The server is there; the migration makes the database.
                return;
            }
            catch (PostgresException exception) when (exception.SqlState != PostgresErrorCodes.CannotConnectNow)
            {
                throw Unreachable(builder, exception);
            }
            catch (NpgsqlException exception)
            {
                if (clock.GetUtcNow() >= deadline)
                    throw Unreachable(builder, exception);
                Log.Waiting(logger, builder.Host, FirstLine(exception));
                await Task.Delay(TimeSpan.FromSeconds(1), clock, cancellationToken);
            }
        }
    }

    private static NpgsqlConnectionStringBuilder Parse(string connectionString)
    {
        try
        {
            var builder = new NpgsqlConnectionStringBuilder(connectionString);
            NpgsqlDataSource.Create(builder).Dispose();
            return builder;
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or OverflowException or InvalidOperationException)
        {
            // The text itself may hold a password: it is not repeated.
            throw new StartupException("ConnectionStrings:Studio is no PostgreSQL connection string. It looks like: Host=…;Database=…;Username=…;Password=…", exception);
        }
    }

    private static StartupException Unreachable(NpgsqlConnectionStringBuilder server, NpgsqlException exception) => new(
        $"The PostgreSQL server of ConnectionStrings:Studio ({server.Host}:{server.Port}, user {server.Username}) does not let the studio in: {FirstLine(exception)}", exception);

    private static string FirstLine(Exception exception) => exception.Message.Split('\n', 2)[0].Trim();

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Database ready: {Kind}, {Database} at {Host}:{Port} as {User}")]
        public static partial void Started(ILogger logger, string kind, string? database, string? host, int port, string? user);

        [LoggerMessage(2, LogLevel.Warning, "Waiting for PostgreSQL at {Host}: {Reason}")]
        public static partial void Waiting(ILogger logger, string? host, string reason);
    }
}
