using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using PromptStudio.Shell;

namespace PromptStudio.Access;

/// <summary>Prints the one-time link to the set-up once the app listens: on the console, never in a log.</summary>
public sealed class SetupLink(Bootstrap bootstrap, IServer server, IHostApplicationLifetime lifetime) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStarted.Register(Print);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>An address that a browser on this machine can open: a wildcard is none.</summary>
    public static string Reachable(string address)
    {
        foreach (var wildcard in (string[])["://*", "://+", "://0.0.0.0", "://[::]"])
            address = address.Replace(wildcard, "://localhost", StringComparison.Ordinal);
        return address.TrimEnd('/');
    }

    private void Print()
    {
        if (bootstrap.Token is { } token && server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() is { } address)
            Console.Out.WriteLine($"{Environment.NewLine}  Finish the set-up at {Reachable(address)}{Links.Setup(token)}{Environment.NewLine}");
    }
}
