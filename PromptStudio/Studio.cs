using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using PromptStudio.Access;
using PromptStudio.Access.Keys;
using PromptStudio.Access.Users;
using PromptStudio.Audit;
using PromptStudio.Caching;
using PromptStudio.Catalogue;
using PromptStudio.Core.Guardrails.Text;
using PromptStudio.Database;
using PromptStudio.Editor;
using PromptStudio.Executions;
using PromptStudio.Experiments;
using PromptStudio.Guardrails;
using PromptStudio.Jobs;
using PromptStudio.Prompts;
using PromptStudio.Rendering;
using PromptStudio.Settings;
using PromptStudio.Shell;
using PromptStudio.Web;

namespace PromptStudio;

/// <summary>The application: its rooms, and the order in which a request passes them.</summary>
public static class Studio
{
    /// <summary>Bytes that a request may have where its route does not say otherwise.</summary>
    public const int MaxRequestBytes = 2 * 1_048_576;

    /// <summary>Runs until it is told to stop.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="StartupException">It cannot start; the message says why and what to do.</exception>
    public static async Task<int> RunAsync(string[] args)
    {
        var started = false;
        try
        {
            await using var app = Build(args, builder => builder.Services.AddSingleton<IHostLifetime, StudioLifetime>());
            // Taken now: an app that failed to start has disposed its services by the time it is asked.
            var stopping = app.Lifetime.ApplicationStopping;
            app.Lifetime.ApplicationStarted.Register(() => started = true);
            try
            {
                await app.RunAsync();
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                // Told to stop while it was still starting.
            }
            return 0;
        }
        catch (IOException exception) when (exception.InnerException is AddressInUseException or SocketException)
        {
            throw new StartupException($"{exception.Message.TrimEnd('.')}. Stop what listens there, or choose another address: --urls http://localhost:5081", exception);
        }
        catch (Exception exception) when (!started && (exception is SocketException or FormatException or InvalidOperationException or ArgumentException))
        {
            // What the framework says of an address, a certificate or a log level that it cannot use.
            throw new StartupException($"{exception.Message.Split('\n')[0].Trim()} Check Urls, Kestrel and Logging in the configuration.", exception);
        }
    }

    /// <summary>Builds the app, without starting it.</summary>
    /// <param name="args">Settings, e.g. <c>--urls http://localhost:5081</c>.</param>
    /// <param name="configure">Changes what tests need otherwise.</param>
    /// <exception cref="StartupException">The configuration has errors, or the machine lacks what guardrails need.</exception>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        // Without it guardrails would miss words in disguise, and say nothing.
        if (UnicodeCheck.Problem() is { } problem)
            throw new StartupException(problem);
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = args,
            ApplicationName = typeof(Studio).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
        });
        // Outside of the development environment too: the static files of a build stand in several folders.
        builder.WebHost.UseStaticWebAssets();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // Forms and pages; what takes more says so itself.
            kestrel.Limits.MaxRequestBodySize = MaxRequestBytes;
        });
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddDraining();
        builder.Services.AddHealth();
        builder.Services.AddDatabase();
        builder.Services.AddCaching(builder.Configuration);
        builder.Services.AddAccess();
        builder.Services.AddAudit();
        builder.Services.AddApi();
        builder.Services.AddApiDocument();
        builder.Services.AddRateLimits();
        builder.Services.AddValidatedOptions<ProxyOptions>("ForwardedHeaders");
        builder.Services.AddPrompts();
        builder.Services.AddEditor();
        builder.Services.AddGuardrails();
        builder.Services.AddRendering();
        builder.Services.AddExecutions();
        builder.Services.AddExperiments();
        builder.Services.AddCatalogue();
        builder.Services.AddJobs();
        builder.Services.AddSettings();
        builder.Services.AddShell();
        configure?.Invoke(builder);

        var app = builder.Build();
        app.Services.CheckOptions();
        if (app.Services.GetRequiredService<IOptions<ProxyOptions>>().Value is { KnownProxies.Length: > 0 } proxies)
            app.UseForwardedHeaders(proxies.ToMiddleware());
        app.UseDraining();
        app.UseSecurityHeaders();
        app.UseLanguages();
        app.UseShellProblems();
        app.UseWhen(context => ProblemRoom.IsApi(context.Request), api =>
        {
            api.UseProblems();
            api.UseStorableRequests();
            api.UseWrongKeyLimit();
        });
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseRateLimiter();
        app.UseAntiforgery();
        app.MapHealth();
        app.MapRender();
        app.MapOutcome();
        app.MapFallbackExecutions();
        app.MapCatalogue();
        app.MapAccess();
        var admin = app.MapAdmin();
        admin.MapAudit();
        admin.MapExecutions();
        app.MapJobs();
        app.MapApiDocument();
        admin.MapPrompts();
        admin.MapEditor();
        admin.MapPreview();
        admin.MapGuardrails();
        admin.MapExperiments();
        admin.MapUsers();
        admin.MapApiKeys();
        app.MapShell();
        app.MapUnknownApi();
        return app;
    }
}
