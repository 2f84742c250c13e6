using System.Globalization;
using Npgsql;

namespace PromptStudio.Database.Embedded;

/// <summary>The server of an app that runs already, for a command beside it.</summary>
internal static class RunningServer
{
    /// <summary>How to reach it; null: nobody holds the folder, so whoever wants its data may start it.</summary>
    /// <exception cref="StartupException">An app holds the folder, and its server is not there at the moment.</exception>
    public static string? Find(EmbeddedOptions options)
    {
        var path = DataFolder.PathOf(options);
        if (!DataFolder.IsHeld(path))
            return null;
        try
        {
            // Process, folder, start, port, folder of the socket, address.
            var lines = File.ReadAllLines(Path.Combine(path, "postgres", "postmaster.pid"));
            return new NpgsqlConnectionStringBuilder
            {
                Host = OperatingSystem.IsWindows() ? "127.0.0.1" : lines[4].Trim(),
                Port = int.Parse(lines[3], CultureInfo.InvariantCulture),
                Database = EmbeddedPostgres.User,
                Username = EmbeddedPostgres.User,
                Password = File.ReadAllText(Path.Combine(path, "password")).Trim(),
            }.ConnectionString;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or IndexOutOfRangeException or FormatException)
        {
            throw new StartupException($"The Prompt Studio that runs in {path} cannot be asked: {exception.Message} Try again as {(exception is UnauthorizedAccessException ? "the user that it runs as" : "soon as it is ready")}.", exception);
        }
    }
}
