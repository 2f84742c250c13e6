using System.Collections.Concurrent;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PromptStudio.Database;

namespace PromptStudio.Tests.Studio;

/// <summary>The real app on Kestrel at a free port, on a database of its own; as a class fixture it lives as long as the class.</summary>
public class StudioApp(PostgresServer server) : IAsyncLifetime
{
    /// <summary>An API key with every scope.</summary>
    public const string Key = "ps_test_key_of_the_test_suite";

    private readonly LogLines _log = new();
    private WebApplication? _app;

    /// <summary>Where the app listens, e.g. <c>http://127.0.0.1:41234</c>.</summary>
    public Uri Address => new(_app!.Urls.Single());

    /// <summary>The app's services.</summary>
    public IServiceProvider Services => _app!.Services;

    /// <summary>Sends the key with each request, and follows no redirect.</summary>
    public HttpClient Client { get; private set; } = null!;

    /// <summary>Sends no key.</summary>
    public HttpClient Anonymous { get; private set; } = null!;

    /// <summary>Errors and worse that the app has logged.</summary>
    public IReadOnlyCollection<string> Errors => _log.Errors;

    /// <summary>How the app's database is reached.</summary>
    public string ConnectionString { get; private set; } = null!;

    /// <summary>Settings beyond the database and the address, e.g. <c>--Bootstrap:ApiKey=…</c>.</summary>
    protected virtual IEnumerable<string> Settings => [$"--Bootstrap:ApiKey={Key}"];

    /// <summary>What only some tests are about: jobs that run beside them, and limits that a hundred quick tests from one address would meet.</summary>
    private static IEnumerable<string> Quiet => ["--Jobs:Enabled=false", "--RateLimits:AdminPerSecond=0", "--RateLimits:AccountPerMinute=0", "--RateLimits:WrongKeysPerMinute=0"];

    public async ValueTask InitializeAsync()
    {
        ConnectionString = await server.CreateDatabaseAsync();
        _app = PromptStudio.Studio.Build(
            ["--urls", "http://127.0.0.1:0", $"--ConnectionStrings:Studio={ConnectionString}", .. Quiet, .. Settings],
            builder =>
            {
                builder.Logging.ClearProviders().AddProvider(_log);
                ConfigureServices(builder.Services);
            });
        await _app.StartAsync();
        Anonymous = NewClient();
        Client = NewClient();
        Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Key);
    }

    /// <summary>A client of this app with cookies of its own.</summary>
    public HttpClient NewClient() => new(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = Address };

    /// <summary>A context for one look into the database.</summary>
    public Task<StudioDbContext> OpenAsync() =>
        Services.GetRequiredService<IDbContextFactory<StudioDbContext>>().CreateDbContextAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        Client?.Dispose();
        Anonymous?.Dispose();
        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }
    }

    /// <summary>Replaces services, e.g. the clock.</summary>
    protected virtual void ConfigureServices(IServiceCollection services)
    {
    }

    private sealed class LogLines : ILoggerProvider
    {
        public ConcurrentQueue<string> Errors { get; } = new();

        public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

        public void Dispose()
        {
        }

        private sealed class Logger(LogLines lines, string category) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            {
                if (IsEnabled(logLevel))
                    lines.Errors.Enqueue($"{category}: {formatter(state, exception)} {exception}");
            }
        }
    }
}
