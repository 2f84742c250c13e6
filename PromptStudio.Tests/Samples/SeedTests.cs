using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PromptStudio.Audit;
using PromptStudio.Core.Access;
using PromptStudio.Samples;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Samples;

/// <summary>An empty studio whose clock the seed may turn back.</summary>
public sealed class EmptyStudio(PostgresServer server) : StudioApp(server)
{
    public SampleClock Clock { get; } = new(TimeProvider.System.GetUtcNow());

    protected override IEnumerable<string> Settings => [];

    protected override void ConfigureServices(IServiceCollection services) => services.AddSingleton<TimeProvider>(Clock);
}

[Trait(Tier.Name, Tier.Api)]
public sealed class SeedTests(EmptyStudio app) : IClassFixture<EmptyStudio>
{
    [Fact]
    public async Task Fill_OfAnEmptyStudio_IsWhatATeamHas_AndOnlyOnce()
    {
        var cancellation = TestContext.Current.CancellationToken;
        Assert.Equal(0, await SeedCommand.FillAsync(app.Services, app.Clock, prompts: 45, versions: 60, executions: 3_000));

        await using var context = await app.OpenAsync();
        Assert.Equal(45, await context.Prompts.CountAsync(cancellation));
        Assert.InRange(await context.PromptTemplates.CountAsync(cancellation), 45, 110);
        Assert.Equal(3_000, await context.PromptExecutions.CountAsync(cancellation));
        Assert.Equal(12, await context.PromptGuardrails.CountAsync(cancellation));
        Assert.NotEqual(0, await context.GuardrailViolations.CountAsync(cancellation));
        Assert.NotEqual(0, await context.AbTestExperiments.CountAsync(cancellation));
        Assert.Equal(8, await context.Users.CountAsync(cancellation));
        Assert.Equal(0, await context.PromptExecutions.CountAsync(execution => !context.PromptTemplates.Any(version => version.Id == execution.PromptTemplateId), cancellation));
        Assert.Equal(0, await context.GuardrailViolations.CountAsync(hit => !context.PromptExecutions.Any(execution => execution.Id == hit.ExecutionId), cancellation));
        // What it wrote went through the commands: the log tells it, and holds.
        var verified = await app.Services.GetRequiredService<AuditStore>().VerifyAsync(Actor.System("test"), null, cancellation);
        Assert.Null(verified.Value!.Break);
        Assert.True(verified.Value.Check.Entries > 100);

        Assert.Equal(1, await SeedCommand.FillAsync(app.Services, app.Clock, prompts: 1, versions: 1, executions: 1));
        Assert.Equal(3_000, await context.PromptExecutions.CountAsync(cancellation));
    }

    [Theory]
    [InlineData("--prompts=0")]
    [InlineData("--executions=2,000,000")]
    [InlineData("--versions=many")]
    [InlineData("prompts")]
    public async Task Run_WithWrongOptions_SaysHowItIsUsed(string option) => Assert.Equal(2, await SeedCommand.RunAsync([option]));
}
