using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using PromptStudio.Database;

namespace PromptStudio.Backup;

/// <summary>A backup is a zip: the tables first, as they are read, then what it says of itself, and that one's checksum.</summary>
internal static class BackupArchive
{
    private const string Manifest = "manifest.json";

    private const string Checksum = "manifest.json.sha256";

    private const int MaxManifestBytes = 10_000_000;

    public static async Task WriteManifestAsync(ZipArchive archive, BackupManifest manifest, CancellationToken cancellationToken)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(manifest, BackupJson.Default.BackupManifest);
        await WriteAsync(archive, Manifest, json, cancellationToken);
        // As sha256sum -c reads it.
        await WriteAsync(archive, Checksum, Encoding.ASCII.GetBytes($"{Convert.ToHexStringLower(SHA256.HashData(json))}  {Manifest}\n"), cancellationToken);
    }

    /// <summary>Opens a backup, and reads what it says of itself.</summary>
    /// <exception cref="StartupException">It is none, it is damaged, or a later version wrote it.</exception>
    public static async Task<(ZipArchive Archive, BackupManifest Manifest)> OpenAsync(Stream file, string name, CancellationToken cancellationToken)
    {
        ZipArchive? archive = null;
        try
        {
            archive = new ZipArchive(file, ZipArchiveMode.Read);
            var json = await ReadAsync(archive, Manifest, cancellationToken);
            var checksum = Encoding.ASCII.GetString(await ReadAsync(archive, Checksum, cancellationToken));
            if (checksum.Split(' ')[0] != Convert.ToHexStringLower(SHA256.HashData(json)))
                throw new InvalidDataException("its manifest does not have the checksum that is written beside it");
            // Its form comes first: a later one may have other members.
            using (var document = JsonDocument.Parse(json))
            {
                if (document.RootElement.GetProperty("format").GetInt32() > BackupManifest.CurrentFormat)
                    throw new StartupException($"{name} was written by a later version of Prompt Studio. Restore it with that version.");
            }
            var manifest = JsonSerializer.Deserialize(json, BackupJson.Default.BackupManifest)!;
            var (opened, none) = (archive, (ZipArchive?)null);
            archive = none;
            return (opened, manifest);
        }
        catch (Exception exception) when (exception is InvalidDataException or JsonException or KeyNotFoundException or InvalidOperationException or FormatException or EndOfStreamException)
        {
            throw Damaged(name, exception.Message, exception);
        }
        finally
        {
            if (archive is not null)
                await archive.DisposeAsync();
        }
    }

    public static StartupException Damaged(string name, string reason, Exception? inner = null) =>
        new($"{name} is damaged, or is no backup of Prompt Studio: {reason.TrimEnd('.')}. Nothing was restored; take another backup.", inner);

    private static async Task WriteAsync(ZipArchive archive, string name, byte[] content, CancellationToken cancellationToken)
    {
        await using var entry = await archive.CreateEntry(name, CompressionLevel.Fastest).OpenAsync(cancellationToken);
        await entry.WriteAsync(content, cancellationToken);
    }

    private static async Task<byte[]> ReadAsync(ZipArchive archive, string name, CancellationToken cancellationToken)
    {
        var entry = archive.GetEntry(name) ?? throw new InvalidDataException($"it has no {name}");
        if (entry.Length > MaxManifestBytes)
            throw new InvalidDataException($"its {name} is too long");
        await using var stream = await entry.OpenAsync(cancellationToken);
        using var content = new MemoryStream();
        await stream.CopyToAsync(content, cancellationToken);
        return content.ToArray();
    }
}
