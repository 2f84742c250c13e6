using System.Text.Json;
using System.Text.Unicode;
using PromptStudio.Web;

namespace PromptStudio.Rendering;

/// <summary>A render's body, read straight from its bytes. It reads what <see cref="RenderBody"/> reads; of what is not right, or unusual, it only says that it is.</summary>
public record struct RenderFields
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = JsonBody.MaxDepth };

    private string? _userId;
    private string? _modelName;
    private string? _label;
    private bool _enableAbTesting;
    private bool _dryRun;
    private Member _seen;

    [Flags]
    private enum Member
    {
        None = 0,
        Variables = 1,
        UserId = 2,
        RequestId = 4,
        ModelName = 8,
        Version = 16,
        Label = 32,
        EnableAbTesting = 64,
        DryRun = 128,
    }

    /// <summary>Where the variables are in the body; empty: there are none.</summary>
    public Range Variables { get; private set; }

    public readonly string? UserId => _userId;

    public Guid? RequestId { get; private set; }

    public readonly string? ModelName => _modelName;

    public int? Version { get; private set; }

    public readonly string? Label => _label;

    public readonly bool EnableAbTesting => _enableAbTesting;

    public readonly bool DryRun => _dryRun;

    /// <summary>Reads a body.</summary>
    /// <returns>False: somebody else has to read it, and may say what is wrong with it.</returns>
    public static bool TryRead(ReadOnlySpan<byte> body, out RenderFields fields)
    {
        fields = new RenderFields { _enableAbTesting = true };
        if (!Utf8.IsValid(body))
            return false;
        try
        {
            var reader = new Utf8JsonReader(body, Options);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (!fields.TryReadMember(ref reader))
                    return false;
            }
            // Anything after the object throws.
            return reader.TokenType == JsonTokenType.EndObject && !reader.Read();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private bool TryReadMember(ref Utf8JsonReader reader)
    {
        var member = reader.ValueTextEquals("variables"u8) ? Member.Variables
            : reader.ValueTextEquals("user_id"u8) ? Member.UserId
            : reader.ValueTextEquals("dry_run"u8) ? Member.DryRun
            : reader.ValueTextEquals("request_id"u8) ? Member.RequestId
            : reader.ValueTextEquals("model_name"u8) ? Member.ModelName
            : reader.ValueTextEquals("version"u8) ? Member.Version
            : reader.ValueTextEquals("label"u8) ? Member.Label
            : reader.ValueTextEquals("enable_ab_testing"u8) ? Member.EnableAbTesting
            : Member.None;
        if (member == Member.None || (_seen & member) != 0 || !reader.Read() || !StorableJson.IsStorable(ref reader))
            return false;
        _seen |= member;
        return member switch
        {
            Member.Variables => TryReadVariables(ref reader),
            Member.UserId => TryReadText(ref reader, out _userId),
            Member.ModelName => TryReadText(ref reader, out _modelName),
            Member.Label => TryReadText(ref reader, out _label),
            Member.RequestId => reader.TokenType == JsonTokenType.Null || (reader.TokenType == JsonTokenType.String && reader.TryGetGuid(out var id) && (RequestId = id) is not null),
            Member.Version => reader.TokenType == JsonTokenType.Null || (reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var number) && (Version = number) is not null),
            Member.EnableAbTesting => TryReadFlag(ref reader, out _enableAbTesting),
            _ => TryReadFlag(ref reader, out _dryRun),
        };
    }

    private bool TryReadVariables(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return true;
        if (reader.TokenType != JsonTokenType.StartObject)
            return false;
        var (start, depth) = ((int)reader.TokenStartIndex, reader.CurrentDepth);
        do
        {
            if (!reader.Read() || !StorableJson.IsStorable(ref reader))
                return false;
        }
        while (reader.CurrentDepth > depth);
        Variables = start..(int)reader.BytesConsumed;
        return true;
    }

    private static bool TryReadText(ref Utf8JsonReader reader, out string? text)
    {
        text = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        return reader.TokenType is JsonTokenType.String or JsonTokenType.Null;
    }

    private static bool TryReadFlag(ref Utf8JsonReader reader, out bool flag)
    {
        flag = reader.TokenType == JsonTokenType.True;
        return reader.TokenType is JsonTokenType.True or JsonTokenType.False;
    }
}
