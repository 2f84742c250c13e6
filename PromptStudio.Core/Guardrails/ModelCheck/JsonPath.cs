using System.Globalization;
using System.Text.Json;

namespace PromptStudio.Core.Guardrails.ModelCheck;

/// <summary>The part of JSONPath (RFC 9535) that says where one value, or one in each item, stands: <c>$.a.b</c>, <c>$['a b']</c>, <c>$[0]</c>, <c>$[-1]</c>, <c>$[*]</c>, <c>$.*</c>.</summary>
public sealed class JsonPath
{
    private const int MostSteps = 20;

    private readonly List<Step> _steps = [];

    /// <exception cref="FormatException">It is no such path; the message says why.</exception>
    public JsonPath(string path)
    {
        if (!path.StartsWith('$'))
            throw new FormatException("must begin with $.");
        for (var at = 1; at < path.Length;)
            _steps.Add(Read(path, ref at));
        if (_steps.Count > MostSteps)
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"may have {MostSteps} steps."));
    }

    /// <summary>The values that are there.</summary>
    public IEnumerable<JsonElement> Find(JsonElement root) => _steps.Aggregate<Step, IEnumerable<JsonElement>>([root], (values, step) => values.SelectMany(step.Of));

    private static Step Read(string path, ref int at)
    {
        if (path[at] == '.')
        {
            var start = ++at;
            while (at < path.Length && path[at] is not ('.' or '['))
                at++;
            var name = path[start..at];
            return name.Length > 0 ? new Step(name == "*" ? null : name, null) : throw new FormatException("has a dot without a name; .. is not known here.");
        }
        var end = path[at] == '[' ? path.IndexOf(']', at) : -1;
        if (path[at] == '[' && at + 1 < path.Length && path[at + 1] is '\'' or '"')
            end = path.IndexOf($"{path[at + 1]}]", at + 2, StringComparison.Ordinal) is var quote and >= 0 ? quote + 1 : -1;
        if (end < 0)
            throw new FormatException("must be like $.a.b, $['a b'], $[0] or $[*].");
        var inside = path[(at + 1)..end];
        at = end + 1;
        return inside switch
        {
            "*" => new Step(null, null),
            ['\'' or '"', .. var name, _] when name.Length > 0 => new Step(name, null),
            _ when int.TryParse(inside, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index) => new Step(null, index),
            _ => throw new FormatException("must have a number, a name in quotes, or * between brackets."),
        };
    }

    /// <summary>A member, an item, or, with neither, all of them.</summary>
    private sealed record Step(string? Name, int? Index)
    {
        public IEnumerable<JsonElement> Of(JsonElement value) => (value.ValueKind, Name, Index) switch
        {
            (JsonValueKind.Object, { } name, _) => value.TryGetProperty(name, out var member) ? [member] : [],
            (JsonValueKind.Object, null, null) => value.EnumerateObject().Select(member => member.Value),
            (JsonValueKind.Array, null, { } index) => (index < 0 ? index + value.GetArrayLength() : index) is var place && place >= 0 && place < value.GetArrayLength() ? [value[place]] : [],
            (JsonValueKind.Array, null, null) => value.EnumerateArray(),
            _ => [],
        };
    }
}
