using PromptStudio;
using PromptStudio.Database;

try
{
    return args is ["migrate", .. var options] ? await MigrateCommand.RunAsync(options) : await Studio.RunAsync(args);
}
catch (StartupException exception)
{
    await Console.Error.WriteLineAsync($"Prompt Studio cannot start. {exception.Message}");
    return 1;
}
