using System.Globalization;
using Microsoft.EntityFrameworkCore;
using PromptStudio.Access;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Access;

[Trait(Tier.Name, Tier.Database)]
public sealed class UsedCodesTests(SetUpStudio app) : IClassFixture<SetUpStudio>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Code_IsUsedOnce_AlsoAfterOthers()
    {
        await using var context = await app.OpenAsync();
        var user = await context.Users.Select(user => user.Id).SingleAsync(Cancellation);

        Assert.True(await UsedCodes.TakeAsync(context, user, "100000", Cancellation));
        Assert.False(await UsedCodes.TakeAsync(context, user, "100000", Cancellation));
        // More than the five that are right at one time.
        for (var later = 1; later < 6; later++)
        {
            Assert.True(await UsedCodes.TakeAsync(context, user, (100_000 + later).ToString(CultureInfo.InvariantCulture), Cancellation));
            Assert.False(await UsedCodes.TakeAsync(context, user, "100000", Cancellation));
        }
        // It is forgotten once it cannot be right any more: another code may have the same digits.
        for (var later = 6; later < 20; later++)
            await UsedCodes.TakeAsync(context, user, (100_000 + later).ToString(CultureInfo.InvariantCulture), Cancellation);
        Assert.True(await UsedCodes.TakeAsync(context, user, "100000", Cancellation));
    }
}
