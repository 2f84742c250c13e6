using System.Net.Sockets;
using System.Text;
using PromptStudio.Shell;
using PromptStudio.Tests.Access;
using PromptStudio.Tests.Studio;
using PromptStudio.Web;

namespace PromptStudio.Tests.Web;

[Trait(Tier.Name, Tier.Api)]
public sealed class SecurityHeaderTests(SetUpStudio app) : IClassFixture<SetUpStudio>
{
    [Theory]
    [InlineData("/account/sign-in")]
    [InlineData("/admin/prompts")]
    [InlineData("/no-such-page")]
    [InlineData("/studio.css")]
    [InlineData("/docs/")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/health/live")]
    [InlineData("/api/admin/audit")]
    [InlineData("/api/nothing")]
    [InlineData("/api/admin/audit?search=%00")]
    public async Task EveryAnswer_SaysWhatTheBrowserMayNotDo(string path)
    {
        var headers = (await app.Anonymous.GetAsync(path, TestContext.Current.CancellationToken)).Headers;

        var policy = Assert.Single(headers.GetValues("Content-Security-Policy"));
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("default-src ", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("http", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe-eval", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("script-src 'self' 'unsafe-inline'", policy, StringComparison.Ordinal);
        Assert.Equal(["nosniff"], headers.GetValues("X-Content-Type-Options"));
        Assert.Equal(["DENY"], headers.GetValues("X-Frame-Options"));
        Assert.Equal(["same-origin"], headers.GetValues("Cross-Origin-Opener-Policy"));
        Assert.Contains("camera=()", Assert.Single(headers.GetValues("Permissions-Policy")), StringComparison.Ordinal);
        Assert.Single(headers.GetValues("Referrer-Policy"));
        Assert.False(headers.Contains("Strict-Transport-Security"));
    }

    [Fact]
    public async Task Page_OfTheStudio_HasOnePolicy_AndNoNonceTwice()
    {
        using var client = app.NewClient();
        await SignInTests.SignInAsync(client, SetUpStudio.Email, SetUpStudio.Password);

        var page = await client.GetAsync(Links.Prompts(), TestContext.Current.CancellationToken);
        var (first, second) = (await client.GetAsync("/docs/", TestContext.Current.CancellationToken), await client.GetAsync("/docs/", TestContext.Current.CancellationToken));

        Assert.Equal(ContentPolicy.Page.Text, Assert.Single(page.Headers.GetValues("Content-Security-Policy")));
        Assert.NotEqual(first.Headers.GetValues("Content-Security-Policy"), second.Headers.GetValues("Content-Security-Policy"));
    }

    [Fact]
    public async Task Body_LargerThanAnyForm_IsRefused()
    {
        // Its head is enough; a caller that went on sending might not hear the answer.
        using var caller = new TcpClient();
        await caller.ConnectAsync(app.Address.Host, app.Address.Port, TestContext.Current.CancellationToken);
        await caller.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"POST /api/render/nlu_topic_extraction HTTP/1.1\r\nHost: {app.Address.Authority}\r\nConnection: close\r\n"
            + $"Authorization: Bearer {StudioApp.Key}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {PromptStudio.Studio.MaxRequestBytes + 1}\r\n\r\n"), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(caller.GetStream());

        var answer = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);

        Assert.StartsWith("HTTP/1.1 413 Payload Too Large\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("\"code\":\"body_too_large\"", answer, StringComparison.Ordinal);
    }
}
