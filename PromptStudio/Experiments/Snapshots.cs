using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using PromptStudio.Core.Audit;
using PromptStudio.Core.Experiments;
using PromptStudio.Core.Experiments.Analysis;

namespace PromptStudio.Experiments;

/// <summary>Makes snapshots, and says whether one still is what was worked out.</summary>
public static class Snapshots
{
    /// <summary>How settings, sums and figures are written. An interval that is open to one side has an infinite end.</summary>
    public static JsonSerializerOptions Json { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>Works out what an experiment says now.</summary>
    /// <param name="experiment">Which one.</param>
    /// <param name="sums">What is known of its current phase.</param>
    /// <param name="previous">The snapshot before, of the same phase.</param>
    /// <param name="now">When.</param>
    /// <returns>Null: it says what the previous snapshot says already.</returns>
    public static ExperimentSnapshot? Take(AbTestExperiment experiment, ExperimentSums sums, ExperimentSnapshot? previous, DateTimeOffset now)
    {
        var settings = JsonSerializer.Serialize(ExperimentInput.Settings(experiment), Json);
        var known = JsonSerializer.Serialize(sums, Json);
        if (previous?.EngineVersion == ExperimentAnalysis.Engine && Same(previous.Settings, settings) && Same(previous.Sums, known))
            return null;
        var analysis = ExperimentAnalysis.Of(ExperimentInput.Settings(experiment), sums, previous is null ? null : Figures(previous.Figures));
        var figures = JsonSerializer.Serialize(analysis, Json);
        var takenAt = AuditChain.Storable(now);
        return new ExperimentSnapshot
        {
            Id = Guid.CreateVersion7(takenAt),
            ExperimentId = experiment.Id,
            Phase = sums.Phase,
            TakenAt = takenAt,
            EngineVersion = ExperimentAnalysis.Engine,
            Settings = settings,
            Sums = known,
            Figures = figures,
            Hash = Hash(experiment.Id, sums.Phase, ExperimentAnalysis.Engine, settings, known, figures),
        };
    }

    /// <summary>SHA-256 over what was worked out, and from what; and over a decision, when there is one.</summary>
    public static byte[] Hash(Guid experimentId, int phase, string engineVersion, string settings, string sums, string figures, object? decision = null) =>
        SHA256.HashData(CanonicalJson.Write(JsonSerializer.SerializeToElement(
            new { experimentId, phase, engineVersion, settings = JsonElement.Parse(settings), sums = JsonElement.Parse(sums), figures = JsonElement.Parse(figures), decision }, Json)));

    /// <summary>Whether nobody changed a snapshot, and this engine works its sums out to the very same figures. What always-valid inference remembers of earlier looks is part of the figures.</summary>
    public static bool Holds(ExperimentSnapshot snapshot)
    {
        if (!Hash(snapshot.ExperimentId, snapshot.Phase, snapshot.EngineVersion, snapshot.Settings, snapshot.Sums, snapshot.Figures).AsSpan().SequenceEqual(snapshot.Hash))
            return false;
        var again = ExperimentAnalysis.Of(
            JsonSerializer.Deserialize<ExperimentSettings>(snapshot.Settings, Json)!, JsonSerializer.Deserialize<ExperimentSums>(snapshot.Sums, Json)!, Figures(snapshot.Figures));
        return Same(JsonSerializer.Serialize(again, Json), snapshot.Figures);
    }

    /// <summary>What an earlier analysis said; null: it is of an engine whose figures this one cannot read.</summary>
    public static ExperimentAnalysis? Figures(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<ExperimentAnalysis>(json, Json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static bool Same(string one, string other) =>
        CanonicalJson.Write(JsonElement.Parse(one)).AsSpan().SequenceEqual(CanonicalJson.Write(JsonElement.Parse(other)));
}
