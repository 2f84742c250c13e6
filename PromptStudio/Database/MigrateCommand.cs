namespace PromptStudio.Database;

/// <summary><c>migrate --script</c>: prints the migrations as SQL, for those who run it themselves.</summary>
internal static class MigrateCommand
{
    public static async Task<int> RunAsync(string[] options)
    {
        if (options is not ["--script"])
        {
            await Console.Error.WriteLineAsync("usage: migrate --script   prints the SQL that brings any database up to date (the app does it by itself when it starts)");
            return 2;
        }
        await Console.Out.WriteLineAsync(Schema.Script());
        return 0;
    }
}
