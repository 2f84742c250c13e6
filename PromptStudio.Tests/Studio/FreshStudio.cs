namespace PromptStudio.Tests.Studio;

/// <summary>The app as it starts the first time: nobody has an account, and there is no API key.</summary>
public sealed class FreshStudio(PostgresServer server) : StudioApp(server)
{
    protected override IEnumerable<string> Settings => [];
}

/// <summary>The app with its first person.</summary>
public sealed class SetUpStudio(PostgresServer server) : StudioApp(server)
{
    public const string Email = "ada@example.com";
    public const string Password = "correct horse battery";

    protected override IEnumerable<string> Settings =>
        [$"--Bootstrap:ApiKey={Key}", $"--Bootstrap:AdminEmail={Email}", $"--Bootstrap:AdminPassword={Password}"];
}
