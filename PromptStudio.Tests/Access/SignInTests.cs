using System.Net;
using System.Text.RegularExpressions;
using PromptStudio.Shell;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Access;

[Trait(Tier.Name, Tier.Api)]
public sealed partial class SignInTests(SetUpStudio app) : IClassFixture<SetUpStudio>
{
    [Fact]
    public async Task Prompts_ToAnybody_LeadsToTheSignIn()
    {
        var response = await app.Anonymous.GetAsync(Links.Prompts(), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.Equal("/account/sign-in?return_url=%2Fadmin%2Fprompts", response.Headers.Location!.PathAndQuery);
    }

    [Theory]
    [InlineData("/admin/prompts?page=2", "/admin/prompts?page=2")]
    [InlineData("https://evil.example/", "/")]
    [InlineData("//evil.example", "/")]
    [InlineData("/\\evil.example", "/")]
    public async Task SignIn_WithAReturnUrl_NeverLeavesTheStudio(string returnUrl, string expected)
    {
        using var client = app.NewClient();

        var response = await SignInAsync(client, SetUpStudio.Email, SetUpStudio.Password, returnUrl);

        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.Equal(new Uri(app.Address, expected), new Uri(app.Address, response.Headers.Location!));
    }

    [Theory]
    [InlineData(SetUpStudio.Email, "wrong password")]
    [InlineData("nobody@example.com", "wrong password")]
    [InlineData("", "")]
    public async Task SignIn_WithSomethingWrong_DoesNotSayWhat(string email, string password)
    {
        using var client = app.NewClient();

        var response = await SignInAsync(client, email, password);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("The e-mail address or the password is wrong.", await BodyAsync(response), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Redirect, (await client.GetAsync(Links.Prompts(), TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task SignIn_WithoutTheFormsToken_IsRefusedOnAPageForPeople()
    {
        using var client = app.NewClient();
        using var form = Form("sign-in", token: "", ("Input.Email", SetUpStudio.Email), ("Input.Password", SetUpStudio.Password));

        var response = await client.PostAsync(Links.SignIn(), form, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("This form has expired", await BodyAsync(response), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignOut_WithoutTheFormsToken_IsRefused()
    {
        using var client = app.NewClient();
        await SignInAsync(client, SetUpStudio.Email, SetUpStudio.Password);
        using var form = new FormUrlEncodedContent([]);

        Assert.Equal(HttpStatusCode.BadRequest, (await client.PostAsync(Links.SignOut, form, TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(Links.Prompts(), TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task UnknownAddress_ForSomebodySignedIn_IsAPageForPeople()
    {
        using var client = app.NewClient();
        await SignInAsync(client, SetUpStudio.Email, SetUpStudio.Password);

        var response = await client.GetAsync("/admin/nothing", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains("There is no page at this address", await BodyAsync(response), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("?search=%00&category=%00&sort=%00&page=x&prompt=%00")]
    [InlineData("?search=%25%5C_&page=-1&sort=--name&prompt=none")]
    [InlineData("?page=99999999999999999999")]
    public async Task Prompts_WithAnyAddress_IsAPage(string query)
    {
        using var client = app.NewClient();
        await SignInAsync(client, SetUpStudio.Email, SetUpStudio.Password);

        var response = await client.GetAsync(Links.PromptsRoute + query, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.DoesNotContain("This page failed", await BodyAsync(response), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("light", "light")]
    [InlineData("dark", "dark")]
    [InlineData("\"><script>", "system")]
    public async Task SignInPage_WithAThemeCookie_IsInThatThemeFromTheFirstByte(string cookie, string expected)
    {
        using var client = app.NewClient();
        client.DefaultRequestHeaders.Add("Cookie", $"{Look.ThemeCookie}={Uri.EscapeDataString(cookie)}");

        var page = await client.GetStringAsync(Links.SignIn(), TestContext.Current.CancellationToken);

        Assert.Contains($"data-theme=\"{expected}\"", page, StringComparison.Ordinal);
    }

    internal static async Task<HttpResponseMessage> SignInAsync(HttpClient client, string email, string password, string? returnUrl = null)
    {
        var address = Links.SignInRoute + (returnUrl is null ? "" : $"?{Links.ReturnUrl}={Uri.EscapeDataString(returnUrl)}");
        var token = Token(await client.GetStringAsync(address, TestContext.Current.CancellationToken));
        using var form = Form("sign-in", token, ("Input.Email", email), ("Input.Password", password));
        return await client.PostAsync(address, form, TestContext.Current.CancellationToken);
    }

    internal static FormUrlEncodedContent Form(string handler, string token, params (string Name, string Value)[] fields) =>
        new([new("_handler", handler), new("__RequestVerificationToken", token), .. fields.Select(field => KeyValuePair.Create(field.Name, field.Value))]);

    internal static string Token(string page) => TokenField().Match(page).Groups[1].Value;

    internal static Task<string> BodyAsync(HttpResponseMessage response) => response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex TokenField();
}

/// <summary>Too many attempts, on an app of its own: the account stays locked.</summary>
[Trait(Tier.Name, Tier.Api)]
public sealed class LockoutTests(SetUpStudio app) : IClassFixture<SetUpStudio>
{
    [Fact]
    public async Task SignIn_WrongFiveTimes_IsLockedForTheRightPasswordToo()
    {
        using var client = app.NewClient();
        for (var attempt = 0; attempt < 5; attempt++)
            await SignInTests.SignInAsync(client, SetUpStudio.Email, "wrong password");

        var response = await SignInTests.SignInAsync(client, SetUpStudio.Email, SetUpStudio.Password);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        // The same words as ever: whoever reads something else knows that there is such an account.
        Assert.Contains("The e-mail address or the password is wrong. After five wrong attempts", await SignInTests.BodyAsync(response), StringComparison.Ordinal);
    }
}
