using System.Net;
using PromptStudio.Tests.Access;

namespace PromptStudio.Tests.Studio;

/// <summary>People beside the app's first one.</summary>
internal static class TestUsers
{
    /// <summary>Invites somebody, who joins and signs in.</summary>
    /// <returns>Their id, and a client with their cookie.</returns>
    public static async Task<(string Id, HttpClient Client)> JoinAsync(StudioApp app, string email, string role, string password)
    {
        var invited = await app.Client.CallAsync(HttpMethod.Post, "/api/admin/users", new { email, role });
        Assert.Equal(HttpStatusCode.Created, invited.Status);
        Assert.Equal("", await UseLinkAsync(app, new Uri(invited.Value("link")), "join", password, password));
        var client = app.NewClient();
        Assert.Equal(HttpStatusCode.Redirect, (await SignInTests.SignInAsync(client, email, password)).StatusCode);
        return (invited.Json.GetProperty("user").GetProperty("id").GetString()!, client);
    }

    /// <summary>Chooses a password with a one-time link.</summary>
    /// <returns>The page that says why not; empty when the password was set.</returns>
    public static async Task<string> UseLinkAsync(StudioApp app, Uri link, string form, string password, string repeat)
    {
        using var client = app.NewClient();
        var token = SignInTests.Token(await client.GetStringAsync(link, TestContext.Current.CancellationToken));
        using var fields = SignInTests.Form(form, token, ("Input.Password", password), ("Input.Repeat", repeat));
        var response = await client.PostAsync(link, fields, TestContext.Current.CancellationToken);
        return response.StatusCode == HttpStatusCode.Redirect ? "" : WebUtility.HtmlDecode(await SignInTests.BodyAsync(response));
    }

    /// <summary>Writes through the admin API as the browser of somebody signed in does.</summary>
    public static async Task WithTokenAsync(this HttpClient client)
    {
        var token = await client.CallAsync(HttpMethod.Get, "/api/admin/antiforgery");
        client.DefaultRequestHeaders.Remove("X-CSRF-TOKEN");
        client.DefaultRequestHeaders.Add("X-CSRF-TOKEN", token.Value("token"));
    }
}
