using System.Globalization;
using System.Text.Json;
using PromptStudio.Core.Guardrails;
using PromptStudio.Core.Guardrails.ModelCheck;
using PromptStudio.Web;

namespace PromptStudio.Guardrails;

/// <summary>What a guardrail must keep to be saved, and how a row becomes a rule.</summary>
internal static class GuardrailInput
{
    public const int NameMaxLength = 255;
    public const int DescriptionMaxLength = 2_000;
    public const int MessageMaxLength = 500;
    public const int SecretMaxLength = 2_000;

    private const int MostItems = 1_000;
    private const int ItemMaxLength = 255;
    private const int AllowedMaxLength = 2_000;

    /// <summary>What is wrong with a row that is to be saved, naming the member; null: nothing. Its rule is built for it, so a config that cannot work is not saved.</summary>
    public static Problem? Check(PromptGuardrail row) =>
        (string.IsNullOrWhiteSpace(row.Name) ? GuardrailProblem.Invalid("name", "'name' must be given.") : null)
        ?? TooLong("name", row.Name, NameMaxLength)
        ?? TooLong("description", row.Description, DescriptionMaxLength)
        ?? TooLong("message", row.Message, MessageMaxLength)
        ?? Unknown("enforcement_level", row.EnforcementLevel, GuardrailWords.Levels)
        ?? (row.EnforcementPercentage is >= 0 and <= 100 ? null : GuardrailProblem.Invalid("enforcement_percentage", "'enforcement_percentage' must be from 0 to 100."))
        ?? Unknown("scope", row.Scope, GuardrailWords.Scopes)
        ?? Unknown("on_error", row.OnError, GuardrailWords.OnErrors)
        ?? Names("variables", row.Variables)
        ?? (row.Variables.Length > 0 && row.Scope != GuardrailWords.Variables ? GuardrailProblem.Invalid("variables", "'variables' are named only with the scope 'variables'.") : null)
        ?? Names("applies_to", row.AppliesTo ?? [])
        ?? Rule(row);

    /// <summary>What is wrong with a secret; null: nothing.</summary>
    public static Problem? CheckSecret(string? secret) => secret is null or "" || (secret.Length <= SecretMaxLength && ModelRequest.IsHeaderValue(secret))
        ? null
        : GuardrailProblem.Invalid("secret", $"'secret' may have {SecretMaxLength} letters, digits and signs of ASCII: it is sent in a header.");

    /// <summary>What is wrong with an allow-list before it becomes JSON; null: nothing.</summary>
    public static Problem? Check(AllowedTexts? allowed)
    {
        foreach (var (member, items) in new[] { ("texts", allowed?.Texts), ("patterns", allowed?.Patterns) })
        {
            if (items is not null && (items.Count > MostItems || items.Any(item => string.IsNullOrEmpty(item) || item.Length > AllowedMaxLength)))
            {
                return GuardrailProblem.Invalid($"allow_list.{member}", string.Create(CultureInfo.InvariantCulture,
                    $"'allow_list.{member}' may have {MostItems:N0} texts of 1 to {AllowedMaxLength:N0} characters."));
            }
        }
        return null;
    }

    /// <summary>The column of an allow-list; null when it allows nothing.</summary>
    public static string? Json(AllowedTexts? allowed) => allowed is null or ({ Texts: null or { Count: 0 } } and { Patterns: null or { Count: 0 } })
        ? null
        : JsonSerializer.Serialize(new AllowedTexts(allowed.Texts ?? [], allowed.Patterns ?? []), ApiJson.Options);

    /// <summary>What a column holds; empty lists for null.</summary>
    /// <exception cref="JsonException">Somebody wrote something else into the table.</exception>
    public static AllowedTexts Allowed(string? json) =>
        (json is null ? null : JsonSerializer.Deserialize<AllowedTexts>(json, ApiJson.Options)) ?? new AllowedTexts([], []);

    /// <summary>A row's rule, ready to look at texts. Whatever stands in the row: what cannot be built is broken, and follows its <c>on_error</c>.</summary>
    public static CompiledGuardrail Build(PromptGuardrail row)
    {
        var guardrail = new Guardrail
        {
            Id = row.Id,
            Name = row.Name,
            RuleType = row.RuleType,
            RuleConfig = row.RuleConfig,
            Level = GuardrailWords.Value<EnforcementLevel>(GuardrailWords.Levels, row.EnforcementLevel),
            EnforcementPercentage = row.EnforcementPercentage,
            Scope = GuardrailWords.Value<GuardrailScope>(GuardrailWords.Scopes, row.Scope),
            Variables = row.Variables,
            AppliesTo = row.AppliesTo ?? [],
            OnError = GuardrailWords.Value<OnError>(GuardrailWords.OnErrors, row.OnError),
            Message = row.Message,
            Redact = row.Redact,
            SecretProtected = row.SecretProtected,
        };
        try
        {
            var allowed = Allowed(row.AllowList);
            return CompiledGuardrail.Build(guardrail with { Allowed = new AllowList(allowed.Texts ?? [], allowed.Patterns ?? []) });
        }
        catch (FormatException exception)
        {
            return new CompiledGuardrail(guardrail, null, exception.Message);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // Whoever wrote the row went around the checks of the API; a render must not fail over it.
            return new CompiledGuardrail(guardrail, null, $"The rule could not be built ({exception.GetType().Name}).");
        }
    }

    /// <summary>The member that a message of a rule's config begins with.</summary>
    public static Problem Broken(string message) => GuardrailProblem.Invalid(
        message.Split(' ', 2)[0] is var first && (first.StartsWith("rule_config", StringComparison.Ordinal) || first.StartsWith("allow_list", StringComparison.Ordinal)) ? first.TrimEnd('.', ':') : "rule_type",
        message);

    private static Problem? Rule(PromptGuardrail row)
    {
        var compiled = Build(row);
        if (compiled.Broken is { } broken)
            return Broken(broken);
        if (compiled.Rule is not ModelCheckRule model)
            return null;
        return row.Redact ? GuardrailProblem.Invalid("redact", "'redact' is for rules that say where they found something; a model speaks of the text as a whole.")
            : model.Request.NeedsSecret && row.SecretProtected is null ? GuardrailProblem.Invalid("secret", "'secret' must be given: a header of the rule has a place for it.")
            : null;
    }

    private static Problem? Names(string member, string[] names) =>
        names.Length > MostItems || names.Any(name => string.IsNullOrWhiteSpace(name) || name.Length > ItemMaxLength)
            ? GuardrailProblem.Invalid(member, string.Create(CultureInfo.InvariantCulture, $"'{member}' may have {MostItems:N0} names of 1 to {ItemMaxLength} characters."))
            : null;

    private static Problem? TooLong(string member, string? text, int most) => text?.Length > most
        ? GuardrailProblem.Invalid(member, string.Create(CultureInfo.InvariantCulture, $"'{member}' may have {most:N0} characters."))
        : null;

    private static Problem? Unknown(string member, string word, IReadOnlyList<string> known) => known.Contains(word, StringComparer.Ordinal)
        ? null
        : GuardrailProblem.Invalid(member, $"'{member}' must be one of {string.Join(", ", known)}.");
}
