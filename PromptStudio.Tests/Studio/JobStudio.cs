namespace PromptStudio.Tests.Studio;

/// <summary>The app with its jobs and its first person.</summary>
public sealed class JobStudio(PostgresServer server) : StudioApp(server)
{
    protected override IEnumerable<string> Settings =>
    [
        "--Jobs:Enabled=true", $"--Bootstrap:ApiKey={Key}", $"--Bootstrap:AdminEmail={SetUpStudio.Email}", $"--Bootstrap:AdminPassword={SetUpStudio.Password}",
    ];
}
