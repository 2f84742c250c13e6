using System.Text.Json;
using PromptStudio.Core.Templating;
using PromptStudio.Core.Templating.Scriban;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Templating;

/// <summary>Short ways to render Scriban in tests.</summary>
internal static class ScribanTemplates
{
    private static readonly ScribanEngine Engine = new();

    private static readonly JsonElement Sample = JsonElement.Parse("""
        {
          "name": "Ada", "n": 5, "f": 1.5, "yes": true, "nothing": null, "password": "hunter2", "big": 123456789012345678901234567890,
          "list": [1, "a", null, true], "user": {"title": "Dr", "tags": ["x", "y"]}
        }
        """);

    public static ITemplate Parse(string text, UndefinedMode undefined = UndefinedMode.Strict) =>
        Engine.Parse(text, TemplateOptions.Studio with { Undefined = undefined });

    public static RenderRequest Request(RenderLimits? limits = null, params (string Name, string Text)[] others) => new()
    {
        Variables = Sample,
        Limits = limits ?? RenderLimits.Default,
        Loader = new TextTemplateLoader(new TemplateCache(), Engine, others.ToDictionary(other => other.Name, other => other.Text)),
    };

    public static string Render(string text, params (string Name, string Text)[] others) => Parse(text).Render(Request(null, others));

    public static string Render(string text, UndefinedMode undefined) => Parse(text, undefined).Render(Request());

    public static TemplateError Error(string text, params (string Name, string Text)[] others) => Error(text, RenderLimits.Default, others);

    public static TemplateError Error(string text, RenderLimits limits, params (string Name, string Text)[] others) =>
        Assert.Throws<TemplateException>(() => Parse(text).Render(Request(limits, others))).Error;

    /// <summary>The error of a hostile template, which must come in less than a second of the processor's time.</summary>
    public static TemplateError SoonError(string text)
    {
        TemplateError? error = null;
        CpuTime.AssertLess(TimeSpan.FromSeconds(1), () => error = Error(text));
        return error!;
    }
}
