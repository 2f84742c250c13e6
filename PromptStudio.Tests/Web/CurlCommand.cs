using System.Text;

namespace PromptStudio.Tests.Web;

/// <summary>A call of curl, as a shell would read it out of a block of the documentation.</summary>
internal sealed record CurlCommand(string Method, Uri Address, IReadOnlyList<(string Name, string Value)> Headers, string? Body)
{
    /// <summary>The calls in a block; other commands are left out.</summary>
    /// <param name="script">Simple commands: words, quotes, variables, and lines that go on.</param>
    /// <param name="variables">What the reader has filled in before.</param>
    /// <exception cref="FormatException">An option or a variable is not known.</exception>
    public static IEnumerable<CurlCommand> Read(string script, IReadOnlyDictionary<string, string> variables) =>
        Commands(script, variables).Where(words => words[0] == "curl").Select(words => Of([.. words.Skip(1)]));

    /// <summary>The request.</summary>
    public HttpRequestMessage ToRequest()
    {
        var request = new HttpRequestMessage(new HttpMethod(Method), Address);
        if (Body is not null)
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(Body));
        foreach (var (name, value) in Headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
                (request.Content ??= new ByteArrayContent([])).Headers.TryAddWithoutValidation(name, value);
        }
        return request;
    }

    private static CurlCommand Of(IReadOnlyList<string> words)
    {
        var (method, address, body) = ((string?)null, (Uri?)null, (string?)null);
        var headers = new List<(string, string)>();
        for (var n = 0; n < words.Count; n++)
        {
            switch (words[n])
            {
                case "-H":
                    var header = words[++n].Split(": ", 2);
                    headers.Add((header[0], header[1]));
                    break;
                case "-d":
                    body = words[++n];
                    break;
                case "-X":
                    method = words[++n];
                    break;
                case ['-', ..]:
                    throw new FormatException($"The option {words[n]} of curl is not read here.");
                default:
                    address = new Uri(words[n]);
                    break;
            }
        }
        return new CurlCommand(method ?? (body is null ? "GET" : "POST"), address ?? throw new FormatException("A call of curl names no address."), headers, body);
    }

    private static IEnumerable<IReadOnlyList<string>> Commands(string script, IReadOnlyDictionary<string, string> variables)
    {
        var (words, word, started, quote) = (new List<string>(), new StringBuilder(), false, '\0');
        for (var n = 0; n < script.Length; n++)
        {
            var letter = script[n];
            if (letter == '\\' && quote != '\'' && n + 1 < script.Length)
            {
                n++;
                if (script[n] != '\n')
                {
                    word.Append(script[n]);
                    started = true;
                }
            }
            else if (letter is '\'' or '"' && (quote == '\0' || quote == letter))
            {
                quote = quote == '\0' ? letter : '\0';
                started = true;
            }
            else if (letter == '$' && quote != '\'')
            {
                var end = n + 1;
                while (end < script.Length && (char.IsAsciiLetterUpper(script[end]) || script[end] == '_'))
                    end++;
                var name = script[(n + 1)..end];
                word.Append(variables.TryGetValue(name, out var value) ? value : throw new FormatException($"Nobody says what ${name} is."));
                n = end - 1;
                started = true;
            }
            else if (quote == '\0' && letter is (' ' or '\n'))
            {
                if (started)
                    words.Add(word.ToString());
                word.Clear();
                started = false;
                if (letter == '\n' && words.Count > 0)
                {
                    yield return words;
                    words = [];
                }
            }
            else if (quote == '\0' && letter == '#' && !started)
            {
                while (n + 1 < script.Length && script[n + 1] != '\n')
                    n++;
            }
            else
            {
                word.Append(letter);
                started = true;
            }
        }
        if (started)
            words.Add(word.ToString());
        if (words.Count > 0)
            yield return words;
    }
}
