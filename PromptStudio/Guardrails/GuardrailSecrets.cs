using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace PromptStudio.Guardrails;

/// <summary>What a rule needs to reach a model: encrypted in the table, and never given out again.</summary>
public sealed class GuardrailSecrets(IDataProtectionProvider protection)
{
    private readonly IDataProtector _protector = protection.CreateProtector("Guardrails.Secret");

    /// <summary>A secret as it is stored.</summary>
    public string Protect(string secret) => _protector.Protect(secret);

    /// <summary>The secret that a guardrail was given; null: none, or one of keys that are lost.</summary>
    public string? Read(PromptGuardrail guardrail) => Read(guardrail.SecretProtected);

    /// <summary>What <see cref="Protect"/> made of it; null: nothing, or something of keys that are lost.</summary>
    public string? Read(string? stored)
    {
        if (stored is null)
            return null;
        try
        {
            return _protector.Unprotect(stored);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
