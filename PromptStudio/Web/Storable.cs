namespace PromptStudio.Web;

/// <summary>Texts of addresses that go into a query: PostgreSQL cannot even be asked for some.</summary>
public static class Storable
{
    /// <summary>Characters of a text in an address at most.</summary>
    public const int MaxLength = 500;

    /// <summary>400 when a text cannot be looked for; null when it can.</summary>
    public static Problem? Problem(string member, string? text)
    {
        var wrong = text is null ? null : text.Length > MaxLength ? "more than 500 characters" : StorableJson.Problem(text.AsSpan());
        return wrong is null ? null : new Problem(400, "invalid_request", $"'{member}' contains {wrong}.") { Extensions = { ["member"] = member } };
    }
}
