using System.Net;
using Microsoft.EntityFrameworkCore;
using PromptStudio.Access;
using PromptStudio.Audit;
using PromptStudio.Shell;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Access;

/// <summary>What the audit log knows of sign-ins; an app of its own for each test, because they lock its one account.</summary>
[Trait(Tier.Name, Tier.Api)]
public sealed class SignInAuditTests(PostgresServer server)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SignIns_Failures_AndSignOuts_AreWrittenDown_WithoutWhatWasTyped()
    {
        await using var app = await StartAsync();
        using var client = app.NewClient();
        await SignInTests.SignInAsync(client, SetUpStudio.Email, "a secret of somebody");
        await SignInTests.SignInAsync(client, "nobody@example.com", "a secret of somebody");
        await SignInTests.SignInAsync(client, "a secret of somebody", "x");
        await SignInTests.SignInAsync(client, SetUpStudio.Email, SetUpStudio.Password);
        var page = await client.GetStringAsync(Links.NoAccess, Cancellation);
        using var form = new FormUrlEncodedContent([new("__RequestVerificationToken", SignInTests.Token(page))]);
        Assert.Equal(HttpStatusCode.Redirect, (await client.PostAsync(Links.SignOut, form, Cancellation)).StatusCode);

        await using var context = await app.OpenAsync();
        var ada = await context.Users.SingleAsync(Cancellation);
        Assert.NotNull(ada.LastSignInAt);
        var entries = await context.AuditEntries.AsNoTracking().Where(entry => entry.Action.StartsWith("session.")).OrderBy(entry => entry.Sequence).ToListAsync(Cancellation);
        Assert.Equal(
            [
                (AuditAction.SignInFailed, "anonymous", ada.Id.ToString(), """{"with":"password","email":null}"""),
                (AuditAction.SignInFailed, "anonymous", null, """{"with":"password","email":"nobody@example.com"}"""),
                (AuditAction.SignInFailed, "anonymous", null, """{"with":"password","email":null}"""),
                (AuditAction.SignedIn, "user", ada.Id.ToString(), """{"with":"password"}"""),
                (AuditAction.SignedOut, "user", ada.Id.ToString(), null),
            ],
            entries.Select(entry => (entry.Action, entry.ActorKind, entry.SubjectId, entry.After)));
        Assert.All(entries, entry => Assert.NotNull(entry.Address));
        Assert.DoesNotContain(await context.AuditEntries.AsNoTracking().ToListAsync(Cancellation),
            entry => $"{entry.Before}{entry.After}{entry.ActorName}".Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Guesses_ThatArriveAtOnce_AreNoMoreThanFive()
    {
        await using var app = await StartAsync();
        var clients = Enumerable.Range(0, 12).Select(_ => app.NewClient()).ToList();

        await Task.WhenAll(clients.Select(client => SignInTests.SignInAsync(client, SetUpStudio.Email, "wrong password")));

        clients.ForEach(client => client.Dispose());
        await using var context = await app.OpenAsync();
        Assert.Single(await context.AuditEntries.Where(entry => entry.Action == AuditAction.LockedOut).ToListAsync(Cancellation));
        Assert.Equal(12, await context.AuditEntries.CountAsync(entry => entry.Action == AuditAction.SignInFailed, Cancellation));
        var now = TimeProvider.System.GetUtcNow();
        Assert.Equal(Attempt.Refused, await SignInAttempts.TakeAsync(context, (await context.Users.SingleAsync(Cancellation)).Id, now, Cancellation));
        // After the pause there are five more.
        var id = (await context.Users.SingleAsync(Cancellation)).Id;
        var attempts = new List<Attempt>();
        for (var n = 0; n < 6; n++)
            attempts.Add(await SignInAttempts.TakeAsync(context, id, now + SignInAttempts.Pause + TimeSpan.FromMinutes(1), Cancellation));
        Assert.Equal([Attempt.Granted, Attempt.Granted, Attempt.Granted, Attempt.Granted, Attempt.Last, Attempt.Refused], attempts);
    }

    private async Task<SetUpStudio> StartAsync()
    {
        var app = new SetUpStudio(server);
        await app.InitializeAsync();
        return app;
    }
}
