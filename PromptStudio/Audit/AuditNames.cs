using PromptStudio.Shell;

namespace PromptStudio.Audit;

/// <summary>What people call what the audit log writes; each is a key of <see cref="AuditWords"/>.</summary>
public static class AuditNames
{
    private static readonly Dictionary<string, string> Actions = new(StringComparer.Ordinal)
    {
        [AuditAction.PromptCreated] = "Prompt created",
        [AuditAction.PromptChanged] = "Prompt changed",
        [AuditAction.PromptRenamed] = "Prompt renamed",
        [AuditAction.PromptArchived] = "Prompt archived",
        [AuditAction.PromptRestored] = "Prompt restored",
        [AuditAction.VersionCreated] = "Version created",
        [AuditAction.VersionEdited] = "Draft edited",
        [AuditAction.VersionApproved] = "Version approved",
        [AuditAction.VersionApprovalWithdrawn] = "Approval withdrawn",
        [AuditAction.VersionActivated] = "Version activated",
        [AuditAction.VersionDeactivated] = "Version deactivated",
        [AuditAction.PromptRolledBack] = "Prompt rolled back",
        [AuditAction.LabelMoved] = "Label moved",
        [AuditAction.LabelRemoved] = "Label removed",
        [AuditAction.LabelProtected] = "Label protected",
        [AuditAction.LabelUnprotected] = "Label no longer protected",
        [AuditAction.PromptsImported] = "Prompts imported",
        [AuditAction.DatabaseRestored] = "Database restored from a backup",
        [AuditAction.GuardrailCreated] = "Guardrail created",
        [AuditAction.GuardrailChanged] = "Guardrail changed",
        [AuditAction.GuardrailDeleted] = "Guardrail deleted",
        [AuditAction.ViolationMarked] = "Violation marked as wrong",
        [AuditAction.ViolationUnmarked] = "Mark of a violation taken back",
        [AuditAction.ExperimentCreated] = "Experiment created",
        [AuditAction.ExperimentChanged] = "Experiment changed",
        [AuditAction.ExperimentStarted] = "Experiment started",
        [AuditAction.ExperimentPaused] = "Experiment paused",
        [AuditAction.ExperimentResumed] = "Experiment resumed",
        [AuditAction.ExperimentCompleted] = "Experiment completed",
        [AuditAction.ExperimentWinnerDeclared] = "Winner declared",
        [AuditAction.SampleSaved] = "Sample saved",
        [AuditAction.SampleDeleted] = "Sample deleted",
        [AuditAction.MonthDropped] = "Month of executions dropped",
        [AuditAction.UserInvited] = "User invited",
        [AuditAction.UserJoined] = "User joined",
        [AuditAction.UserChanged] = "User changed",
        [AuditAction.UserDisabled] = "User disabled",
        [AuditAction.UserEnabled] = "User enabled",
        [AuditAction.UserResetLinkMade] = "Reset link made",
        [AuditAction.PasswordChanged] = "Password changed",
        [AuditAction.TwoFactorEnabled] = "Two-factor sign-in turned on",
        [AuditAction.TwoFactorDisabled] = "Two-factor sign-in turned off",
        [AuditAction.RecoveryCodesMade] = "Recovery codes made",
        [AuditAction.PasskeyAdded] = "Passkey added",
        [AuditAction.PasskeyRemoved] = "Passkey removed",
        [AuditAction.SignedIn] = "Signed in",
        [AuditAction.SignInFailed] = "Sign-in failed",
        [AuditAction.LockedOut] = "Locked out",
        [AuditAction.SignedOut] = "Signed out",
        [AuditAction.AccessRefused] = "Access refused",
        [AuditAction.ApiKeyCreated] = "API key made",
        [AuditAction.ApiKeyChanged] = "API key changed",
        [AuditAction.ApiKeyRevoked] = "API key revoked",
    };

    /// <summary>What an action is called; one that has no name yet is spelled out.</summary>
    public static string Of(string action) => Actions.GetValueOrDefault(action) ?? Spelled(action);

    /// <summary>What a kind of actor is called.</summary>
    public static string OfActor(string kind) => kind switch
    {
        "user" => "person",
        "api_key" => "API key",
        "system" => "the studio",
        _ => "nobody known",
    };

    /// <summary>The page of a subject; null: it has none.</summary>
    public static string? Page(string kind, string? id) => (kind, id) switch
    {
        ("prompt", { } name) => Links.Prompts(prompt: name),
        ("experiment", { } text) when Guid.TryParse(text, out var experiment) => Links.AbTest(experiment),
        ("guardrail", { } text) when Guid.TryParse(text, out var guardrail) => Links.GuardrailPage(guardrail),
        ("user", _) => Links.UsersRoute,
        ("api_key", _) => Links.ApiKeysRoute,
        _ => null,
    };

    /// <summary>Whether an action deserves a second look.</summary>
    public static string Style(string action) => action switch
    {
        AuditAction.AccessRefused or AuditAction.SignInFailed or AuditAction.LockedOut or AuditAction.GuardrailDeleted => "blocking",
        _ => "",
    };

    private static string Spelled(string action)
    {
        var words = action.Replace('.', ' ').Replace('_', ' ');
        return char.ToUpperInvariant(words[0]) + words[1..];
    }
}
