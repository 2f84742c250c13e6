namespace PromptStudio.Audit;

/// <summary>What the audit log knows; programs filter by these words, so they never change.</summary>
public static class AuditAction
{
    public const string PromptCreated = "prompt.created";
    public const string PromptChanged = "prompt.changed";
    public const string PromptRenamed = "prompt.renamed";
    public const string PromptArchived = "prompt.archived";
    public const string PromptRestored = "prompt.restored";
    public const string VersionCreated = "version.created";
    public const string VersionEdited = "version.edited";
    public const string VersionApproved = "version.approved";
    public const string VersionApprovalWithdrawn = "version.approval_withdrawn";
    public const string VersionActivated = "version.activated";
    public const string VersionDeactivated = "version.deactivated";
    public const string PromptRolledBack = "prompt.rolled_back";
    public const string LabelMoved = "label.moved";
    public const string LabelRemoved = "label.removed";
    public const string LabelProtected = "label.protected";
    public const string LabelUnprotected = "label.unprotected";
    public const string SampleSaved = "sample.saved";
    public const string SampleDeleted = "sample.deleted";
    public const string PromptsImported = "prompts.imported";
    public const string GuardrailCreated = "guardrail.created";
    public const string GuardrailChanged = "guardrail.changed";
    public const string GuardrailDeleted = "guardrail.deleted";
    public const string ViolationMarked = "violation.marked_false_positive";
    public const string ViolationUnmarked = "violation.mark_removed";
    public const string ExperimentCreated = "experiment.created";
    public const string ExperimentChanged = "experiment.changed";
    public const string ExperimentStarted = "experiment.started";
    public const string ExperimentPaused = "experiment.paused";
    public const string ExperimentResumed = "experiment.resumed";
    public const string ExperimentCompleted = "experiment.completed";
    public const string ExperimentWinnerDeclared = "experiment.winner_declared";
    public const string MonthDropped = "executions.month_dropped";
    public const string DatabaseRestored = "database.restored";
    public const string UserInvited = "user.invited";
    public const string UserJoined = "user.joined";
    public const string UserChanged = "user.changed";
    public const string UserDisabled = "user.disabled";
    public const string UserEnabled = "user.enabled";
    public const string UserResetLinkMade = "user.reset_link_made";
    public const string PasswordChanged = "user.password_changed";
    public const string TwoFactorEnabled = "user.two_factor_enabled";
    public const string TwoFactorDisabled = "user.two_factor_disabled";
    public const string RecoveryCodesMade = "user.recovery_codes_made";
    public const string PasskeyAdded = "user.passkey_added";
    public const string PasskeyRemoved = "user.passkey_removed";
    public const string SignedIn = "session.signed_in";
    public const string SignInFailed = "session.sign_in_failed";
    public const string LockedOut = "session.locked_out";
    public const string SignedOut = "session.signed_out";
    public const string AccessRefused = "access.refused";
    public const string ApiKeyCreated = "api_key.created";
    public const string ApiKeyChanged = "api_key.changed";
    public const string ApiKeyRevoked = "api_key.revoked";

    /// <summary>Every action.</summary>
    public static IReadOnlyList<string> All { get; } =
        [.. typeof(AuditAction).GetFields().Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!)];
}
