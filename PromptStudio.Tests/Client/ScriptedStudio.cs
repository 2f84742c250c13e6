using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace PromptStudio.Tests.Client;

/// <summary>A server that fails as it is told, one request after the other, where a real studio could not be made to.</summary>
internal sealed class ScriptedStudio : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ScriptedStudio(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.Single());

    /// <summary>The body of each request that came.</summary>
    public ConcurrentQueue<string> Bodies { get; } = new();

    /// <summary>Starts it; beyond its answers it gives the last one again.</summary>
    public static async Task<ScriptedStudio> StartAsync(params Func<HttpContext, Task>[] answers)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var studio = new ScriptedStudio(app);
        var turn = -1;
        app.Run(async context =>
        {
            studio.Bodies.Enqueue(await new StreamReader(context.Request.Body).ReadToEndAsync());
            await answers[Math.Min(Interlocked.Increment(ref turn), answers.Length - 1)](context);
        });
        await app.StartAsync();
        return studio;
    }

    public static Func<HttpContext, Task> Problem(int status, string code, string? retryAfter = null) => context =>
    {
        if (retryAfter is not null)
            context.Response.Headers.RetryAfter = retryAfter;
        return Write(context, status, "application/problem+json", $$"""{"status": {{status}}, "code": "{{code}}", "detail": "As scripted.", "trace_id": "abc"}""");
    };

    public static Func<HttpContext, Task> Prompt(string text) => context => Write(context, 200, "application/json", $$"""
        {"rendered_prompt": "{{text}}", "template_id": "01a2008d-7400-7000-8000-000000000011", "template_name": "p", "template_version": 1,
         "execution_id": "01a2047b-3a97-7139-b2de-be3cb065d8a6", "guardrail_violations": [], "of_a_later_studio": {"a": 1} }
        """);

    public static Func<HttpContext, Task> Page(int status) => context => Write(context, status, "text/html", "<h1>A proxy's own words</h1>");

    /// <summary>Hangs up without an answer.</summary>
    public static Task HangUp(HttpContext context)
    {
        context.Abort();
        return Task.CompletedTask;
    }

    /// <summary>Answers nothing until the caller gives up.</summary>
    public static Task Silence(HttpContext context) => Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static Task Write(HttpContext context, int status, string type, string body)
    {
        (context.Response.StatusCode, context.Response.ContentType) = (status, type);
        return context.Response.WriteAsync(body);
    }
}
