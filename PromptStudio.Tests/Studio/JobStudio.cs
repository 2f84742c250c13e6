using Hangfire.PostgreSql;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace PromptStudio.Tests.Studio;

/// <summary>The app with its jobs and its first person.</summary>
public sealed class JobStudio(PostgresServer server) : StudioApp(server)
{
    protected override IEnumerable<string> Settings =>
    [
        "--Jobs:Enabled=true", $"--Bootstrap:ApiKey={Key}", $"--Bootstrap:AdminEmail={SetUpStudio.Email}", $"--Bootstrap:AdminPassword={SetUpStudio.Password}",
    ];

    /// <summary>Waits until the jobs run: they start behind the app.</summary>
    public Task WaitForJobsAsync() => Eventually.TrueAsync(
        () =>
        {
            try
            {
                return Task.FromResult(Services.GetRequiredService<PostgreSqlStorage>().GetMonitoringApi().Servers().Count == 1);
            }
            catch (PostgresException)
            {
                // The schema is on its way.
                return Task.FromResult(false);
            }
        },
        "the job server");
}
