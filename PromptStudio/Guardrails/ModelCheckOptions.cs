using System.ComponentModel.DataAnnotations;

namespace PromptStudio.Guardrails;

/// <summary>Section <c>ModelChecks</c>: what rules that ask a model may do.</summary>
public sealed class ModelCheckOptions
{
    /// <summary>Hosts that may be asked, e.g. <c>api.openai.com</c>, or <c>.example.org</c> for all below it; empty: any.</summary>
    public string[] AllowedHosts { get; init; } = [];

    /// <summary>How long a render waits for all its models together.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00", ErrorMessage = "ModelChecks:TimeLimit must be from 00:00:00.100 to 00:01:00.")]
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether models are asked through the proxy that the environment names. The proxy then decides which addresses can be reached.</summary>
    public bool UseProxy { get; init; }
}
