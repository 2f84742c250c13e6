using PromptStudio;
using PromptStudio.Backup;
using PromptStudio.Database;
using PromptStudio.Prompts;
using PromptStudio.Samples;

try
{
    return args switch
    {
        ["backup" or "restore", .. var options] => await BackupCommand.RunAsync(args[0], options),
        ["migrate", .. var options] => await MigrateCommand.RunAsync(options),
        ["prompts", .. var options] => await PromptsCommand.RunAsync(options),
        ["seed", .. var options] => await SeedCommand.RunAsync(options),
        _ => await Studio.RunAsync(args),
    };
}
catch (StartupException exception)
{
    await Console.Error.WriteLineAsync($"Prompt Studio cannot start. {exception.Message}");
    return 1;
}
