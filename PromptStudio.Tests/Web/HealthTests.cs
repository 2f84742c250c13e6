using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Web;

[Trait(Tier.Name, Tier.Api)]
public sealed class HealthTests(PostgresServer server)
{
    [Fact]
    public async Task Ready_GoesDownFirst_WhenTheAppStops()
    {
        await using var app = new StudioApp(server);
        await app.InitializeAsync();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(app, "/health/live"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(app, "/health/ready"));

        // Told to stop, and still serving: what a load balancer has to see before the last request is answered.
        app.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(app, "/health/live"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(app, "/health/ready"));
    }

    private static async Task<HttpStatusCode> StatusAsync(StudioApp app, string path)
    {
        using var response = await app.Anonymous.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        return response.StatusCode;
    }
}
