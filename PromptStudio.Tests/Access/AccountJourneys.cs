using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using PromptStudio.Audit;
using PromptStudio.Core.Access;
using PromptStudio.Shell;
using PromptStudio.Tests.Studio;
using PromptStudio.Tests.Studio.Pages;
using static Microsoft.Playwright.Assertions;

namespace PromptStudio.Tests.Access;

/// <summary>The app with its first person, which looks every second whether people may still be there.</summary>
public sealed class WatchfulStudio(PostgresServer server) : StudioApp(server)
{
    protected override IEnumerable<string> Settings =>
        [$"--Bootstrap:ApiKey={Key}", $"--Bootstrap:AdminEmail={SetUpStudio.Email}", $"--Bootstrap:AdminPassword={SetUpStudio.Password}"];

    protected override void ConfigureServices(IServiceCollection services) =>
        services.PostConfigure<SecurityStampValidatorOptions>(stamps => stamps.ValidationInterval = TimeSpan.FromSeconds(1));
}

[Trait(Tier.Name, Tier.Browser)]
public sealed partial class AccountJourneys(WatchfulStudio app, BrowserFixture browser) : IClassFixture<WatchfulStudio>
{
    private const string Password = "blue kettle morning rain";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Invitation_FromTheUsersPage_LeadsToASignIn()
    {
        var link = "";
        await browser.VisitAsync(app, async visit =>
        {
            var page = visit.Page;
            await SignInAsync(page, SetUpStudio.Email, SetUpStudio.Password);
            await page.GetByRole(AriaRole.Link, new() { Name = "Users" }).ClickAsync();
            await page.GetByRole(AriaRole.Button, new() { Name = "Invite a user" }).ClickAsync();
            await page.GetByLabel("E-mail", new() { Exact = true }).FillAsync("ada");
            await page.GetByLabel("Role", new() { Exact = true }).SelectOptionAsync("Editor");
            await page.GetByLabel("E-mail", new() { Exact = true }).FillAsync(SetUpStudio.Email);
            await page.GetByRole(AriaRole.Button, new() { Name = "Make the link" }).ClickAsync();
            await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Somebody has this e-mail address already.");
            await page.GetByLabel("E-mail", new() { Exact = true }).FillAsync("grace@example.com");
            await page.GetByRole(AriaRole.Button, new() { Name = "Make the link" }).ClickAsync();
            await page.GetByRole(AriaRole.Button, new() { Name = "Copy link" }).ClickAsync();
            await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Copied" })).ToBeVisibleAsync();
            link = await page.EvaluateAsync<string>("navigator.clipboard.readText()");
            await page.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
            await Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = "grace@example.com" })).ToContainTextAsync("invited");
            // The last super admin stays one.
            await page.GetByLabel($"Role of {SetUpStudio.Email}").SelectOptionAsync("Viewer");
            await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("This is the last super admin");
            Assert.Empty(visit.Console);
        });
        await browser.VisitAsync(app, async visit =>
        {
            var page = visit.Page;
            await page.GotoAsync(link);
            await Expect(page.GetByText("You were invited as grace@example.com")).ToBeVisibleAsync();
            await page.GetByLabel("New password").FillAsync("password12345");
            await page.GetByLabel("Password again").FillAsync("password12345");
            await page.GetByRole(AriaRole.Button, new() { Name = "Join" }).ClickAsync();
            await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("common passwords");
            await page.GetByLabel("New password").FillAsync(Password);
            await page.GetByLabel("Password again").FillAsync(Password);
            await page.GetByRole(AriaRole.Button, new() { Name = "Join" }).ClickAsync();
            await Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("Your password is set. Sign in with it.");
            await Expect(page.GetByLabel("E-mail")).ToHaveValueAsync("grace@example.com");
            await page.GetByLabel("Password").FillAsync(Password);
            await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
            await new PromptsPageObject(page).LiveAsync();
            // An Editor neither sees the administration nor reaches it.
            await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Users" })).ToHaveCountAsync(0);
            await page.GotoAsync(Links.UsersRoute);
            await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "You may not see this page" })).ToBeVisibleAsync();
        }, test: "Invitation_Join");
    }

    [Fact]
    public async Task OpenPage_OfWhoIsDisabledOrDemoted_LosesAccess()
    {
        var (id, client) = await TestUsers.JoinAsync(app, "open@example.com", Role.SuperAdmin, Password);
        client.Dispose();
        await browser.VisitAsync(app, async visit =>
        {
            var page = visit.Page;
            await SignInAsync(page, "open@example.com", Password);
            await page.GotoAsync(Links.UsersRoute);
            await new PromptsPageObject(page).LiveAsync();

            await app.Client.CallAsync(HttpMethod.Put, $"/api/admin/users/{id}", new { role = "Viewer" });

            // Nobody touches the page: its circuit notices.
            await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync(new() { Timeout = 30_000 });
            await new SignInPageObject(page).SignInAsync("open@example.com", Password);
            await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "You may not see this page" })).ToBeVisibleAsync();
            await page.GotoAsync(Links.Prompts());
            await new PromptsPageObject(page).LiveAsync();

            await app.Client.CallAsync(HttpMethod.Put, $"/api/admin/users/{id}", new { is_disabled = true });

            await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync(new() { Timeout = 30_000 });
            await new SignInPageObject(page).SignInAsync("open@example.com", Password);
            await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("The e-mail address or the password is wrong.");
        });
    }

    [Fact]
    public async Task TwoFactor_FromSetUpToRecovery()
    {
        var (id, client) = await TestUsers.JoinAsync(app, "totp@example.com", Role.Viewer, Password);
        client.Dispose();
        await browser.VisitAsync(app, async visit =>
        {
            var page = visit.Page;
            await SignInAsync(page, "totp@example.com", Password);
            await page.GotoAsync(Links.TwoFactor);
            var key = (await page.Locator("#totp-key").InnerTextAsync()).Replace(" ", "", StringComparison.Ordinal);
            await Expect(page.GetByRole(AriaRole.Img, new() { Name = "QR code" }).Locator("svg")).ToBeVisibleAsync();
            await page.GetByLabel("The code that the app shows now").FillAsync("000000");
            await page.Locator("#on-password").FillAsync("wrong password");
            await page.GetByRole(AriaRole.Button, new() { Name = "Turn on" }).ClickAsync();
            await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Your present password is wrong.");
            await page.GetByLabel("The code that the app shows now").FillAsync("000000");
            await page.Locator("#on-password").FillAsync(Password);
            await page.GetByRole(AriaRole.Button, new() { Name = "Turn on" }).ClickAsync();
            await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("This is not the code");
            // The key is still the same one.
            await page.GetByLabel("The code that the app shows now").FillAsync(Totp(key));
            await page.Locator("#on-password").FillAsync(Password);
            await page.GetByRole(AriaRole.Button, new() { Name = "Turn on" }).ClickAsync();
            await Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("Two-factor sign-in is on.");
            var codes = (await page.Locator("#recovery-codes").InnerTextAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            Assert.Equal(10, codes.Length);

            await SignOutAsync(page);
            await new SignInPageObject(page).SignInAsync("totp@example.com", Password);
            await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Second step" })).ToBeVisibleAsync();
            await page.GetByLabel("Code").FillAsync("12345");
            await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
            await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("This code is wrong");
            var used = Totp(key);
            await page.GetByLabel("Code").FillAsync(used);
            await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
            await new PromptsPageObject(page).LiveAsync();

            // A code works once, of the app as of the recovery codes.
            foreach (var (code, works) in ((string, bool)[])[(used, false), (codes[0], true), (codes[0], false), (codes[1].ToLowerInvariant(), true)])
            {
                await page.Context.ClearCookiesAsync();
                await page.GotoAsync(Links.SignIn());
                await new SignInPageObject(page).SignInAsync("totp@example.com", Password);
                await page.GetByLabel("Code").FillAsync(code);
                await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
                if (works)
                    await new PromptsPageObject(page).LiveAsync();
                else
                    await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("This code is wrong");
            }
            await page.GotoAsync(Links.TwoFactor);
            await Expect(page.GetByText("8 recovery codes left")).ToBeVisibleAsync();
            await page.Locator("#off-password").FillAsync("wrong password");
            await page.GetByRole(AriaRole.Button, new() { Name = "Turn off" }).ClickAsync();
            await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Your present password is wrong.");
            await page.Locator("#off-password").FillAsync(Password);
            await page.GetByRole(AriaRole.Button, new() { Name = "Turn off" }).ClickAsync();
            await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Two-factor sign-in is off.");

            await using var context = await app.OpenAsync();
            var entries = await context.AuditEntries.AsNoTracking().Where(entry => entry.SubjectId == id).ToListAsync(Cancellation);
            Assert.Contains(entries, entry => entry.Action == AuditAction.TwoFactorEnabled);
            Assert.Contains(entries, entry => entry.Action == AuditAction.TwoFactorDisabled);
            Assert.Contains(entries, entry => entry.After == """{"with":"password and recovery code"}""");
            Assert.DoesNotContain(entries, entry => $"{entry.Before}{entry.After}" is var text && (text.Contains(key, StringComparison.Ordinal) || codes.Any(text.Contains)));
        });
    }

    [Fact]
    public async Task Passkey_IsAdded_SignsIn_AndIsRemoved()
    {
        var (id, client) = await TestUsers.JoinAsync(app, "passkey@example.com", Role.Viewer, Password);
        client.Dispose();
        await browser.VisitAsync(app, async visit =>
        {
            var page = visit.Page;
            // Passkeys belong to names, not to numbers.
            var studio = $"http://localhost:{app.Address.Port}";
            var device = await page.Context.NewCDPSessionAsync(page);
            await device.SendAsync("WebAuthn.enable");
            await device.SendAsync("WebAuthn.addVirtualAuthenticator", new Dictionary<string, object>
            {
                ["options"] = new Dictionary<string, object>
                {
                    ["protocol"] = "ctap2",
                    ["transport"] = "internal",
                    ["hasResidentKey"] = true,
                    ["hasUserVerification"] = true,
                    ["isUserVerified"] = true,
                    ["automaticPresenceSimulation"] = true,
                },
            });
            await page.GotoAsync(studio + Links.SignIn());
            await new SignInPageObject(page).SignInAsync("passkey@example.com", Password);
            await new PromptsPageObject(page).LiveAsync();
            await page.GotoAsync(studio + Links.Passkeys);
            await page.GetByLabel("Name", new() { Exact = true }).FillAsync("Work laptop");
            await page.Locator("#add-password").FillAsync(Password);
            await page.GetByRole(AriaRole.Button, new() { Name = "Add passkey" }).ClickAsync();
            await Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("The passkey was added.");
            await page.GetByLabel("Name of the passkey Work laptop").FillAsync("Old laptop");
            await page.GetByRole(AriaRole.Button, new() { Name = "Rename" }).ClickAsync();
            await Expect(page.GetByLabel("Name of the passkey Old laptop")).ToBeVisibleAsync();

            await page.GotoAsync(studio + Links.Prompts());
            await SignOutAsync(page, studio);
            await page.GetByRole(AriaRole.Button, new() { Name = "Sign in with a passkey" }).ClickAsync();
            await new PromptsPageObject(page).LiveAsync();

            // Who is disabled has no way in, not even this one.
            await SignOutAsync(page, studio);
            await app.Client.CallAsync(HttpMethod.Put, $"/api/admin/users/{id}", new { is_disabled = true });
            await page.GetByRole(AriaRole.Button, new() { Name = "Sign in with a passkey" }).ClickAsync();
            await Expect(page.GetByText("This passkey does not open this studio.")).ToBeVisibleAsync();
            await app.Client.CallAsync(HttpMethod.Put, $"/api/admin/users/{id}", new { is_disabled = false });
            await page.GetByRole(AriaRole.Button, new() { Name = "Sign in with a passkey" }).ClickAsync();
            await new PromptsPageObject(page).LiveAsync();

            await page.GotoAsync(studio + Links.Passkeys);
            await page.GetByText("Remove Old laptop").ClickAsync();
            await page.Locator("details[open] input[type=password]").FillAsync("wrong password");
            await page.GetByRole(AriaRole.Button, new() { Name = "Remove the passkey Old laptop" }).ClickAsync();
            await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Your present password is wrong.");
            await page.GetByText("Remove Old laptop").ClickAsync();
            await page.Locator("details[open] input[type=password]").FillAsync(Password);
            await page.GetByRole(AriaRole.Button, new() { Name = "Remove the passkey Old laptop" }).ClickAsync();
            await Expect(page.GetByText("You have none yet.")).ToBeVisibleAsync();
            await SignOutAsync(page, studio);
            await page.GetByRole(AriaRole.Button, new() { Name = "Sign in with a passkey" }).ClickAsync();
            await Expect(page.GetByText("This passkey does not open this studio.")).ToBeVisibleAsync();
            await using var context = await app.OpenAsync();
            var actions = await context.AuditEntries.Where(entry => entry.SubjectId == id).Select(entry => entry.Action).ToListAsync(Cancellation);
            Assert.Contains(AuditAction.PasskeyAdded, actions);
            Assert.Contains(AuditAction.PasskeyRemoved, actions);
            Assert.True(app.Errors.Count == 0, string.Join(Environment.NewLine, app.Errors));
        });
    }

    [Fact]
    public Task Key_IsMade_AndRevokedByItsName() => browser.VisitAsync(app, async visit =>
    {
        var page = visit.Page;
        await SignInAsync(page, SetUpStudio.Email, SetUpStudio.Password);
        await page.GetByRole(AriaRole.Link, new() { Name = "API keys" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Make a key" }).ClickAsync();
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("Checkout");
        await page.GetByLabel("Only these prompts").FillAsync("nlu_topic_extraction");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make key" }).ClickAsync();
        var key = await page.Locator("#new-key").InnerTextAsync();
        await Expect(page.Locator("#new-key-curl")).ToContainTextAsync($"Bearer {key}");
        var render = Links.Render("nlu_topic_extraction");
        var body = new { variables = new { query = "Why?", grade_level = "6" } };
        Assert.Equal(System.Net.HttpStatusCode.OK, (await app.Anonymous.CallAsync(HttpMethod.Post, render, body, key)).Status);
        await page.GetByRole(AriaRole.Button, new() { Name = "I have kept it" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Revoke Checkout" }).ClickAsync();
        var revoke = page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Revoke" });
        await Expect(revoke).ToBeDisabledAsync();
        await page.GetByLabel("Type Checkout to confirm").FillAsync("Checkout");
        await revoke.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = "Checkout" })).ToContainTextAsync("revoked");
        Assert.Equal("api_key_invalid", (await app.Anonymous.CallAsync(HttpMethod.Post, render, body, key)).Code);
        // Escape closes a dialog, and it opens again.
        for (var n = 0; n < 2; n++)
        {
            await page.GetByRole(AriaRole.Button, new() { Name = "Make a key" }).ClickAsync();
            await Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
            await page.Keyboard.PressAsync("Escape");
            await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        }
        Assert.Empty(visit.Console);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task Axe_OnThePagesOfAccess_FindsNothingSerious(bool dark) => browser.VisitAsync(app, async visit =>
    {
        var page = visit.Page;
        await page.GotoAsync(Links.JoinRoute);
        await CheckAsync(page, "link spent", dark);
        var email = dark ? "axe.dark@example.com" : "axe.light@example.com";
        var invited = await app.Client.CallAsync(HttpMethod.Post, "/api/admin/users", new { email, role = "Viewer" });
        await page.GotoAsync(invited.Value("link"));
        await CheckAsync(page, "join", dark);
        await SignInAsync(page, SetUpStudio.Email, SetUpStudio.Password);
        foreach (var route in (string[])[Links.Account, Links.Password, Links.TwoFactor, Links.Passkeys])
        {
            await page.GotoAsync(route);
            await CheckAsync(page, route, dark);
        }
        await page.GotoAsync(Links.UsersRoute);
        await new PromptsPageObject(page).LiveAsync();
        await CheckAsync(page, "users", dark);
        await page.GetByRole(AriaRole.Button, new() { Name = "Invite a user" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await CheckAsync(page, "invite", dark);
        await page.GotoAsync(Links.ApiKeysRoute);
        await new PromptsPageObject(page).LiveAsync();
        await CheckAsync(page, "keys", dark);
        await page.GetByRole(AriaRole.Button, new() { Name = "Make a key" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await CheckAsync(page, "make a key", dark);
    }, dark);

    private static Task CheckAsync(IPage page, string what, bool dark) => Accessibility.CheckAsync(page, what + (dark ? ", dark" : ""));

    private static async Task SignInAsync(IPage page, string email, string password)
    {
        var signIn = new SignInPageObject(page);
        await signIn.OpenAsync();
        await (await signIn.SignInAsync(email, password)).LiveAsync();
    }

    private static async Task SignOutAsync(IPage page, string studio = "")
    {
        await page.GotoAsync(studio + Links.Prompts());
        var prompts = new PromptsPageObject(page);
        await prompts.LiveAsync();
        await Expect((await prompts.SignOutAsync()).Heading).ToBeVisibleAsync();
    }

    /// <summary>What an authenticator app shows: RFC 6238 with SHA-1, 30 seconds and 6 digits.</summary>
    private static string Totp(string key)
    {
        var bits = string.Concat(key.Select(letter => Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(letter, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        var secret = EightBits().Matches(bits).Select(eight => Convert.ToByte(eight.Value, 2)).ToArray();
        var counter = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / 30);
#pragma warning disable CA5350 // What authenticator apps use.
        var hash = HMACSHA1.HashData(secret, counter);
#pragma warning restore CA5350
        var number = BinaryPrimitives.ReadInt32BigEndian(hash.AsSpan(hash[^1] & 15)) & int.MaxValue;
        return (number % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }

    [GeneratedRegex("[01]{8}")]
    private static partial Regex EightBits();
}
