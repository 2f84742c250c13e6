using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PromptStudio.Shell;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Shell;

[Trait(Tier.Name, Tier.Component)]
public sealed class PageErrorBoundaryTests : BunitContext
{
    [Fact]
    public void Render_OfAPageThatFails_ShowsTheIdThatTheLogHas()
    {
        var log = new LastLine();
        Services.AddStudioComponents();
        Services.AddSingleton<ILogger<PageErrorBoundary>>(log);
        var fails = true;
        RenderFragment page = builder =>
        {
            if (fails)
                throw new InvalidOperationException("A secret of the database.");
            builder.AddContent(0, "The page.");
        };
        var rendered = Render<PageErrorBoundary>(parameters => parameters.Add(boundary => boundary.ChildContent, page));

        var id = rendered.Find("#error-id").TextContent;
        Assert.Equal(12, id.Length);
        Assert.Contains(id, log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", rendered.Markup, StringComparison.Ordinal);

        fails = false;
        rendered.Find("button.filled").Click();
        Assert.Contains("The page.", rendered.Markup, StringComparison.Ordinal);
    }

    private sealed class LastLine : ILogger<PageErrorBoundary>
    {
        public string Text { get; private set; } = "";

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Text = formatter(state, exception);
    }
}
