using System.Text.Json;
using System.Text.Json.Nodes;

namespace PromptStudio.Samples;

/// <summary>What applications send for a variable, by its name.</summary>
internal static class SampleValues
{
    private static readonly Dictionary<string, (string Type, string Description, string[] Values)> Known = new(StringComparer.Ordinal)
    {
        ["query"] = ("string", "What the person asks.", ["Why is the sky blue?", "How do I solve x² + 5x + 6 = 0?", "What caused the First World War?", "Explain photosynthesis please", "hlep me with fractions", "Is Pluto a planet again?"]),
        ["grade_level"] = ("integer", "School year, 1 to 13.", ["5", "7", "8", "10", "12"]),
        ["context"] = ("string", "What was said before.", ["Homework in biology, chapter 4", "The student asked about plants yesterday", "None"]),
        ["company"] = ("string", "Our customer's name.", ["Northwind", "Contoso", "Fabrikam", "Adventure Works"]),
        ["plan"] = ("string", "The plan that they pay for.", ["Free", "Team", "Business", "Enterprise"]),
        ["ticket"] = ("string", "The customer's message.", ["I was charged twice in November. Please refund one of them.", "The export button does nothing since the update.", "How can I add a second admin?", "Our webhook gets 500 from you about once an hour."]),
        ["history"] = ("array", "Earlier messages, the oldest first.", ["[]", "[\"Hi, I need help\", \"Of course. What happened?\"]", "[\"Any news?\"]"]),
        ["product"] = ("object", "The product as the catalogue has it.", ["{\"name\": \"Trail 3 boots\", \"price\": 129.0, \"material\": \"leather\"}", "{\"name\": \"Nimbus lamp\", \"price\": 49.9, \"material\": \"glass\"}"]),
        ["language"] = ("string", "Language of the answer.", ["English", "German", "French", "Spanish"]),
        ["tone"] = ("string", "How it should sound.", ["friendly", "formal", "playful", "plain"]),
        ["document"] = ("string", "The text to work on.", ["Revenue grew by 12 % to 48 million. Costs rose by 4 %.", "The tenant pays on the third working day of each month. Late payment costs 5 % a year.", "Minutes: we agreed to ship on Friday. Ada checks the migration, Grace writes the notes."]),
        ["question"] = ("string", "What is asked about the document.", ["How much did revenue grow?", "When is the rent due?", "Who writes the notes?"]),
        ["passages"] = ("array", "What the search found.", ["[{\"title\": \"Refunds\", \"text\": \"Refunds take five days.\"}, {\"title\": \"Plans\", \"text\": \"Plans renew each month.\"}]", "[{\"title\": \"Admins\", \"text\": \"Owners may add admins.\"}]"]),
        ["code"] = ("string", "Source code.", ["def mean(xs): return sum(xs) / len(xs)", "SELECT * FROM orders WHERE paid = false", "for (var i = 0; i <= items.length; i++) render(items[i])"]),
        ["schema"] = ("string", "Tables and columns.", ["orders(id, customer_id, total, paid), customers(id, name, country)", "events(id, at, kind, payload)"]),
        ["review"] = ("string", "A customer's review.", ["Great boots, but the laces broke after a week.", "Exactly as described. Fast delivery!", "Never again. Nobody answers the phone."]),
        ["labels"] = ("array", "The classes there are.", ["[\"billing\", \"bug\", \"how-to\", \"other\"]", "[\"positive\", \"mixed\", \"negative\"]"]),
        ["max_words"] = ("integer", "How long the answer may be.", ["60", "120", "200"]),
        ["audience"] = ("string", "Who reads it.", ["customers", "executives", "new colleagues", "children of ten"]),
        ["topic"] = ("string", "What it is about.", ["tidal energy", "the new price list", "how vaccines work"]),
        ["user_name"] = ("string", "First name of the person.", ["Sam", "Noor", "Mia", "Jonas", "Priya"]),
        ["notes"] = ("string", "Somebody's notes.", ["call went well, wants a trial for 20 seats, decision in January", "patient reports headaches in the morning, better after coffee", "line 3 stops every night at two"]),
        ["items"] = ("array", "Things, one each.", ["[\"milk\", \"rice\", \"two onions\"]", "[\"laptop\", \"dock\", \"headset\"]"]),
        ["city"] = ("string", "Where.", ["Lisbon", "Kraków", "Oslo", "Nairobi"]),
        ["days"] = ("integer", "How many days.", ["2", "3", "5"]),
        ["amount"] = ("number", "In the customer's currency.", ["19.9", "240", "1250.5"]),
    };

    /// <summary>The contract of a template that reads these variables.</summary>
    public static JsonElement Contract(IReadOnlyList<string> names) => JsonSerializer.SerializeToElement(new
    {
        required = names.ToDictionary(name => name, name => Known.TryGetValue(name, out var known) ? new { type = known.Type, description = known.Description } : new { type = "string", description = "" }),
        optional = Array.Empty<string>(),
    });

    /// <summary>Values for these variables, another set for each number.</summary>
    public static JsonElement Set(IReadOnlyList<string> names, int number)
    {
        var set = new JsonObject();
        foreach (var (name, index) in names.Select((name, index) => (name, index)))
        {
            var (type, _, values) = Known.TryGetValue(name, out var known) ? known : ("string", "", ["something"]);
            var value = values[(number * (index + 3)) % values.Length];
            set[name] = type == "string" ? JsonValue.Create(value) : JsonNode.Parse(value);
        }
        return JsonSerializer.SerializeToElement(set);
    }
}
