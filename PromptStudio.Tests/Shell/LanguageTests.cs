using System.Globalization;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Localization;
using PromptStudio.Access;
using PromptStudio.Access.Accounts;
using PromptStudio.Access.Keys;
using PromptStudio.Access.Users;
using PromptStudio.Core.Access;
using PromptStudio.Shell;
using PromptStudio.Tests.Access;
using PromptStudio.Tests.Studio;
using PromptStudio.Web;

namespace PromptStudio.Tests.Shell;

[Trait(Tier.Name, Tier.Unit)]
public sealed partial class LanguageTests
{
    private static readonly string Sources = Path.Combine(StudioOutput.Repository, "PromptStudio");

    /// <summary>Names, units, and examples of what is typed.</summary>
    private static readonly HashSet<string> SameEverywhere =
    [
        "Prompt Studio", "PostgreSQL", "Redis", "Jinja2", "Scriban", "JSON", "true", "false", "µs",
        "staging", "support_reply", "support@example.com", @".*@@example\.com", "ignore previous", "US GB DE …", "age : 12", "$.result.score", "rule_config",
        "variables.age is defined and variables.age < 18", "https://models.example.org/moderations",
    ];

    /// <summary>Every text of a page that goes through a localizer has its German one, with the same places for values.</summary>
    [Fact]
    public void EveryText_OfEveryRoom_IsTranslated()
    {
        var rooms = Directory.GetFiles(Sources, "*Words.de.resx", SearchOption.AllDirectories);
        Assert.NotEmpty(rooms);
        var problems = new List<string>();
        foreach (var room in rooms)
        {
            var name = Path.GetFileName(room).Split('.')[0];
            var german = XDocument.Load(room).Root!.Elements("data").ToDictionary(data => data.Attribute("name")!.Value, data => data.Element("value")!.Value);
            // What differs in case only is one name to the resource compiler, which drops the second.
            problems.AddRange(german.Keys.GroupBy(text => text, StringComparer.OrdinalIgnoreCase).Where(texts => texts.Count() > 1).Select(texts => $"{name}: {string.Join(" and ", texts)} differ in case only"));
            problems.AddRange(german.Where(text => !Places(text.Key).SetEquals(Places(text.Value))).Select(text => $"{name}: the places of '{text.Key}' differ"));
            foreach (var (file, source) in Written())
            {
                foreach (var use in Localizer().Matches(source).Where(use => use.Groups[1].Value == name))
                {
                    var texts = Regex.Matches(source, $@"\b{use.Groups[2].Value}(?:\[[^""\]]*|\.Count\([^""]*)(""(?:[^""\\]|\\.)*"")(?:, (""(?:[^""\\]|\\.)*"")\)| : (""(?:[^""\\]|\\.)*""))?");
                    problems.AddRange(texts.SelectMany(text => text.Groups.Values.Skip(1)).Where(text => text.Success)
                        .Select(text => Regex.Unescape(text.Value[1..^1])).Where(text => !german.ContainsKey(text)).Select(text => $"{name}: '{text}' of {Path.GetFileName(file)} has no German text"));
                }
            }
        }
        Assert.Empty(problems.Distinct());
    }

    /// <summary>What people see on a page goes through a localizer.</summary>
    [Fact]
    public void EveryText_OfEveryPage_GoesThroughALocalizer()
    {
        var pages = Directory.GetFiles(Sources, "*.razor", SearchOption.AllDirectories);
        Assert.NotEmpty(pages);
        Assert.Empty(pages.SelectMany(page => VisibleTexts.Of(File.ReadAllText(page)).Where(text => !SameEverywhere.Contains(text)).Select(text => $"{Path.GetFileName(page)}: '{text}'")));
    }

    [Theory]
    [InlineData("<h1>Sign in</h1>", "Sign in")]
    [InlineData("<p class=\"lead\">@L[\"Sign in\"] @name</p>", "")]
    [InlineData("<p>@(x ? \"Turn on\" : L[\"Turn off\"])</p>", "Turn on")]
    [InlineData("<p>@L[x ? \"Turn on\" : \"Turn off\"]</p>", "")]
    [InlineData("<a title=\"Copy it\" href=\"/here\">@Name</a>", "Copy it")]
    [InlineData("<Head Title=\"@($\"Role of {(x ? \"a user\" : \"\")}\")\" />", "a user, Role of")]
    [InlineData("@if (a < b)\n{\n  var c = a;\n  <b>yes</b>\n}\nelse if (c)\n{\n}\n@switch (a)\n{\n  case A:\n    @L[\"a text\"]\n    break;\n}", "yes")]
    [InlineData("@code {\n  private RenderFragment A() =>\n    @<p>A text</p>;\n}", "A text")]
    [InlineData("<input placeholder=\"ada@example.com\" @bind=\"_a\" @onclick=\"() => Open(1)\" />", "ada@example.com")]
    [InlineData("<code>no text</code> v@(1)", "")]
    public void VisibleTexts_OfMarkup_AreThoseOutsideALocalizer(string markup, string expected) => Assert.Equal(expected, string.Join(", ", VisibleTexts.Of(markup)));

    /// <summary>What pages look up without writing it: names of roles and states, and what rules say.</summary>
    [Fact]
    public void WhatRulesSay_OfAccounts_IsTranslated() => InGerman(() =>
    {
        var words = Words<AccessWords>();
        var now = new DateTimeOffset(2026, 12, 1, 12, 0, 0, TimeSpan.Zero);
        var many = Enumerable.Repeat("a", 101).ToList();
        string?[] said =
        [
            .. new[] { typeof(AccountProblem), typeof(UserProblem), typeof(ApiKeyProblem) }
                .SelectMany(problems => problems.GetProperties().Select(property => property.GetValue(null)).OfType<Problem>()).Select(problem => problem.Detail),
            AccountProblem.NotYours(new Actor(ActorKind.User, Guid.Empty.ToString(), "ada@example.com", default)).Detail,
            .. Role.All.Append("").SelectMany(role => new[] { RoleNames.Of(role), RoleNames.May(role) }),
            ApiKeyState.Active, ApiKeyState.Expired, ApiKeyState.Revoked, UserState.Active, UserState.Invited, UserState.Disabled,
            EmailAddress.Rule, PasswordRule.Hint,
            .. new[] { "short", new string('x', 300), "aaaaaaaaaaaa", "password12345", "ada.lovelace1", "2026-12-01 2026" }.SelectMany(password => PasswordRule.Problems(password, "ada.lovelace@example.com")),
            .. new NewPasswordInput { Password = "correct horse battery" }.Problems("ada@example.com"),
            ApiKeyRule.NameProblem(""), ApiKeyRule.NameProblem(new string('x', 101)), ApiKeyRule.ScopesProblem([]), ApiKeyRule.BoundNamesProblem(many), ApiKeyRule.BoundNamesProblem(["two words"]),
            ApiKeyRule.BoundCategoriesProblem(many), ApiKeyRule.BoundCategoriesProblem([""]), ApiKeyRule.ExpiryProblem(now, now),
        ];
        Assert.All(said, sentence => Assert.NotNull(sentence));
        Assert.DoesNotContain(said, sentence => words[sentence!].ResourceNotFound && words.Said(sentence!) == sentence);
        Assert.StartsWith("'two words' ist kein Name eines Prompts.", words.Said(ApiKeyRule.BoundNamesProblem(["two words"])!), StringComparison.Ordinal);
        Assert.Equal("'{0}' is unknown to {{ all }}", words.Said("'{0}' is unknown to {{ all }}"));
    });

    [Fact]
    public void Numbers_InGerman_AreWrittenAsThere() => InGerman(() =>
    {
        Assert.Equal("12.345", Figures.Count(12_345));
        Assert.Equal("3,2\u00a0%", Figures.Share(32, 1000));
        Assert.Equal("1. Dez. 2026, 13:05:09 UTC+1",
            Figures.Exact(new DateTimeOffset(2026, 12, 1, 12, 5, 9, TimeSpan.Zero), TimeZoneInfo.CreateCustomTimeZone("x", TimeSpan.FromHours(1), "x", "x")));
    });

    [Fact]
    public void Texts_InGerman_ComeFromTheRoom() => InGerman(() =>
    {
        var words = Words<ShellWords>();
        var now = new DateTimeOffset(2026, 12, 1, 12, 0, 0, TimeSpan.Zero);
        Assert.Equal("vor 3 Minuten", words.Ago(now.AddMinutes(-3), now));
        Assert.All(PromptStudio.Shell.Places.All, place => Assert.False(words[place.Title].ResourceNotFound));
    });

    /// <summary>The app's files, each component's markup together with its code.</summary>
    private static IEnumerable<(string File, string Source)> Written() =>
        from file in Directory.GetFiles(Sources, "*.*", SearchOption.AllDirectories)
        where file.EndsWith(".razor", StringComparison.Ordinal) || (file.EndsWith(".cs", StringComparison.Ordinal) && !file.EndsWith(".razor.cs", StringComparison.Ordinal))
        let code = file + ".cs"
        select (file, File.ReadAllText(file) + (File.Exists(code) ? File.ReadAllText(code) : ""));

    private static IStringLocalizer<TRoom> Words<TRoom>() =>
        new ServiceCollection().AddLogging().AddLocalization().BuildServiceProvider().GetRequiredService<IStringLocalizer<TRoom>>();

    private static void InGerman(Action test)
    {
        var before = CultureInfo.CurrentUICulture;
        try
        {
            CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo("de");
            test();
        }
        finally
        {
            CultureInfo.CurrentUICulture = before;
        }
    }

    private static HashSet<string> Places(string text) => [.. Place().Matches(text).Select(match => match.Value)];

    [GeneratedRegex(@"\{\d\}")]
    private static partial Regex Place();

    [GeneratedRegex(@"IStringLocalizer<(\w+)> (\w+)")]
    private static partial Regex Localizer();
}

/// <summary>What a page's request says about its language.</summary>
[Trait(Tier.Name, Tier.Api)]
public sealed class LanguageRequestTests(FreshStudio app) : IClassFixture<FreshStudio>
{
    [Theory]
    [InlineData(null, null, "en", "There is no page at this address")]
    [InlineData("de-CH,de;q=0.9", null, "de", "Unter dieser Adresse gibt es keine Seite")]
    [InlineData("fr", null, "en", "There is no page at this address")]
    [InlineData("de", "en", "en", "There is no page at this address")]
    [InlineData("en", "de", "de", "Unter dieser Adresse gibt es keine Seite")]
    [InlineData("en", "'\"<x>", "en", "There is no page at this address")]
    public async Task Page_OfALanguage_SpeaksIt(string? accepted, string? cookie, string language, string heading)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/problem/404");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/html"));
        if (accepted is not null)
            request.Headers.TryAddWithoutValidation("Accept-Language", accepted);
        if (cookie is not null)
            request.Headers.TryAddWithoutValidation("Cookie", $"{Languages.Cookie}={cookie}");
        var response = await app.Anonymous.SendAsync(request, TestContext.Current.CancellationToken);
        var page = System.Net.WebUtility.HtmlDecode(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

        Assert.Contains($"<html lang=\"{language}\"", page, StringComparison.Ordinal);
        Assert.Contains(heading, page, StringComparison.Ordinal);
    }
}

/// <summary>The pages of accounts, for somebody whose browser prefers German.</summary>
[Trait(Tier.Name, Tier.Api)]
public sealed class AccountLanguageTests(SetUpStudio app) : IClassFixture<SetUpStudio>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Links.SignInRoute, "Anmelden")]
    [InlineData(Links.TwoFactorSignInRoute, "Melden Sie sich zuerst an")]
    [InlineData(Links.NoAccess, "Sie dürfen diese Seite nicht sehen")]
    [InlineData(Links.JoinRoute, "Dieser Link gilt nicht mehr")]
    [InlineData(Links.ResetRoute, "Dieser Link gilt nicht mehr")]
    public async Task PageForAnybody_InGerman_IsGerman(string address, string heading)
    {
        using var client = Client();
        ExpectGerman(await ReadAsync(client, address), heading);
    }

    [Theory]
    [InlineData(Links.Account, "Ihr Konto")]
    [InlineData(Links.Password, "Ändern Sie Ihr Passwort")]
    [InlineData(Links.TwoFactor, "Zwei-Faktor-Anmeldung")]
    [InlineData(Links.Passkeys, "Passkeys")]
    [InlineData(Links.UsersRoute, "Personen")]
    [InlineData(Links.ApiKeysRoute, "API-Schlüssel")]
    public async Task PageForSomebodySignedIn_InGerman_IsGerman(string address, string heading)
    {
        using var client = Client();
        await SignInTests.SignInAsync(client, SetUpStudio.Email, SetUpStudio.Password);
        ExpectGerman(await ReadAsync(client, address), heading);
    }

    [Fact]
    public async Task Forms_InGerman_SayInGermanWhatIsWrong()
    {
        using var client = Client();
        using var refused = await SignInTests.SignInAsync(client, SetUpStudio.Email, "wrong");
        Assert.Contains("Die E-Mail-Adresse oder das Passwort ist falsch.", await BodyAsync(refused), StringComparison.Ordinal);

        var invited = await app.Client.CallAsync(HttpMethod.Post, "/api/admin/users", new { email = "grete@example.com", role = Role.Viewer });
        var link = invited.Value("link");
        var join = await ReadAsync(client, link);
        ExpectGerman(join, "Prompt Studio beitreten");
        using var form = SignInTests.Form("join", SignInTests.Token(join), ("Input.Password", "password12345"), ("Input.Repeat", "password1234"));
        using var weak = await client.PostAsync(link, form, Cancellation);
        var said = await BodyAsync(weak);
        Assert.Contains("aus einem der verbreiteten Passwörter gebaut", said, StringComparison.Ordinal);
        Assert.Contains("Die zwei Passwörter sind nicht gleich.", said, StringComparison.Ordinal);
        ExpectGerman(said, "Prompt Studio beitreten");
    }

    [Fact]
    public async Task ResetLink_InGerman_IsGerman()
    {
        await using var context = await app.OpenAsync();
        var user = await context.Users.SingleAsync(row => row.Email == SetUpStudio.Email, Cancellation);
        using var client = Client();
        ExpectGerman(await ReadAsync(client, Links.OneTime(app.Services.GetRequiredService<OneTimeLinks>().Make(user, LinkPurpose.Reset))), "Wählen Sie ein anderes Passwort");
    }

    /// <summary>The heading, and none of the room's English texts, wherever they differ from the German ones.</summary>
    internal static void ExpectGerman(string page, string heading)
    {
        Assert.Matches($"<h1[^>]*>{Regex.Escape(heading)}</h1>", page);
        var english = XDocument.Load(Path.Combine(StudioOutput.Repository, "PromptStudio", "Access", "AccessWords.de.resx")).Root!.Elements("data")
            .Where(text => text.Attribute("name")!.Value != text.Element("value")!.Value).Select(text => text.Attribute("name")!.Value).ToList();
        Assert.NotEmpty(english);
        Assert.DoesNotContain(english, text => Regex.IsMatch(page, $"(?:>\\s*{Regex.Escape(text)}\\s*<|(?:title|placeholder|aria-label|data-label)=\"{Regex.Escape(text)}\")"));
    }

    internal static async Task<string> ReadAsync(HttpClient client, string address)
    {
        using var response = await client.GetAsync(address, Cancellation);
        return await BodyAsync(response);
    }

    private HttpClient Client()
    {
        var client = app.NewClient();
        client.DefaultRequestHeaders.Add("Accept-Language", "de");
        return client;
    }

    private static async Task<string> BodyAsync(HttpResponseMessage response) => System.Net.WebUtility.HtmlDecode(await SignInTests.BodyAsync(response));
}

/// <summary>The set-up, on an app that nobody has entered.</summary>
[Trait(Tier.Name, Tier.Api)]
public sealed class SetupLanguageTests(FreshStudio app) : IClassFixture<FreshStudio>
{
    [Fact]
    public async Task Setup_InGerman_IsGerman()
    {
        using var client = app.NewClient();
        client.DefaultRequestHeaders.Add("Accept-Language", "de");
        AccountLanguageTests.ExpectGerman(await AccountLanguageTests.ReadAsync(client, Links.SetupRoute), "Öffnen Sie den Link aus der Konsole");
        AccountLanguageTests.ExpectGerman(await AccountLanguageTests.ReadAsync(client, Links.SignIn()), "Anmelden");
        AccountLanguageTests.ExpectGerman(await AccountLanguageTests.ReadAsync(client, Links.Setup(app.Services.GetRequiredService<Bootstrap>().Token!)), "Richten Sie Ihr Studio ein");
    }
}
