using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.WebUtilities;

namespace PromptStudio.Access;

/// <summary>What a one-time link is for.</summary>
public enum LinkPurpose
{
    /// <summary>To choose the first password.</summary>
    Join,

    /// <summary>To choose another one.</summary>
    Reset,
}

/// <summary>A link's token, which is shown once and stored nowhere.</summary>
public sealed record OneTimeLink(LinkPurpose Purpose, string Token, DateTimeOffset ExpiresAt);

/// <summary>
/// Links that a SuperAdmin hands over, for want of a mail server. A token is encrypted and signed by the studio's keys; it carries
/// whose it is, until when, and a hash of the security stamp, so that it works once: using it changes the stamp.
/// </summary>
public sealed class OneTimeLinks(IDataProtectionProvider protection, TimeProvider clock)
{
    /// <summary>How long an invitation can be accepted.</summary>
    public static readonly TimeSpan InvitationLifetime = TimeSpan.FromDays(7);

    /// <summary>How long a reset link works.</summary>
    public static readonly TimeSpan ResetLifetime = TimeSpan.FromHours(24);

    private const int IdLength = 16;
    private const int Length = IdLength + sizeof(long) + SHA256.HashSizeInBytes;
    private const int MaxTokenLength = 1_000;

    /// <summary>Makes a link for a person, as their account is now.</summary>
    public OneTimeLink Make(StudioUser user, LinkPurpose purpose)
    {
        var expires = clock.GetUtcNow() + (purpose == LinkPurpose.Join ? InvitationLifetime : ResetLifetime);
        var content = new byte[Length];
        user.Id.TryWriteBytes(content);
        BinaryPrimitives.WriteInt64BigEndian(content.AsSpan(IdLength), expires.ToUnixTimeMilliseconds());
        Stamp(user).CopyTo(content.AsSpan(IdLength + sizeof(long)));
        return new OneTimeLink(purpose, WebEncoders.Base64UrlEncode(Protector(purpose).Protect(content)), expires);
    }

    /// <summary>Whose link it is; null when it is none of this studio, or expired.</summary>
    public Guid? Read(string? token, LinkPurpose purpose) =>
        Content(token, purpose) is { } content && BinaryPrimitives.ReadInt64BigEndian(content.AsSpan(IdLength)) > clock.GetUtcNow().ToUnixTimeMilliseconds()
            ? new Guid(content.AsSpan(0, IdLength))
            : null;

    /// <summary>Whether a link still fits a person's account: it does not once it was used, or replaced.</summary>
    public bool Fits(string? token, LinkPurpose purpose, StudioUser user) =>
        Read(token, purpose) == user.Id
        && CryptographicOperations.FixedTimeEquals(Content(token, purpose)!.AsSpan(IdLength + sizeof(long)), Stamp(user))
        && user.DisabledAt is null
        && (purpose == LinkPurpose.Join) == (user.PasswordHash is null);

    private static byte[] Stamp(StudioUser user) => SHA256.HashData(Encoding.UTF8.GetBytes(user.SecurityStamp ?? ""));

    private byte[]? Content(string? token, LinkPurpose purpose)
    {
        if (token is not { Length: > 0 and <= MaxTokenLength })
            return null;
        try
        {
            return Protector(purpose).Unprotect(WebEncoders.Base64UrlDecode(token)) is { Length: Length } content ? content : null;
        }
        catch (Exception exception) when (exception is CryptographicException or FormatException)
        {
            return null;
        }
    }

    private IDataProtector Protector(LinkPurpose purpose) => protection.CreateProtector("PromptStudio.Access.OneTimeLinks", purpose.ToString());
}
