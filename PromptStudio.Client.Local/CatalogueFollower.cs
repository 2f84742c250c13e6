using System.Net;
using System.Text.Json;

namespace PromptStudio.Client.Local;

/// <summary>Keeps the catalogue as the studio has it: waits for changes there, and reads it anew when there is one.</summary>
internal sealed class CatalogueFollower(PromptStudioClient client, LocalModeOptions options)
{
    private readonly TaskCompletionSource _read = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Known? _current;

    /// <summary>Null: it was never read.</summary>
    public Known? Current => _current;

    /// <summary>Waits until there is one.</summary>
    public Task ReadAsync(CancellationToken cancellationToken) => _read.Task.WaitAsync(cancellationToken);

    /// <summary>Follows until it is told to end.</summary>
    public async Task RunAsync(CancellationToken ending)
    {
        // Not on the caller's time.
        await Task.Yield();
        if (Kept.Read(options.CacheFile, LocalJson.Default.KeptCatalogue) is { } kept)
            Take(kept);
        while (!ending.IsCancellationRequested)
        {
            try
            {
                await FollowAsync(ending).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException or JsonException or OperationCanceledException)
            {
                // It is down, or we end.
            }
            await Task.Delay(options.RetryDelay, client.Options.Time, ending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        while (await RefreshAsync(cancellationToken).ConfigureAwait(false))
        {
            using var request = client.Calls.Request(HttpMethod.Get, $"api/catalogue/changes?revision={Uri.EscapeDataString(_current!.Catalogue.Revision)}");
            using var response = await client.Calls.SendAsync(request, cancellationToken).ConfigureAwait(false);
            if (response.StatusCode != HttpStatusCode.OK)
                return;
            // Read to its end, so that the connection can be used again; what it says is seen with the next look.
            await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Whether the studio has answered.</summary>
    private async Task<bool> RefreshAsync(CancellationToken cancellationToken)
    {
        using var request = client.Calls.Request(HttpMethod.Get, "api/catalogue");
        if (_current?.Catalogue.Etag is { } known)
            request.Headers.TryAddWithoutValidation("If-None-Match", known);
        using var response = await client.Calls.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.NotModified)
            return true;
        if (response.StatusCode != HttpStatusCode.OK)
            return false;
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        if (await JsonSerializer.DeserializeAsync(stream, LocalJson.Default.KeptCatalogue, cancellationToken).ConfigureAwait(false) is not { } catalogue)
            return false;
        catalogue = catalogue with { Etag = response.Headers.ETag?.ToString() };
        Take(catalogue);
        Kept.Write(options.CacheFile, catalogue, LocalJson.Default.KeptCatalogue);
        return true;
    }

    private void Take(KeptCatalogue catalogue)
    {
        _current = new Known(catalogue);
        _read.TrySetResult();
    }

    /// <summary>A catalogue in which versions are found at once.</summary>
    internal sealed class Known
    {
        private readonly ILookup<string, KeptVersion> _byName;

        public Known(KeptCatalogue catalogue)
        {
            Catalogue = catalogue;
            _byName = catalogue.Versions.ToLookup(version => version.Name, StringComparer.Ordinal);
        }

        public KeptCatalogue Catalogue { get; }

        /// <summary>The version that a render asks for; null: it is not known.</summary>
        public KeptVersion? Find(RenderRequest request) => _byName[request.Name].FirstOrDefault(version =>
            request.Version is { } number ? version.Version == number : version.Labels.Contains(request.Label ?? "production", StringComparer.Ordinal));
    }
}
