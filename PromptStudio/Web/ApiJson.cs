using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace PromptStudio.Web;

/// <summary>How the API writes and reads JSON: snake_case, and nothing unknown is dropped in silence.</summary>
public static class ApiJson
{
    /// <summary>For bodies that are read or written outside of the framework's own hands.</summary>
    public static JsonSerializerOptions Options { get; } =
        Configured(new JsonSerializerOptions(JsonSerializerDefaults.Web) { TypeInfoResolver = new DefaultJsonTypeInfoResolver() });

    /// <summary>Sets options up in the API's way.</summary>
    public static JsonSerializerOptions Configured(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.PropertyNameCaseInsensitive = false;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.RespectNullableAnnotations = true;
        options.RespectRequiredConstructorParameters = true;
        options.AllowDuplicateProperties = false;
        options.MaxDepth = JsonBody.MaxDepth;
        return options;
    }
}
