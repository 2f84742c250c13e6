using PromptStudio.Core.Executions;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Executions;

[Trait(Tier.Name, Tier.Unit)]
public sealed class OutcomeTests
{
    [Fact]
    public void Problems_OfAGoodReport_AreNone() => Assert.Empty(new Outcome
    {
        Success = true,
        ConversionMetric = -3.5,
        ResponseTokens = 0,
        ExecutionTimeMs = 812,
        SafetyScore = 1,
        Status = ExecutionStatus.Timeout,
        ModelName = "m",
    }.Problems());

    [Fact]
    public void Problems_OfAnEmptyReport_AskForSomething() => Assert.Single(new Outcome().Problems());

    [Fact]
    public void Problems_AreToldAllAtOnce()
    {
        var problems = new Outcome
        {
            ResponseTokens = -1,
            ExecutionTimeMs = -1,
            SafetyScore = 1.01,
            Status = ExecutionStatus.Blocked,
            ModelName = new string('m', 101),
        }.Problems();

        Assert.Equal(["response_tokens", "execution_time_ms", "safety_score", "status", "model_name"], problems.Select(problem => problem.Field));
    }
}
