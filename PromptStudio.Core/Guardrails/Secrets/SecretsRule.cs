using System.Buffers;
using PromptStudio.Core.Guardrails.Text;

namespace PromptStudio.Core.Guardrails.Secrets;

/// <summary>
/// Rule type <c>secrets</c>: <c>{detectors?, entropy?, allow?}</c>: all of them, <c>balanced</c>, nothing. Finds tokens of providers, private keys, JSON web tokens, passwords in addresses and
/// commands, and whatever is assigned to a name such as <c>password</c> and looks random enough: <c>entropy</c> is <c>off</c>, <c>strict</c> (finds more), <c>balanced</c> or <c>permissive</c>.
/// </summary>
public sealed class SecretsRule : Rule
{
    private const string Generic = "generic-secret";

    /// <summary>Characters around a token that say that it goes on, or is part of something longer.</summary>
    private static readonly SearchValues<char> Word = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

    /// <summary>A secret of a provider is no longer than this, with what is assigned before it.</summary>
    private const int Window = 2_200;

    /// <summary>What is found of one text at most, before it is known which overlap.</summary>
    private const int MaxFound = 5_000;

    /// <summary>Detectors that are code.</summary>
    private static readonly (string Id, string[] Triggers)[] Structured =
    [
        ("private-key", ["-----BEGIN "]),
        ("jwt", ["eyJ"]),
        ("url-password", ["://"]),
        ("curl-password", [" -u ", " --user ", " --user="]),
        ("authorization-header", ["authorization"]),
        (Generic, ["password", "passwd", "passphrase", "pwd", "db_pass", "secret", "api_key", "apikey", "api-key", "api key", "access_key", "accesskey", "access-key", "auth_token", "authtoken", "auth-token", "access_token", "accesstoken", "access-token",
            "private_key", "privatekey", "client_secret", "clientsecret", "_token", "credentials"]),
    ];

    private readonly HashSet<string> _allowed;
    private readonly SearchValues<string> _search;
    private readonly List<Trigger>[] _triggers = new List<Trigger>[128];
    private readonly double _entropy;

    internal SecretsRule(RuleConfig config)
    {
        var chosen = config.Texts("detectors");
        var level = config.Choice("entropy", "balanced", "strict", "permissive", "off");
        _allowed = new HashSet<string>(config.Texts("allow") ?? [], StringComparer.OrdinalIgnoreCase);
        config.RefuseOthers();
        if (chosen?.FirstOrDefault(id => !Detectors.Contains(id)) is { } unknown)
            throw RuleConfig.Wrong("detectors", $"has no detector '{unknown}'; there are {string.Join(", ", Detectors)}.");
        _entropy = level switch { "strict" => 2.5, "permissive" => 3.75, _ => 3 };
        var triggers = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (id, words) in Structured.Where(one => (chosen?.Contains(one.Id) ?? true) && (one.Id != Generic || level != "off")))
            Add(words, triggers, new Trigger("", id, null));
        foreach (var detector in SecretDetectors.All.Where(one => chosen?.Contains(one.Id) ?? true))
        {
            // Built now, not while the first prompt that needs it waits.
            _ = detector.Pattern;
            Add(detector.Triggers, triggers, new Trigger("", detector.Id, detector));
        }
        _search = SearchValues.Create([.. triggers], StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The detectors there are, as <c>detectors</c> and hits name them.</summary>
    public static IReadOnlyList<string> Detectors { get; } = [.. Structured.Select(one => one.Id).Concat(SecretDetectors.All.Select(one => one.Id)).Distinct()];

    public override void Find(RuleInput input, List<Hit> hits)
    {
        List<Scored>? found = null;
        Look(input.Text.Original, input.CancellationToken, ref found);
        if (!input.Text.IsPlain)
        {
            if (!ReferenceEquals(input.Text.Clean, input.Text.Original))
                Look(input.Text.Clean, input.CancellationToken, ref found);
            foreach (var hidden in input.Text.Hidden)
                Look(hidden, input.CancellationToken, ref found);
        }
        if (found is not null)
            Report(found, hits);
    }

    /// <summary>Where finds overlap stays what more is known of, or else the longer.</summary>
    private static void Report(List<Scored> found, List<Hit> hits)
    {
        var stay = new List<Scored>();
        foreach (var one in found.OrderBy(one => one.Secret.Rank).ThenByDescending(one => one.Span.End - one.Span.Start).ThenBy(one => one.Span.Start))
        {
            if (stay.Count == MaxHits)
                break;
            if (!stay.Exists(known => known.Span.Overlaps(one.Span)))
                stay.Add(one);
        }
        hits.AddRange(stay.OrderBy(one => one.Span.Start).Select(one => new Hit(one.Secret.What, one.Span, one.Secret.Id)));
    }

    private void Add(string[] words, HashSet<string> triggers, Trigger trigger)
    {
        foreach (var word in words)
        {
            triggers.Add(word);
            foreach (var first in new HashSet<char> { char.ToLowerInvariant(word[0]), char.ToUpperInvariant(word[0]) })
                (_triggers[first] ??= []).Add(trigger with { Text = word });
        }
    }

    private void Look(MappedText view, CancellationToken cancellationToken, ref List<Scored>? found)
    {
        var text = view.Text.AsSpan();
        for (var at = 0; at < text.Length; at++)
        {
            var next = text[at..].IndexOfAny(_search);
            if (next < 0)
                return;
            at += next;
            cancellationToken.ThrowIfCancellationRequested();
            // 'K' is also written with a sign of its own (U+212A), which matches without case.
            if (text[at] >= 128 || _triggers[text[at]] is not { } triggers)
                continue;
            foreach (var trigger in triggers)
            {
                if (text[at..].StartsWith(trigger.Text, trigger.Comparison) && Read(text, at, trigger) is { } secret && (found?.Count ?? 0) < MaxFound
                    && !(_allowed.Count > 0 && _allowed.GetAlternateLookup<ReadOnlySpan<char>>().Contains(text[secret.Start..secret.End])))
                    (found ??= []).Add(new Scored(secret, view.ToOriginal(secret.Start, secret.End)));
            }
        }
    }

    private FoundSecret? Read(ReadOnlySpan<char> text, int at, Trigger trigger) => trigger switch
    {
        { Detector: { Form: SecretForm.Token } detector } => Token(text, at, detector),
        { Detector: { } detector } => Assigned(text, at + trigger.Text.Length, detector),
        { Id: "private-key" } => SecretScan.PrivateKey(text, at),
        { Id: "jwt" } => SecretScan.Jwt(text, at),
        { Id: "url-password" } => SecretScan.UrlPassword(text, at),
        { Id: "curl-password" } => SecretScan.CurlPassword(text, at, trigger.Text.Length),
        { Id: "authorization-header" } => SecretScan.AuthorizationHeader(text, at, trigger.Text.Length),
        _ => GenericSecret(text, at, at + trigger.Text.Length),
    };

    private static FoundSecret? Token(ReadOnlySpan<char> text, int at, SecretDetector detector)
    {
        var start = at - Math.Max(0, detector.Back);
        while (detector.Back < 0 && at - start < 16 && start > 0 && char.IsAsciiDigit(text[start - 1]))
            start--;
        if (start < 0 || (start > 0 && Word.Contains(text[start]) && (Word.Contains(text[start - 1]) || text[start - 1] is '.' or '-' or '+')))
            return null;
        var match = Match(text, start, detector);
        return match.Length > 0 && !(start + match.Length < text.Length && Word.Contains(text[start + match.Length])) && IsLikely(match, detector)
            ? new FoundSecret(detector.Id, detector.What, start, start + match.Length, 0) : null;
    }

    private static FoundSecret? Assigned(ReadOnlySpan<char> text, int at, SecretDetector detector)
    {
        if (!Assignment.TryRead(text, at, mayHaveTail: true, out var range, out _))
            return null;
        var (start, length) = range.GetOffsetAndLength(text.Length);
        var match = Match(text, start, detector);
        return match.Length > 0 && (match.Length == length || text[start + match.Length] is ',' or ')' or '}' or ']' or '\\' or '.' or '<') && IsLikely(match, detector) && (match.ContainsAny(SecretText.Digits) || !SecretText.IsName(match))
            ? new FoundSecret(detector.Id, detector.What, start, start + match.Length, 1) : null;
    }

    /// <summary>A value that looks random, assigned to a name that says that it is secret.</summary>
    private FoundSecret? GenericSecret(ReadOnlySpan<char> text, int at, int end)
    {
        var name = at;
        while (name > 0 && at - name < 40 && (char.IsAsciiLetterOrDigit(text[name - 1]) || text[name - 1] is '_' or '-' or '.'))
            name--;
        if (text[name..at].Contains("csrf", StringComparison.OrdinalIgnoreCase) || text[name..at].Contains("xsrf", StringComparison.OrdinalIgnoreCase) || text[name..at].Contains("public", StringComparison.OrdinalIgnoreCase))
            return null;
        // "passwords", "secret_key", "password_secure": the name may go on a little; "secret_name" and "token_url" name something else.
        foreach (var tail in (ReadOnlySpan<string>)["_secure", "_key", "key", "e", "s"])
        {
            if (text[end..].StartsWith(tail, StringComparison.OrdinalIgnoreCase) && !(end + tail.Length < text.Length && Word.Contains(text[end + tail.Length])))
            {
                end += tail.Length;
                break;
            }
        }
        if ((end < text.Length && (Word.Contains(text[end]) || text[end] is '-' or '.')) || !Assignment.TryRead(text, end, mayHaveTail: false, out var range, out var isQuoted))
            return null;
        if (SecretText.IsVariable(text[range]))
            return null;
        var value = isQuoted ? text[range] : text[range].TrimEnd(",.)}]");
        var start = range.Start.Value;
        // Without quotation marks a password is still one; of keys and tokens prose says too much.
        var isPassword = text[at..].StartsWith("pass", StringComparison.OrdinalIgnoreCase) || text[at..].StartsWith("pwd", StringComparison.OrdinalIgnoreCase) || text[at..].StartsWith("db_pass", StringComparison.OrdinalIgnoreCase);
        return value.Length >= (isQuoted || isPassword ? 8 : 16) && (isQuoted || text[at] != '_') && SecretText.Kinds(value) >= (isQuoted ? 2 : 3) && value.ContainsAny(Word) && value.Count(' ') < 2 && SecretText.Entropy(value) >= _entropy && !SecretText.IsPlaceholder(value)
            && !SecretText.HasCommonWord(value) && !SecretText.IsName(value) ? new FoundSecret(Generic, "A password or another secret.", start, start + value.Length, 2) : null;
    }

    private static ReadOnlySpan<char> Match(ReadOnlySpan<char> text, int start, SecretDetector detector)
    {
        var window = text.Slice(start, Math.Min(Window, text.Length - start));
        foreach (var match in detector.Pattern.EnumerateMatches(window))
            return window[..match.Length];
        return [];
    }

    private static bool IsLikely(ReadOnlySpan<char> secret, SecretDetector detector) =>
        SecretText.Entropy(secret) >= detector.Entropy && (!detector.IsMixed || SecretText.IsMixed(secret)) && !SecretText.IsPlaceholder(secret.TrimStart('A'));

    private readonly record struct Trigger(string Text, string Id, SecretDetector? Detector)
    {
        /// <summary>Names are written in any case, the letters of tokens are not; but a header's name is.</summary>
        public StringComparison Comparison => Detector?.Form == SecretForm.Token || Id is "jwt" or "private-key" ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;
    }

    private readonly record struct Scored(FoundSecret Secret, TextSpan Span);
}
