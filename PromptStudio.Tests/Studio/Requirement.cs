namespace PromptStudio.Tests.Studio;

/// <summary>What a test needs of its machine: where it is missing, the test is skipped with the reason; on CI that is a failure.</summary>
internal static class Requirement
{
    public static bool OnCi { get; } = Environment.GetEnvironmentVariable("CI") is { Length: > 0 } and not "false";

    public static void SkipUnless(bool met, string reason)
    {
        Assert.True(met || !OnCi, $"CI must be able to run this test. {reason}");
        Assert.SkipUnless(met, reason);
    }
}
