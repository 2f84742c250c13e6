using System.Text.Json;
using PromptStudio.Core.Guardrails;
using PromptStudio.Core.Guardrails.Pii;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Guardrails;

/// <summary>Numbers were made for these tests by the rules of their check digits.</summary>
[Trait(Tier.Name, Tier.Unit)]
public sealed class PiiRuleTests
{
    [Theory]
    // Luhn and the issuers' ranges, whole and in groups.
    [InlineData("CREDIT_CARD", "pay with 4539 5787 6362 1486 today", "4539 5787 6362 1486")]
    [InlineData("CREDIT_CARD", "5555555555554444", "5555555555554444")]
    [InlineData("CREDIT_CARD", "2223-0031-2200-3222", "2223-0031-2200-3222")]
    [InlineData("CREDIT_CARD", "amex 3782 822463 10005.", "3782 822463 10005")]
    [InlineData("CREDIT_CARD", "卡号4111111111111111。", "4111111111111111")]
    [InlineData("CREDIT_CARD", "4000 0566 5566 5556 123 Main St", "4000 0566 5566 5556")]
    [InlineData("CREDIT_CARD", "6212341111111111119", null)]
    [InlineData("CREDIT_CARD", "4539 5787 6362 1487", null)]
    [InlineData("CREDIT_CARD", "9999999999999995", null)]
    [InlineData("CREDIT_CARD", "order_4111111111111111", null)]
    [InlineData("CREDIT_CARD", "$4111111111111111", null)]
    [InlineData("CREDIT_CARD", "1700000000000", null)]
    // Blocks that are not given out, and what mixes its hyphens.
    [InlineData("US_SSN", "219-05-1234", "219-05-1234")]
    [InlineData("US_SSN", "ssn 219051234", "219051234")]
    [InlineData("US_SSN", "order 219051234", null)]
    [InlineData("US_SSN", "666-05-1234", null)]
    [InlineData("US_SSN", "900-05-1234", null)]
    [InlineData("US_SSN", "219-00-1234", null)]
    [InlineData("US_SSN", "219-05-0000", null)]
    [InlineData("US_SSN", "219-05 1234", null)]
    [InlineData("US_SSN", "1-219-05-1234", null)]
    [InlineData("US_ITIN", "912-70-1234", "912-70-1234")]
    [InlineData("US_ITIN", "912-69-1234", null)]
    [InlineData("EMAIL_ADDRESS", "<jane.doe+x@mail.example.co.uk>", "jane.doe+x@mail.example.co.uk")]
    [InlineData("EMAIL_ADDRESS", "联系foo@example.com谢谢", "foo@example.com")]
    [InlineData("EMAIL_ADDRESS", "müller@bücher.de!", "müller@bücher.de")]
    [InlineData("EMAIL_ADDRESS", "to=o'brien@example.ie.", "o'brien@example.ie")]
    [InlineData("EMAIL_ADDRESS", "icon@2x.png", null)]
    [InlineData("EMAIL_ADDRESS", "a@b@c", null)]
    [InlineData("EMAIL_ADDRESS", "x@-bad.example", null)]
    [InlineData("EMAIL_ADDRESS", "x@bad..example", null)]
    [InlineData("PHONE_NUMBER", "Ring +49 30 901820 now", "+49 30 901820")]
    [InlineData("PHONE_NUMBER", "(212) 736-5000", "(212) 736-5000")]
    [InlineData("PHONE_NUMBER", "my mobile is 2127365000", "2127365000")]
    [InlineData("PHONE_NUMBER", "ticket 2127365000", null)]
    [InlineData("PHONE_NUMBER", "2024-01-15 10:22:33", null)]
    [InlineData("PHONE_NUMBER", "pi is 3.14159265358", null)]
    [InlineData("IBAN_CODE", "DE89 3704 0044 0532 0130 00.", "DE89 3704 0044 0532 0130 00")]
    [InlineData("IBAN_CODE", "gb29nwbk60161331926819", "gb29nwbk60161331926819")]
    [InlineData("IBAN_CODE", "NO93-8601-1117-947", "NO93-8601-1117-947")]
    [InlineData("IBAN_CODE", "DE89 3704 0044 0532 0130 01", null)]
    [InlineData("IBAN_CODE", "GB29 1WBK 6016 1331 9268 19", null)]
    [InlineData("IBAN_CODE", "ZZ89 3704 0044 0532 0130 00", null)]
    [InlineData("IP_ADDRESS", "at 203.0.113.9:8080", "203.0.113.9")]
    [InlineData("IP_ADDRESS", "net 203.0.113.0/24,", "203.0.113.0/24")]
    [InlineData("IP_ADDRESS", "2001:db8::8a2e:370:7334%en1", "2001:db8::8a2e:370:7334%en1")]
    [InlineData("IP_ADDRESS", "::ffff:203.0.113.9", "::ffff:203.0.113.9")]
    [InlineData("IP_ADDRESS", "1.2.3.4.5", null)]
    [InlineData("IP_ADDRESS", "203.0.113.256", null)]
    [InlineData("IP_ADDRESS", "std::vector", null)]
    [InlineData("IP_ADDRESS", "dead::beef", null)]
    [InlineData("IP_ADDRESS", "10:20:30", null)]
    // The vectors of BIP 173, BIP 350 and EIP-55.
    [InlineData("CRYPTO", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa")]
    [InlineData("CRYPTO", "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4")]
    [InlineData("CRYPTO", "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0", "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0")]
    [InlineData("CRYPTO", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")]
    [InlineData("CRYPTO", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed", null)]
    [InlineData("CRYPTO", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", null)]
    [InlineData("CRYPTO", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", null)]
    [InlineData("URL", "see https://docs.example.org/a?b=c.", "https://docs.example.org/a?b=c")]
    [InlineData("URL", "see shop.example.com/x", "shop.example.com/x")]
    [InlineData("URL", "call System.IO or file.txt or node.js", null)]
    [InlineData("MAC_ADDRESS", "nic 3c:22:fb:a1:09:7e", "3c:22:fb:a1:09:7e")]
    [InlineData("MAC_ADDRESS", "3c:22:fb-a1:09:7e", null)]
    [InlineData("MAC_ADDRESS", "00:00:00:00:00:00", null)]
    [InlineData("US_MBI", "1EG4-TE5-MK72", "1EG4-TE5-MK72")]
    [InlineData("US_MBI", "1SG4-TE5-MK72", null)]
    [InlineData("US_NPI", "npi 1245319599", "1245319599")]
    [InlineData("US_NPI", "npi 1245319598", null)]
    [InlineData("ABA_ROUTING_NUMBER", "routing 021000021", "021000021")]
    [InlineData("ABA_ROUTING_NUMBER", "routing 021000022", null)]
    [InlineData("ABA_ROUTING_NUMBER", "routing 421000023", null)]
    [InlineData("MEDICAL_LICENSE", "DEA AB1234563", "AB1234563")]
    [InlineData("MEDICAL_LICENSE", "DEA AB1234564", null)]
    [InlineData("US_PASSPORT", "passport 512803456", "512803456")]
    [InlineData("US_PASSPORT", "parcel 512803456", null)]
    [InlineData("US_BANK_NUMBER", "bank account 40123456789", "40123456789")]
    [InlineData("US_BANK_NUMBER", "tracking 40123456789", null)]
    [InlineData("US_DRIVER_LICENSE", "driver's license: D1234567", "D1234567")]
    [InlineData("US_DRIVER_LICENSE", "part D1234567", null)]
    [InlineData("UK_NHS", "943 476 5919", "943 476 5919")]
    [InlineData("UK_NHS", "943 476 5918", null)]
    [InlineData("UK_NINO", "ni AB 12 34 56 C", "AB 12 34 56 C")]
    [InlineData("UK_NINO", "GB123456A", null)]
    [InlineData("UK_NINO", "AB123456E", null)]
    [InlineData("UK_PASSPORT", "passport XY1234567", "XY1234567")]
    [InlineData("CA_SIN", "193-456-787", "193-456-787")]
    [InlineData("CA_SIN", "193-456-788", null)]
    [InlineData("AU_TFN", "tfn 123 456 782", "123 456 782")]
    [InlineData("AU_TFN", "tfn 123 456 783", null)]
    [InlineData("DE_TAX_ID", "86095742719", "86095742719")]
    [InlineData("DE_TAX_ID", "86095742718", null)]
    [InlineData("ES_NIF", "12345678-Z", "12345678-Z")]
    [InlineData("ES_NIF", "12345678A", null)]
    [InlineData("IT_FISCAL_CODE", "RSSMRA85T10A562S", "RSSMRA85T10A562S")]
    [InlineData("IT_FISCAL_CODE", "RSSMRA85Z10A562S", null)]
    [InlineData("PL_PESEL", "92071314764", "92071314764")]
    [InlineData("PL_PESEL", "92073314766", null)]
    [InlineData("PL_PESEL", "92071314765", null)]
    [InlineData("IN_AADHAAR", "2345 6789 0124", "2345 6789 0124")]
    [InlineData("IN_AADHAAR", "2345 6789 0125", null)]
    [InlineData("IN_PAN", "ABCPE1234F", "ABCPE1234F")]
    [InlineData("IN_PAN", "ABCXE1234F", null)]
    [InlineData("SG_NRIC_FIN", "S1234567D", "S1234567D")]
    [InlineData("SG_NRIC_FIN", "S12345678", null)]
    public void Entity_IsToldByItsStandard(string entity, string text, string? expected)
    {
        var hit = Hits(Rule(entity), text).SingleOrDefault();
        Assert.Equal(expected, hit is null ? null : text[hit.Span!.Value.Start..hit.Span.Value.End]);
        Assert.Equal(expected is null ? null : entity, hit?.Entity);
    }

    [Fact]
    public void EveryEntity_IsTested()
    {
        var tested = typeof(PiiRuleTests).GetMethod(nameof(Entity_IsToldByItsStandard))!.GetCustomAttributes(typeof(InlineDataAttribute), false).Cast<InlineDataAttribute>().Where(data => data.Data[2] is not null).Select(data => (string)data.Data[0]!);
        Assert.Empty(PiiRule.Entities.Except(tested));
    }

    [Fact]
    public void Messages_NeverHaveWhatWasFound()
    {
        const string Text = "4111111111111111 jane@example.com 219-05-1234 DE89370400440532013000 +49 30 901820";
        var hits = Hits(RuleType.Parse(RuleType.Pii, "{}"), Text);
        Assert.True(hits.Count >= 5);
        Assert.All(hits, hit => Assert.DoesNotContain(Text[hit.Span!.Value.Start..hit.Span.Value.End], hit.Message, StringComparison.OrdinalIgnoreCase));
        Assert.Equal(hits.OrderBy(hit => hit.Span!.Value.Start), hits);
    }

    [Theory]
    [InlineData("41\u200b11 1111 1111 11\u206011 x", 0, 21)]
    [InlineData("is \uff14\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11.", 3, 19)]
    [InlineData("is &#52;111111111111111.", 3, 23)]
    [InlineData("is NDExMTExMTExMTExMTExMQ==", 3, 27)]
    public void Disguise_IsShownWhereItIs(string text, int start, int end)
    {
        var hit = Assert.Single(Hits(Rule("CREDIT_CARD"), text));
        Assert.Equal((start, end), (hit.Span!.Value.Start, hit.Span.Value.End));
    }

    [Fact]
    public void Number_InTwoForms_IsThatOfItsContext()
    {
        // A routing number by its check digit, and nine digits of a passport.
        Assert.Equal("ABA_ROUTING_NUMBER", Assert.Single(Hits(Rule("ABA_ROUTING_NUMBER", "US_PASSPORT"), "021000021")).Entity);
        Assert.Equal("US_PASSPORT", Assert.Single(Hits(Rule("US_PASSPORT", "US_SSN"), "passport 219051234")).Entity);
    }

    [Theory]
    [InlineData("[]", "entities")]
    [InlineData("""{"entities": ["CREDIT_CARDS"]}""", "rule_config.entities has no entity 'CREDIT_CARDS'; there are CREDIT_CARD,")]
    [InlineData("""{"entities": []}""", "rule_config.entities")]
    [InlineData("""{"min_score": 2}""", "rule_config.min_score")]
    [InlineData("""{"regions": ["Germany"]}""", "rule_config.regions has no region 'Germany'")]
    [InlineData("""{"entity": "URL"}""", "rule_config.entity is not known here; known are entities, min_score, regions.")]
    public void Config_ThatIsWrong_NamesItsField(string config, string message)
    {
        var exception = Assert.Throws<FormatException>(() => RuleType.Parse(RuleType.Pii, config));
        Assert.Contains(config == "[]" ? "rule_config must be an object." : message, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MinScore_DecidesWhatNeedsContext()
    {
        Assert.Empty(Hits(RuleType.Parse(RuleType.Pii, """{"entities": "US_NPI", "min_score": 0.5}"""), "1245319599"));
        Assert.Single(Hits(RuleType.Parse(RuleType.Pii, """{"entities": "US_NPI", "min_score": 0.5}"""), "NPI 1245319599"));
        Assert.Single(Hits(RuleType.Parse(RuleType.Pii, """{"entities": "US_PASSPORT", "min_score": 0}"""), "512803456"));
    }

    [Fact]
    public void Regions_DecideWhatIsANumber()
    {
        Assert.Empty(Hits(RuleType.Parse(RuleType.Pii, """{"entities": "PHONE_NUMBER", "regions": ["US"]}"""), "(030) 901-820"));
        Assert.Single(Hits(RuleType.Parse(RuleType.Pii, """{"entities": "PHONE_NUMBER", "regions": ["DE"]}"""), "(030) 901-820"));
    }

    internal static Rule Rule(params string[] entities) => RuleType.Parse(RuleType.Pii, JsonSerializer.Serialize(new { entities }));

    private static List<Hit> Hits(Rule rule, string text)
    {
        var hits = new List<Hit>();
        rule.Find(new RuleInput(text), hits);
        return hits;
    }
}
