using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace PromptStudio.Tests.Studio;

/// <summary>An answer of the API: its status, and its JSON.</summary>
internal sealed record ApiAnswer(HttpStatusCode Status, JsonElement Json, string Text)
{
    /// <summary>The code of a problem.</summary>
    public string? Code => Json.ValueKind == JsonValueKind.Object && Json.TryGetProperty("code", out var code) ? code.GetString() : null;

    /// <summary>A member, as text.</summary>
    public string Value(string member) => Json.GetProperty(member).ToString();
}

/// <summary>Calls of the API in a line.</summary>
internal static class Api
{
    public static async Task<ApiAnswer> CallAsync(this HttpClient client, HttpMethod method, string address, object? body = null, string? key = null)
    {
        using var request = new HttpRequestMessage(method, address);
        if (body is string text)
            request.Content = new StringContent(text, System.Text.Encoding.UTF8, "application/json");
        else if (body is not null)
            request.Content = JsonContent.Create(body);
        if (key is not null)
            request.Headers.Authorization = new System.Net.Http.Headers.AuthenticationHeaderValue("Bearer", key);
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        var answer = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var isJson = response.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.Ordinal) == true;
        return new ApiAnswer(response.StatusCode, isJson ? JsonDocument.Parse(answer).RootElement : default, answer);
    }
}
