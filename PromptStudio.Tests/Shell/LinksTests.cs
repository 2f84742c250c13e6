using PromptStudio.Access;
using PromptStudio.Prompts;
using PromptStudio.Shell;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Shell;

[Trait(Tier.Name, Tier.Unit)]
public sealed class LinksTests
{
    [Theory]
    [InlineData("/admin/prompts?page=2", "/admin/prompts?page=2")]
    [InlineData("/", "/")]
    [InlineData(null, "/")]
    [InlineData("", "/")]
    [InlineData("admin", "/")]
    [InlineData("https://evil.example", "/")]
    [InlineData("//evil.example", "/")]
    [InlineData("/\\evil.example", "/")]
    [InlineData("/\t/evil.example", "/")]
    [InlineData("\\\\evil.example", "/")]
    [InlineData("javascript:alert(1)", "/")]
    public void Local_OfAnyAddress_IsOneOfThisStudio(string? url, string expected) => Assert.Equal(expected, Links.Local(url));

    [Fact]
    public void Prompts_OfAQuery_SaysOnlyWhatDiffers()
    {
        Assert.Equal("/admin/prompts", Links.Prompts());
        Assert.Equal("/admin/prompts?search=a%20b&category=nlu&sort=name&page=3&prompt=x",
            Links.Prompts(new PromptQuery { Search = "a b", Category = "nlu", Sort = "name", Page = 3 }, "x"));
    }

    [Theory]
    [InlineData("http://*:5080", "http://localhost:5080")]
    [InlineData("http://+:5080/", "http://localhost:5080")]
    [InlineData("http://0.0.0.0:5080", "http://localhost:5080")]
    [InlineData("http://[::]:5080", "http://localhost:5080")]
    [InlineData("http://127.0.0.1:5080", "http://127.0.0.1:5080")]
    public void Reachable_OfAWildcard_IsThisMachine(string address, string expected) => Assert.Equal(expected, SetupLink.Reachable(address));
}
