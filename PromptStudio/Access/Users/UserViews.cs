namespace PromptStudio.Access.Users;

/// <summary>What a user's account is like.</summary>
public static class UserState
{
    /// <summary>Invited: there is no password yet.</summary>
    public const string Invited = "invited";

    /// <summary>They can sign in.</summary>
    public const string Active = "active";

    /// <summary>They cannot.</summary>
    public const string Disabled = "disabled";
}

/// <summary>A user, as the admin API and the page show them.</summary>
/// <param name="Id">Never changes.</param>
/// <param name="Email">What they sign in with.</param>
/// <param name="Role"><c>SuperAdmin</c>, <c>Editor</c> or <c>Viewer</c>.</param>
/// <param name="State"><c>invited</c>, <c>active</c> or <c>disabled</c>.</param>
/// <param name="IsLocked">Whether too many wrong attempts keep them out for some minutes.</param>
/// <param name="HasTwoFactor">Whether they sign in with a code too.</param>
/// <param name="Passkeys">How many passkeys they have.</param>
/// <param name="CreatedAt">When they were invited.</param>
/// <param name="InvitedBy">By whom; null: the set-up.</param>
/// <param name="DisabledAt">Since when they are disabled.</param>
/// <param name="LastSignInAt">Their last sign-in; null: none yet.</param>
public sealed record UserView(
    Guid Id, string Email, string Role, string State, bool IsLocked, bool HasTwoFactor, int Passkeys,
    DateTimeOffset CreatedAt, string? InvitedBy, DateTimeOffset? DisabledAt, DateTimeOffset? LastSignInAt);

/// <summary>Whom to invite.</summary>
/// <param name="Email">What they will sign in with.</param>
/// <param name="Role"><c>SuperAdmin</c>, <c>Editor</c> or <c>Viewer</c>.</param>
public sealed record NewUser(string Email, string Role);

/// <summary>What changes; what is left out stays.</summary>
/// <param name="Role"><c>SuperAdmin</c>, <c>Editor</c> or <c>Viewer</c>.</param>
/// <param name="IsDisabled">Whether they may not sign in.</param>
public sealed record UserChange(string? Role = null, bool? IsDisabled = null);

/// <summary>A user, and the token of the link that was made for them.</summary>
public sealed record UserLink(UserView User, OneTimeLink Link);

/// <summary>A user, and a link to hand over to them; it is shown only this once.</summary>
/// <param name="User">Who it is for; nobody else may see it.</param>
/// <param name="Link">Where they choose their password; it works once.</param>
/// <param name="ExpiresAt">Until when.</param>
public sealed record HandedLink(UserView User, string Link, DateTimeOffset ExpiresAt);
