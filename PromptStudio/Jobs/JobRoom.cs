using Hangfire;
using Hangfire.Dashboard;
using Hangfire.PostgreSql;
using Microsoft.Extensions.Options;
using PromptStudio.Access;
using PromptStudio.Database;
using PromptStudio.Shell;
using PromptStudio.Web;

namespace PromptStudio.Jobs;

/// <summary>What the application sees of jobs.</summary>
public static class JobRoom
{
    public static void AddJobs(this IServiceCollection services)
    {
        services.AddValidatedOptions<JobOptions>("Jobs");
        services.AddSingleton(provider => JobStore.Create(
            provider.GetRequiredService<StudioDatabase>(), provider.GetRequiredService<IOptions<JobOptions>>().Value.PollInterval));
        services.AddSingleton<JobMeasures>();
        services.AddHostedService<JobServer>();
        // What the dashboard looks for; Hangfire's own registration would connect before there is a database.
        services.AddSingleton<IGlobalConfiguration>(GlobalConfiguration.Configuration);
        services.AddSingleton(DashboardRoutes.Routes);
    }

    public static void MapJobs(this WebApplication app)
    {
        if (!app.Services.GetRequiredService<IOptions<JobOptions>>().Value.Enabled)
            return;
        var dashboard = new DashboardOptions
        {
            AppPath = Links.Home,
            DashboardTitle = "Jobs",
            DisplayStorageConnectionString = false,
            // The route's policy decides; by default Hangfire would let in whoever sits at the machine, and nobody else.
            Authorization = [],
        };
        app.MapHangfireDashboard(Links.Jobs, dashboard, app.Services.GetRequiredService<PostgreSqlStorage>()).RequireAuthorization(Policy.Manage);
    }
}
