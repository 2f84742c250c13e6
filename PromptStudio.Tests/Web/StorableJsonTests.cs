using System.Text;
using CsCheck;
using Npgsql;
using PromptStudio.Tests.Studio;
using PromptStudio.Web;

namespace PromptStudio.Tests.Web;

[Trait(Tier.Name, Tier.Unit)]
public sealed class StorableJsonTests
{
    [Theory]
    [InlineData("""{"a": "\u0000"}""", "U+0000")]
    [InlineData("""{"\u0000": 1}""", "U+0000")]
    [InlineData("""["\ud83c"]""", "surrogate")]
    [InlineData("""["\udf24\ud83c"]""", "surrogate")]
    [InlineData("[1e401]", "exponent")]
    [InlineData("[0e-99999]", "exponent")]
    [InlineData("[1e99999999999999999999]", "exponent")]
    public void Problem_OfWhatPostgresCannotHold_IsTold(string json, string expected) =>
        Assert.Contains(expected, StorableJson.Problem(Encoding.UTF8.GetBytes(json), 64), StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"a": "\ud83c\udf24 \u0001", "b": [1e+400, -1E-5, 0.1, 12345678901234567890123], "c": null}""")]
    [InlineData("\"text\"")]
    public void Problem_OfGoodJson_IsNone(string json) => Assert.Null(StorableJson.Problem(Encoding.UTF8.GetBytes(json), 64));

    [Fact]
    public void Problem_OfAText_IsWhatPostgresCannotHold()
    {
        Assert.Null(StorableJson.Problem(""));
        Assert.Null(StorableJson.Problem("Wetter: 🌤 und 👩‍🚀"));
        Assert.Contains("U+0000", StorableJson.Problem("a\0"), StringComparison.Ordinal);
        Assert.All(["\ud83c", "🌤\udf24", "\ud83c\ud83c\udf24", "a\udf24b"], text => Assert.Contains("surrogate", StorableJson.Problem(text), StringComparison.Ordinal));
    }

    [Fact]
    public void Problem_OfALongNumber_IsTold() =>
        Assert.Contains("digits", StorableJson.Problem(Encoding.UTF8.GetBytes(new string('1', 1001)), 64), StringComparison.Ordinal);
}

/// <summary>The door is as wide as PostgreSQL: what it lets through, jsonb takes.</summary>
[Trait(Tier.Name, Tier.Database)]
public sealed class StorableJsonInPostgresTests(PostgresServer server)
{
    private static readonly Gen<string> Number = Gen.Select(Gen.Int, Gen.Int[-500, 500], Gen.Char["eE"], (digits, exponent, e) => $"{digits}{e}{exponent}");

    private static readonly Gen<string> Text = Gen.OneOf(
        Gen.UShort.Select(unit => $"\"\\u{unit:x4}\""),
        Gen.Select(Gen.UShort, Gen.UShort, (first, second) => $"\"\\u{first:x4}\\u{second:x4}\""));

    [Fact]
    public async Task Problem_OfRandomValues_AgreesWithPostgres()
    {
        await using var database = NpgsqlDataSource.Create(await server.CreateDatabaseAsync());
        await using var connection = await database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var store = new NpgsqlCommand("SELECT $1::jsonb::text", connection) { Parameters = { new NpgsqlParameter<string>() } };
        foreach (var json in Gen.OneOf(Number, Text).Array[300].Single())
        {
            if (StorableJson.Problem(Encoding.UTF8.GetBytes(json), 64) is not null)
                continue;
            ((NpgsqlParameter<string>)store.Parameters[0]).TypedValue = json;
            await store.ExecuteScalarAsync(TestContext.Current.CancellationToken);
        }
    }
}
