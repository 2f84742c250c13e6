namespace PromptStudio.Tests.Studio;

/// <summary>Waits for what happens behind a test's back.</summary>
internal static class Eventually
{
    /// <summary>Looks again and again; fails after two minutes.</summary>
    public static async Task TrueAsync(Func<Task<bool>> happened, string what)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(TimeSpan.FromMinutes(2));
        while (!await happened())
        {
            Assert.False(timeout.IsCancellationRequested, $"Waited for {what} in vain.");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }
}
