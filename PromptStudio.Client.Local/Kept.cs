using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace PromptStudio.Client.Local;

/// <summary>What outlives the application, in a file that only its owner can read. A file that cannot be read or written costs what is in it, and nothing else.</summary>
internal static class Kept
{
    /// <summary>What a file holds; null: nothing that can be read.</summary>
    public static T? Read<T>(string? file, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            if (file is null || !File.Exists(file))
                return null;
            using var stream = File.OpenRead(file);
            return JsonSerializer.Deserialize(stream, type);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes a file as a whole, or removes it when there is nothing to keep.</summary>
    public static void Write<T>(string? file, T? value, JsonTypeInfo<T> type)
        where T : class
    {
        if (file is null)
            return;
        try
        {
            if (value is null)
            {
                File.Delete(file);
                return;
            }
            if (Path.GetDirectoryName(Path.GetFullPath(file)) is { } folder)
                Directory.CreateDirectory(folder);
            var next = file + ".next";
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using (var stream = new FileStream(next, options))
            {
                JsonSerializer.Serialize(stream, value, type);
                stream.Flush(flushToDisk: true);
            }
            File.Move(next, file, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The next change is written again.
        }
    }
}
