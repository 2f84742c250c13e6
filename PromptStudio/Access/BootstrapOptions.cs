using System.ComponentModel.DataAnnotations;

namespace PromptStudio.Access;

/// <summary>Section <c>Bootstrap</c>: an unattended first start. Each setting acts once, on a studio that has no user, or no key.</summary>
public sealed class BootstrapOptions : IValidatableObject
{
    /// <summary>The first SuperAdmin's e-mail address.</summary>
    [EmailAddress(ErrorMessage = "Bootstrap:AdminEmail is no e-mail address.")]
    public string? AdminEmail { get; init; }

    /// <summary>The first SuperAdmin's password.</summary>
    public string? AdminPassword { get; init; }

    /// <summary>The first API key, with every scope.</summary>
    public string? ApiKey { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (string.IsNullOrEmpty(AdminEmail) != string.IsNullOrEmpty(AdminPassword))
            yield return new ValidationResult("Bootstrap:AdminEmail and Bootstrap:AdminPassword go together; one of them is missing.");
        if (!string.IsNullOrEmpty(ApiKey) && !Core.Access.ApiKey.IsWellFormed(ApiKey))
            yield return new ValidationResult("Bootstrap:ApiKey is no API key. " + Core.Access.ApiKey.Rule);
    }
}
