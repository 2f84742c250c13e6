using System.Globalization;
using System.IO.Compression;
using System.Text;
using PromptStudio.Core.Prompts.Files;
using PromptStudio.Web;

namespace PromptStudio.Prompts;

/// <summary>Text files as a zip archive. What somebody sent is bounded while it is unpacked.</summary>
public static class PromptZip
{
    /// <summary>Bytes that an archive may have.</summary>
    public const int MaxBytes = 30_000_000;

    private const int MaxFiles = 50_000;
    private const int MaxFileBytes = 2_000_000;
    private const long MaxUnpackedBytes = 200_000_000;

    /// <summary>An archive says when its files were changed; the same prompts must make the same bytes.</summary>
    private static readonly DateTimeOffset Timeless = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Writes an archive.</summary>
    public static async Task WriteAsync(Stream output, IAsyncEnumerable<PromptFile> files, CancellationToken cancellationToken)
    {
        await using var zip = await ZipArchive.CreateAsync(output, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: Encoding.UTF8, cancellationToken);
        await foreach (var file in files.WithCancellation(cancellationToken))
        {
            var entry = zip.CreateEntry(file.Path, CompressionLevel.Optimal);
            entry.LastWriteTime = Timeless;
            await using var content = await entry.OpenAsync(cancellationToken);
            await content.WriteAsync(Encoding.UTF8.GetBytes(file.Text), cancellationToken);
        }
    }

    /// <summary>Reads an archive; what stands at the top or in folders that begin with a dot is left out.</summary>
    /// <returns>The files; or 413 <c>body_too_large</c>, 400 <c>malformed_zip</c>.</returns>
    public static async Task<Answer<IReadOnlyList<PromptFile>>> ReadAsync(Stream archive, CancellationToken cancellationToken)
    {
        try
        {
            await using var zip = await ZipArchive.CreateAsync(archive, ZipArchiveMode.Read, leaveOpen: true, entryNameEncoding: Encoding.UTF8, cancellationToken);
            if (zip.Entries.Count > MaxFiles)
                return TooLarge($"{MaxFiles:N0} files");
            var files = new List<PromptFile>();
            var unpacked = 0L;
            // One for all: thousands of small files must not cost as much memory as if each were the largest one.
            var buffer = new byte[MaxFileBytes + 1];
            foreach (var entry in zip.Entries.Where(entry => IsPrompt(entry.FullName)))
            {
                // What the archive says of its sizes is not believed: reading stops where the limit is.
                var (text, length, problem) = await TextAsync(entry, buffer, cancellationToken);
                if (problem is not null)
                    return problem;
                if ((unpacked += length) > MaxUnpackedBytes)
                    return TooLarge($"{MaxUnpackedBytes:N0} bytes in all its files");
                files.Add(new PromptFile(entry.FullName, text));
            }
            return files;
        }
        catch (InvalidDataException)
        {
            return new Problem(400, "malformed_zip", "The body is not a zip archive that can be read.");
        }
    }

    /// <summary>Whether a path can be a prompt's: in a folder whose name does not begin with a dot.</summary>
    public static bool IsPrompt(string path) => !path.EndsWith('/') && path.Contains('/', StringComparison.Ordinal) && !path.StartsWith('.');

    private static async Task<(string Text, int Length, Problem? Problem)> TextAsync(ZipArchiveEntry entry, byte[] bytes, CancellationToken cancellationToken)
    {
        await using var content = await entry.OpenAsync(cancellationToken);
        var length = await content.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        if (length > MaxFileBytes)
            return ("", 0, TooLarge($"{MaxFileBytes:N0} bytes a file, which {entry.FullName} has not"));
        try
        {
            return (new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes, 0, length), length, null);
        }
        catch (DecoderFallbackException)
        {
            return ("", 0, new Problem(400, "malformed_zip", $"{entry.FullName} is not UTF-8."));
        }
    }

    /// <summary>413, with what is allowed.</summary>
    public static Problem TooLarge(FormattableString what) => new(413, "body_too_large", $"An archive may have {what.ToString(CultureInfo.InvariantCulture)}.");
}
