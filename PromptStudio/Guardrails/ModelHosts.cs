using System.Text.Json;
using Microsoft.Extensions.Options;
using PromptStudio.Core.Guardrails;
using PromptStudio.Web;

namespace PromptStudio.Guardrails;

/// <summary>Which hosts rules may ask, and where a guardrail's secret goes.</summary>
public sealed class ModelHosts(IOptions<ModelCheckOptions> options)
{
    /// <summary>Whether the operator lets rules ask there.</summary>
    public bool Allows(Uri url) => options.Value.AllowedHosts is not { Length: > 0 } allowed || allowed.Any(host => host.StartsWith('.')
        ? url.IdnHost.EndsWith(host, StringComparison.OrdinalIgnoreCase)
        : url.IdnHost.Equals(host, StringComparison.OrdinalIgnoreCase));

    /// <summary>What is wrong with where a row's rule asks; null: nothing.</summary>
    public Problem? Refused(PromptGuardrail row) => Url(row) is { } url && !Allows(url)
        ? GuardrailProblem.Invalid("rule_config.url", $"rule_config.url names the host '{url.IdnHost}', which is none of ModelChecks:AllowedHosts.")
        : null;

    /// <summary>The origin that gets a row's secret; null: nobody does.</summary>
    internal static string? SecretGoesTo(PromptGuardrail row) => Url(row)?.GetLeftPart(UriPartial.Authority);

    private static Uri? Url(PromptGuardrail row)
    {
        if (row.RuleType != RuleType.ModelCheck)
            return null;
        var config = JsonElement.Parse(row.RuleConfig);
        return config.ValueKind == JsonValueKind.Object && config.TryGetProperty("url", out var url) && url.ValueKind == JsonValueKind.String && Uri.TryCreate(url.GetString(), UriKind.Absolute, out var read) ? read : null;
    }
}
