using Microsoft.EntityFrameworkCore;
using PromptStudio.Database;

namespace PromptStudio.Access;

/// <summary>A code of an authenticator app is right for some minutes: who has seen it typed must not be able to use it too.</summary>
public static class UsedCodes
{
    /// <summary>Characters that are remembered: nine codes, more than can be right at any moment, so that a later sign-in does not make an earlier code new.</summary>
    private const int Remembered = 62;

    /// <summary>Uses a code up.</summary>
    /// <param name="context">Keeps the codes, in one statement: of two at once, one is the first.</param>
    /// <param name="user">Whose code it is.</param>
    /// <param name="code">Six digits.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether it was the first use.</returns>
    public static async Task<bool> TakeAsync(StudioDbContext context, Guid user, string code, CancellationToken cancellationToken) =>
        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO user_tokens (user_id, login_provider, name, value) VALUES ({user}, 'PromptStudio', 'UsedCode', {code})
            ON CONFLICT (user_id, login_provider, name) DO UPDATE SET value = left(concat_ws(' ', excluded.value, user_tokens.value), {Remembered})
            WHERE position(excluded.value IN coalesce(user_tokens.value, '')) = 0
            """,
            cancellationToken) > 0;
}
