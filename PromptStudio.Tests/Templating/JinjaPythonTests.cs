using System.Text.Json;
using PromptStudio.Core.Templating;
using PromptStudio.Core.Templating.Jinja;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Templating;

/// <summary>Corners of Jinja2 3.1.2 that random templates, rendered by it and by this engine, have shown: the answers are its own.</summary>
[Trait(Tier.Name, Tier.Unit)]
public sealed class JinjaPythonTests
{
    private static readonly JinjaEngine Engine = new();

    private static readonly RenderRequest Request = new()
    {
        Variables = JsonElement.Parse("""{"x": "X"}"""),
        Loader = new TextTemplateLoader(new TemplateCache(), Engine, new Dictionary<string, string> { ["a"] = "A" }),
    };

    [Theory]
    [InlineData("{{ '\u0131\u017f'.upper() }}", "IS")]
    [InlineData("{{ '\u0130'.casefold() | length }}", "2")]
    [InlineData("{{ 3[1:2] }}|{{ 3[1:2] | default('none') }}", "|none")]
    [InlineData("{{ range(1, 10, 3).index(7) }}{{ range(3).count(1) }}{{ range(3).count(5) }}", "210")]
    [InlineData("{% for x in [1, 2, 3] %}{{ x }}{{ 5 in loop }}{% endfor %}", "1False")]
    [InlineData("{% extends 'a' %}{{ 1 | nofilter }}{% for x in [1] %}{{ x is notest }}{% endfor %}", "A")]
    [InlineData("{% if false %}{{ 1 | nofilter }}{% endif %}x", "x")]
    public void Render_OfACorner_IsAsInPython(string template, string expected) =>
        Assert.Equal(expected, Engine.Parse(template, TemplateOptions.Jinja).Render(Request));

    [Theory]
    [InlineData("{% set ns.a = 1 / 0 %}", "TemplateRuntimeError", 1)]
    [InlineData("{{ nope(1 / 0) }}", "ZeroDivisionError", 1)]
    [InlineData("{{ 'x'(1 / 0) }}", "ZeroDivisionError", 1)]
    [InlineData("{{ 'x' * 3[1:2] }}", "TypeError", 1)]
    [InlineData("{% if 3[1:2] %}{% endif %}", "TypeError", 1)]
    [InlineData("{{ x }}\n\n{% with y = 1 / 0 %}{% endwith %}", "ZeroDivisionError", 1)]
    [InlineData("\n\n{% autoescape 1 / 0 %}{% endautoescape %}", "ZeroDivisionError", 1)]
    [InlineData("{{ x }}\n{% set y %}\n{{ x }}\n{% endset %}\n\n{% with y = 1 / 0 %}{% endwith %}", "ZeroDivisionError", 2)]
    [InlineData("{% block b required %}\n\nx{% endblock %}", "TemplateSyntaxError", 3)]
    [InlineData("{% if false %}{% filter nofilter %}{% endfilter %}{% endif %}", "TemplateAssertionError", 1)]
    [InlineData("{% if false %}{% set x | nofilter %}{% endset %}{% endif %}", "TemplateAssertionError", 1)]
    [InlineData("{% for a, in [[1]] %}{% endfor %}", "TemplateSyntaxError", 1)]
    [InlineData("{{ dict(nope) }}", "UndefinedError", 1)]
    [InlineData("{{ range(3).index(9) }}", "ValueError", 1)]
    [InlineData("{% for k, v in [(1, 2)] recursive %}\n\n{{ loop([1]) }}{% endfor %}", "TypeError", 1)]
    [InlineData("{% extends 'a' %}{% block b %}{{ 1 | nofilter }}{% endblock %}", "TemplateAssertionError", 1)]
    public void Render_OfWhatFails_HasPythonsErrorAndLine(string template, string type, int line)
    {
        var error = Assert.Throws<TemplateException>(() => Engine.Parse(template, TemplateOptions.Jinja).Render(Request)).Error;

        Assert.Equal((type, line), (error.PythonType, error.Line));
    }

    [Theory]
    [InlineData("list.pop()", true)]
    [InlineData("list.clear()", true)]
    [InlineData("list.append(1)", false)]
    [InlineData("dict.pop('k')", false)]
    public void ImmutableSandbox_ForbidsWhatJinja2Forbids(string call, bool isAllowed)
    {
        var template = Engine.Parse("{% set list, dict = [1], {'k': 1} %}{{ " + call + " }}", TemplateOptions.Jinja with { Sandbox = SandboxMode.Immutable });

        var error = Record.Exception(() => template.Render(Request)) as TemplateException;

        Assert.Equal(isAllowed ? null : TemplateErrorKind.Security, error?.Error.Kind);
    }
}
