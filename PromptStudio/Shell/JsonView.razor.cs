using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Components;

namespace PromptStudio.Shell;

/// <summary>JSON as a tree that opens and closes.</summary>
public sealed partial class JsonView
{
    private const int MaxDepth = 12;
    private const int OpenDepth = 3;
    private const int MostChildren = 500;

    [Parameter, EditorRequired]
    public JsonElement Value { get; set; }

    [Parameter, EditorRequired]
    public required string Label { get; set; }

    private static IEnumerable<(string Name, JsonElement Value)> Children(JsonElement value) => value.ValueKind == JsonValueKind.Object
        ? value.EnumerateObject().Select(member => (member.Name, member.Value))
        : value.EnumerateArray().Select((item, index) => (index.ToString(CultureInfo.InvariantCulture), item));

    private static int Count(JsonElement value) => value.ValueKind == JsonValueKind.Object ? value.GetPropertyCount() : value.GetArrayLength();

    private static string Size(JsonElement value) => value.ValueKind == JsonValueKind.Object ? $"{{{Count(value)}}}" : $"[{Count(value)}]";

    private static string Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
}
