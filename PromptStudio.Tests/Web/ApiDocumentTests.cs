using System.Text.Json;
using PromptStudio.Tests.Studio;
using PromptStudio.Web;

namespace PromptStudio.Tests.Web;

[Trait(Tier.Name, Tier.Api)]
public sealed class ApiDocumentTests(StudioApp app) : IClassFixture<StudioApp>
{
    /// <summary>Set to 1, it makes the run write the document beside this test instead of comparing it.</summary>
    private const string Refresh = "PROMPTSTUDIO_REFRESH_OPENAPI";

    private static string Snapshot => Path.Combine(StudioOutput.Repository, "PromptStudio.Tests", "Web", "openapi.json");

    [Fact]
    public async Task Document_IsTheOneThatCallersKnow()
    {
        var document = await app.Anonymous.GetStringAsync(new Uri(ApiDocument.Route, UriKind.Relative), TestContext.Current.CancellationToken);
        if (Environment.GetEnvironmentVariable(Refresh) == "1")
            await File.WriteAllTextAsync(Snapshot, document + "\n", TestContext.Current.CancellationToken);

        var known = await File.ReadAllTextAsync(Snapshot, TestContext.Current.CancellationToken);
        Assert.True(known.TrimEnd() == document, $"The API differs from openapi.json. If that is meant, run this test with {Refresh}=1 and look at the difference. {FirstDifference(known, document)}");
    }

    [Fact]
    public async Task EveryOperation_SaysWhatItTakesAndAnswers()
    {
        var operations = await ReadAsync(app);
        var silent = new List<string>();

        Assert.True(operations.Count > 5);
        foreach (var operation in operations)
            silent.AddRange(Problems(operation.Json).Select(problem => $"{operation.Name}: {problem}"));
        Assert.True(silent.Count == 0, "Not described (see Described.cs: WithBody, WithAnswer, WithProblem, WithParameter):" + string.Concat(silent.Select(line => Environment.NewLine + line)));
    }

    /// <summary>Every operation of the running app's document.</summary>
    internal static async Task<IReadOnlyList<(string Name, string Method, string Path, JsonElement Json)>> ReadAsync(StudioApp app)
    {
        var text = await app.Anonymous.GetStringAsync(new Uri(ApiDocument.Route, UriKind.Relative), TestContext.Current.CancellationToken);
        return
        [
            .. from path in JsonElement.Parse(text).GetProperty("paths").EnumerateObject()
               from operation in path.Value.EnumerateObject()
               select ($"{operation.Name.ToUpperInvariant()} {path.Name}", operation.Name.ToUpperInvariant(), path.Name, operation.Value),
        ];
    }

    private static IEnumerable<string> Problems(JsonElement operation)
    {
        foreach (var member in (string[])["operationId", "summary", "description", "tags"])
        {
            if (!operation.TryGetProperty(member, out _))
                yield return $"no {member}";
        }
        foreach (var parameter in Members(operation, "parameters"))
        {
            if (!parameter.TryGetProperty("description", out _))
                yield return $"no description of the parameter '{parameter.GetProperty("name")}'";
        }
        if (operation.TryGetProperty("requestBody", out var body) && !HasExamples(body))
            yield return "no example of the request's body";
        var responses = operation.GetProperty("responses").EnumerateObject().ToList();
        if (!responses.Any(response => response.Name.StartsWith('2')))
            yield return "no answer for success";
        foreach (var response in responses.Where(response => !HasExamples(response.Value)))
            yield return $"no example of the answer {response.Name}";
        string[] expected = ["400", "401", "403", "429", "500", "503", .. operation.TryGetProperty("requestBody", out _) ? (string[])["413"] : []];
        foreach (var status in expected.Except(responses.Select(response => response.Name)))
            yield return $"no status {status}";
    }

    private static List<JsonElement> Members(JsonElement json, string name) => json.TryGetProperty(name, out var list) ? [.. list.EnumerateArray()] : [];

    private static bool HasExamples(JsonElement bodyOrAnswer) => !bodyOrAnswer.TryGetProperty("content", out var contents)
        || contents.EnumerateObject().All(content => content.Value.TryGetProperty("example", out _) || content.Value.TryGetProperty("examples", out _));

    private static string FirstDifference(string known, string now)
    {
        var (before, after) = (known.Split('\n'), now.Split('\n'));
        var line = before.Zip(after).TakeWhile(pair => pair.First == pair.Second).Count();
        return $"Line {line + 1}: '{before.ElementAtOrDefault(line)?.Trim()}' is now '{after.ElementAtOrDefault(line)?.Trim()}'.";
    }
}
