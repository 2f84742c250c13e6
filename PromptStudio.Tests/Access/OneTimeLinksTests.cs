using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Time.Testing;
using PromptStudio.Access;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Access;

[Trait(Tier.Name, Tier.Unit)]
public sealed class OneTimeLinksTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero));
    private readonly OneTimeLinks _links;
    private readonly StudioUser _invited = new() { Id = Guid.CreateVersion7(new DateTimeOffset(2026, 11, 22, 0, 0, 0, TimeSpan.Zero)), SecurityStamp = "A" };

    public OneTimeLinksTests() => _links = new OneTimeLinks(new EphemeralDataProtectionProvider(), _clock);

    [Fact]
    public void Invitation_Works_ForSevenDays()
    {
        var link = _links.Make(_invited, LinkPurpose.Join);

        _clock.Advance(TimeSpan.FromDays(7) - TimeSpan.FromSeconds(1));
        Assert.True(_links.Fits(link.Token, LinkPurpose.Join, _invited));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(_links.Fits(link.Token, LinkPurpose.Join, _invited));
        Assert.Null(_links.Read(link.Token, LinkPurpose.Join));
    }

    [Fact]
    public void Reset_Works_ForADay()
    {
        _invited.PasswordHash = "x";
        var link = _links.Make(_invited, LinkPurpose.Reset);

        Assert.Equal(_clock.GetUtcNow().AddDays(1), link.ExpiresAt);
        _clock.Advance(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(1));
        Assert.True(_links.Fits(link.Token, LinkPurpose.Reset, _invited));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(_links.Fits(link.Token, LinkPurpose.Reset, _invited));
    }

    [Fact]
    public void Link_FitsOnlyItsOwner_ItsPurpose_AndTheAccountAsItWas()
    {
        var link = _links.Make(_invited, LinkPurpose.Join);
        Assert.True(_links.Fits(link.Token, LinkPurpose.Join, _invited));

        Assert.False(_links.Fits(link.Token, LinkPurpose.Reset, _invited));
        Assert.False(_links.Fits(link.Token, LinkPurpose.Join, new StudioUser { Id = Guid.Empty, SecurityStamp = "A" }));
        Assert.False(_links.Fits(link.Token, LinkPurpose.Join, new StudioUser { Id = _invited.Id, SecurityStamp = "B" }));
        Assert.False(_links.Fits(link.Token, LinkPurpose.Join, new StudioUser { Id = _invited.Id, SecurityStamp = "A", PasswordHash = "x" }));
        Assert.False(_links.Fits(link.Token, LinkPurpose.Join, new StudioUser { Id = _invited.Id, SecurityStamp = "A", DisabledAt = _clock.GetUtcNow() }));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("%%%")]
    [InlineData("AAAA")]
    public void Token_ThatIsNone_IsNobodys(string? token) => Assert.Null(_links.Read(token, LinkPurpose.Join));

    [Fact]
    public void Token_ThatWasChanged_IsNobodys()
    {
        var token = _links.Make(_invited, LinkPurpose.Join).Token;

        for (var at = 0; at < token.Length - 1; at += 7)
            Assert.Null(_links.Read(token[..at] + (token[at] == 'A' ? 'B' : 'A') + token[(at + 1)..], LinkPurpose.Join));
        Assert.Null(_links.Read(new string('A', 100_000), LinkPurpose.Join));
    }
}
