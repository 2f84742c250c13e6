using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace PromptStudio.Tests.Studio;

/// <summary>axe over a page.</summary>
internal static class Accessibility
{
    /// <summary>Fails on what is serious or critical.</summary>
    public static async Task CheckAsync(IPage page, string what)
    {
        var result = await page.RunAxe();
        var violations = result.Violations.Where(violation => violation.Impact is "serious" or "critical")
            .Select(violation => $"{violation.Id}: {violation.Help}: {string.Join(" | ", violation.Nodes.Select(node => node.Html))}");
        Assert.True(!violations.Any(), $"{what}: {string.Join(Environment.NewLine, violations)}");
    }
}
