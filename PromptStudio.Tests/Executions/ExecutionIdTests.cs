using PromptStudio.Core.Executions;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Executions;

[Trait(Tier.Name, Tier.Unit)]
public sealed class ExecutionIdTests
{
    [Fact]
    public void Instant_OfANewId_IsItsMillisecond()
    {
        var instant = new DateTimeOffset(2026, 11, 22, 17, 30, 15, 123, TimeSpan.Zero);

        Assert.Equal(instant, ExecutionId.Instant(ExecutionId.New(instant.AddTicks(4567))));
    }

    [Fact]
    public void Instant_OfTheRfcsExample_IsItsInstant() =>
        // RFC 9562, appendix A.6: Tuesday, February 22, 2022 2:22:22.00 PM GMT-05:00.
        Assert.Equal(new DateTimeOffset(2022, 2, 22, 19, 22, 22, TimeSpan.Zero), ExecutionId.Instant(new Guid("017F22E2-79B0-7CC3-98C4-DC0C0C07398F")));

    [Theory]
    [InlineData("919108f7-52d1-4320-9bac-f847db4148a8")]
    [InlineData("00000000-0000-0000-0000-000000000000")]
    [InlineData("ffffffff-ffff-7fff-bfff-ffffffffffff")]
    public void Instant_OfAnotherId_IsNone(string id) => Assert.Null(ExecutionId.Instant(new Guid(id)));
}
