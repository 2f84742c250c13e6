using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;

namespace PromptStudio.Tests.Web;

/// <summary>A request that nobody sends on purpose.</summary>
/// <param name="Method">Of HTTP.</param>
/// <param name="Target">Path and query, percent-encoded as they go out.</param>
/// <param name="Body">Null: none.</param>
/// <param name="ContentType">Null: none.</param>
internal sealed record BadRequest(string Method, string Target, byte[]? Body, string? ContentType)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Method} {Short(Target)} ({ContentType ?? "no content type"}) {(Body is null ? "" : Short(Encoding.UTF8.GetString(Body)))}");

    private static string Short(string text) => text.Length > 300 ? $"{text[..300]}… ({text.Length})" : text;
}

/// <summary>Random bad requests to an operation of the OpenAPI document.</summary>
internal static class BadRequests
{
    /// <summary>Values as they stand in an address.</summary>
    private static readonly Gen<string> Value = Gen.Frequency(
        (6, Constant(
            "", "%20", "0", "-1", "1", "2147483648", "99999999999999999999", "1e999", "NaN", "true", "null", "[]", "{}", "-sequence", "--name", "success",
            "%01", "%0d%0a", "a%0ab", "%25", "%25%5C_", "%2e%2e%2f%2e%2e%2fetc", "..%2f..", "%2e%2e", ".", "~", "%F0%9F%92%A5", "%E2%80%AE", "%EF%BF%BF", "%C3%A4",
            "%FF", "%ED%A0%80", "%C0%80", "%", "%zz", "%u0000", "'%3B%20DROP%20TABLE%20prompts", "%3Cscript%3E", "2026-99-99", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
            "2026-01-01T00:00:00%2B14:00", "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-7fff-bfff-ffffffffffff", "01a2047b-3a97-7139-b2de-be3cb065d8a6", "nlu_topic_extraction")),
        (1, Constant("%00", "a%00b")),
        (1, Gen.Int[1, 4000].Select(length => new string('a', length))),
        (2, Gen.String[0, 12].Select(Encoded)));

    private static readonly Gen<string?> ContentType = Constant<string?>(
        "application/json", "application/json", "application/json", "application/json; charset=utf-16", "text/plain", "application/xml", "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded", null);

    /// <summary>Texts of JSON that stand for one value.</summary>
    private static readonly Gen<string> Json = Gen.OneOf(
        Constant(
            "null", "true", "0", "-1", "1.5", "2147483648", "99999999999999999999", "1e400", "1e999999", "-0", "\"\"", "\" \"", "[]", "{}", "[[]]", "[null]", "{\"\":\"\"}",
            "\"\\u0000\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "{\"a\\u0000\":1}", "{\"a\":1,\"a\":2}", "\"2026-99-99\"", "\"x\"", "\"jinja2\"", "\"{{ x\"", "\"{% for %}\""),
        Gen.String[0, 20].Select(text => JsonSerializer.Serialize(text)),
        Gen.Int[1, 60_000].Select(length => $"\"{new string('a', length)}\""),
        Gen.Int[1, 2_000].Select(depth => new string('[', depth) + new string(']', depth)));

    /// <summary>A request to an operation: anything of it may be wrong.</summary>
    public static Gen<BadRequest> To(string method, string path, JsonElement operation)
    {
        var parameters = operation.TryGetProperty("parameters", out var list) ? list.EnumerateArray().ToList() : [];
        var inPath = parameters.Where(parameter => parameter.GetProperty("in").GetString() == "path").ToList();
        var inQuery = parameters.Where(parameter => parameter.GetProperty("in").GetString() == "query").Select(parameter => parameter.GetProperty("name").GetString()!).Append("unknown").ToArray();
        var example = operation.TryGetProperty("requestBody", out var body)
            ? body.GetProperty("content").EnumerateObject().First().Value.TryGetProperty("example", out var shown) ? shown.GetRawText() : "{}"
            : null;
        var target =
            from values in Gen.Select(Value, Gen.Bool, (value, asExample) => (value, asExample)).Array[inPath.Count]
            from query in Gen.Select(Constant(inQuery), Value).Array[0, 4]
            select Target(path, inPath, values, query);
        return from address in target
               from content in example is null ? Gen.Const(() => (byte[]?)null) : Body(example)
               from type in ContentType
               select new BadRequest(method, address, content, content is null ? null : type);
    }

    private static string Target(string path, List<JsonElement> parameters, (string Value, bool AsExample)[] values, (string Name, string Value)[] query)
    {
        for (var n = 0; n < values.Length; n++)
        {
            var value = values[n].AsExample && parameters[n].TryGetProperty("example", out var example) ? Uri.EscapeDataString(example.ToString()) : values[n].Value;
            path = path.Replace($"{{{parameters[n].GetProperty("name").GetString()}}}", value, StringComparison.Ordinal);
        }
        return query.Length == 0 ? path : $"{path}?{string.Join('&', query.Select(pair => $"{pair.Name}={pair.Value}"))}";
    }

    /// <summary>The example with one member that is something else, or text that is hardly JSON at all.</summary>
    private static Gen<byte[]?> Body(string example) => Gen.Frequency(
        (6, Gen.Select(Gen.Int[0, 1_000], Json, (at, value) => Bytes(Mutated(example, at, value)))),
        (1, Json.Select(Bytes)),
        (1, Gen.Int[0, 400].Select(length => Bytes(example[..Math.Min(length, example.Length)]))),
        (1, Gen.Byte.Array[0, 60].Select(bytes => (byte[]?)bytes)),
        (1, Gen.Int[0, 200].Select(at => (byte[]?)[.. Encoding.UTF8.GetBytes(example.Insert(Math.Min(at, example.Length), "\u0001")).Select(b => b == 1 ? (byte)0xff : b)])),
        (1, Gen.Const(Bytes("{\"x\":\"" + new string('a', 1_100_000) + "\"}"))));

    private static byte[]? Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Mutated(string example, int at, string value)
    {
        if (JsonNode.Parse(example) is not JsonObject members)
            return value;
        var names = members.Select(member => member.Key).Append("unknown").ToArray();
        var chosen = names[at % names.Length];
        // Written by hand: what is put in may be no JSON that the library would keep as it is.
        var others = members.Where(member => member.Key != chosen).Select(member => $"{JsonSerializer.Serialize(member.Key)}:{member.Value?.ToJsonString() ?? "null"}");
        return "{" + string.Join(',', others.Append($"{JsonSerializer.Serialize(chosen)}:{value}")) + "}";
    }

    private static Gen<T> Constant<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(n => values[n]);

    /// <summary>As bytes, so that halves of surrogate pairs go out too, as bytes that are no UTF-8.</summary>
    private static string Encoded(string text) => string.Concat(text.EnumerateRunes().SelectMany(rune =>
    {
        Span<byte> bytes = stackalloc byte[4];
        return Convert.ToHexString(bytes[..rune.EncodeToUtf8(bytes)]).Chunk(2).Select(hex => "%" + new string(hex));
    }));
}
