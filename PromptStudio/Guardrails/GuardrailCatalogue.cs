using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptStudio.Core.Guardrails;
using PromptStudio.Core.Guardrails.ModelCheck;
using PromptStudio.Database;

namespace PromptStudio.Guardrails;

/// <summary>
/// Every active guardrail, ready to look at texts: built once, kept in memory, and replaced as a whole when one changes. A render looks its rules up here and asks
/// no database.
/// </summary>
public sealed partial class GuardrailCatalogue(IServiceScopeFactory scopes, ILogger<GuardrailCatalogue> logger) : IDisposable
{
    private readonly SemaphoreSlim _loading = new(1, 1);
    private volatile Edition _current = new([]);

    /// <summary>The guardrails that could not be built, and why.</summary>
    public IReadOnlyList<CompiledGuardrail> Broken => [.. _current.Entries.Select(entry => entry.Guardrail).Where(guardrail => guardrail.Broken is not null)];

    /// <summary>Whether any guardrail looks at responses, or blacks out what is stored of them.</summary>
    public bool LooksAtResponses => _current.LooksAtResponses;

    /// <summary>The rules of a prompt; null: it has none.</summary>
    public PromptRules? For(string name, string? category) => _current.For(name, category ?? "", isTrial: false);

    /// <summary>The same rules for trying them out: rules of their own, so that nobody's trial wears out the ones that renders rely on (a regex that runs out of its time too often is switched off).</summary>
    public PromptRules? ForTrial(string name, string? category) => _current.For(name, category ?? "", isTrial: true);

    /// <summary>Reads what has changed. When this returns, renders on this node follow what was committed before the call.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        await _loading.WaitAsync(cancellationToken);
        try
        {
            // Not a factory from the constructor: the app makes its services before the database has started.
            await using var scope = scopes.CreateAsyncScope();
            var rows = await scope.ServiceProvider.GetRequiredService<StudioDbContext>().PromptGuardrails.AsNoTracking()
                .Where(row => row.IsActive).OrderBy(row => row.Name).ToListAsync(cancellationToken);
            var known = _current.Entries;
            if (rows.Count == known.Count && rows.Zip(known).All(pair => Fingerprint(pair.First) == pair.Second.Fingerprint))
                return;
            var byFingerprint = known.ToDictionary(entry => entry.Fingerprint, StringComparer.Ordinal);
            List<Entry> entries = [];
            foreach (var row in rows)
            {
                var fingerprint = Fingerprint(row);
                if (!byFingerprint.TryGetValue(fingerprint, out var entry))
                {
                    entry = new Entry(fingerprint, row, Warm(GuardrailInput.Build(row)));
                    if (entry.Guardrail.Broken is { } broken)
                        Log.Broken(logger, row.Name, row.OnError, broken);
                }
                entries.Add(entry);
            }
            _current = new Edition(entries);
        }
        finally
        {
            _loading.Release();
        }
    }

    /// <summary>As <see cref="LoadAsync"/>, after a change on this node that is committed already: when the database fails now, the listener follows later.</summary>
    public async Task FollowAsync(CancellationToken cancellationToken)
    {
        try
        {
            await LoadAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is Npgsql.NpgsqlException or InvalidOperationException or TimeoutException or OperationCanceledException)
        {
            Log.NotFollowed(logger, exception.Message.Split('\n')[0]);
        }
    }

    /// <summary>A row's rule: the one that renders use, or one built for the occasion.</summary>
    internal CompiledGuardrail Compiled(PromptGuardrail row)
    {
        var fingerprint = Fingerprint(row);
        return _current.Entries.FirstOrDefault(entry => entry.Fingerprint == fingerprint)?.Guardrail ?? GuardrailInput.Build(row);
    }

    public void Dispose() => _loading.Dispose();

    /// <summary>Rules prepare themselves with their first text; that is not the first caller's time.</summary>
    private static CompiledGuardrail Warm(CompiledGuardrail guardrail)
    {
        if (guardrail.Rule is ModelCheckRule)
            return guardrail;
        try
        {
            new RuleSet([guardrail]).Check("A first text, so that the rule is ready: ａ1@b.cc");
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // It will say so again when it counts.
        }
        return guardrail;
    }

    /// <summary>A rule is built anew when anything of its row changes, whoever changes it.</summary>
    private static string Fingerprint(PromptGuardrail row) => JsonSerializer.Serialize(row);

    private sealed record Entry(string Fingerprint, PromptGuardrail Row, CompiledGuardrail Guardrail);

    /// <summary>The guardrails as they were at one moment, and the rules of each prompt that was asked for.</summary>
    private sealed class Edition(IReadOnlyList<Entry> entries)
    {
        private const int MostPrompts = 10_000;

        private readonly ConcurrentDictionary<(string Name, string Category, bool IsTrial), PromptRules?> _prompts = new();

        private readonly Lazy<IReadOnlyList<CompiledGuardrail>> _trial = new(() => [.. entries.Select(entry => GuardrailInput.Build(entry.Row))]);

        public IReadOnlyList<Entry> Entries => entries;

        public bool LooksAtResponses { get; } = entries.Any(entry => entry.Guardrail.Guardrail is { Scope: GuardrailScope.Response } or { Redact: true });

        public PromptRules? For(string name, string category, bool isTrial)
        {
            if (entries.Count == 0)
                return null;
            if (_prompts.TryGetValue((name, category, isTrial), out var known))
                return known;
            if (_prompts.Count >= MostPrompts)
                _prompts.Clear();
            return _prompts.GetOrAdd((name, category, isTrial), key => Rules(key.Name, key.Category, key.IsTrial));
        }

        private PromptRules? Rules(string name, string category, bool isTrial)
        {
            var guardrails = isTrial ? _trial.Value : entries.Select(entry => entry.Guardrail);
            List<CompiledGuardrail> own = [.. guardrails.Where(guardrail => guardrail.Guardrail.AppliesToPrompt(name, category))];
            return own.Count == 0 ? null : new PromptRules(own);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2, LogLevel.Warning, "A changed guardrail is followed a little later: {Reason}")]
        public static partial void NotFollowed(ILogger logger, string reason);

        [LoggerMessage(1, LogLevel.Warning, "The guardrail {Name} cannot be built, so each text follows its on_error ({OnError}): {Reason}")]
        public static partial void Broken(ILogger logger, string name, string onError, string reason);
    }
}
