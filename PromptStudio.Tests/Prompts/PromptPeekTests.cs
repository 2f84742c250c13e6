using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using PromptStudio.Prompts;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Prompts;

[Trait(Tier.Name, Tier.Component)]
public sealed class PromptPeekTests : BunitContext
{
    public PromptPeekTests()
    {
        Services.AddStudioComponents();
        JSInterop.Mode = JSRuntimeMode.Loose;
    }

    [Fact]
    public void Render_OfAVersion_ShowsItsTextAsItIsAndItsVariables()
    {
        const string text = "Hello {{ name }},\n{% if vip %}<b>dear</b>{% endif %}\n";
        var peek = Peek(text, """{"required": {"name": "string"}, "optional": {"vip": {"type": "boolean", "default": false, "description": "Pays more."}}}""");

        Assert.Equal(text, peek.Find("pre").TextContent);
        Assert.Equal(["{{ name }}", "{% if vip %}", "{% endif %}"], peek.FindAll("mark").Select(mark => mark.TextContent));
        Assert.Equal(["name string, required", "vip boolean, default false"],
            peek.FindAll("li").Select(item => $"{item.QuerySelector("code")!.TextContent} {item.QuerySelector("span")!.TextContent}"));
        Assert.Equal("Pays more.", peek.Find("li p").TextContent);
    }

    [Fact]
    public void Render_WithoutAnActiveVersion_SaysWhatCallersGet() =>
        Assert.Contains("No version is active", Peek("x", null).Find(".alert").TextContent, StringComparison.Ordinal);

    [Fact]
    public void Render_OfATextThatLeftItsContract_SaysHow() =>
        Assert.Equal(
            ["The template reads 'quary', which is not declared.", "'query' is declared, and the template does not read it."],
            Peek("{{ quary }}", """{"required": ["query"]}""").FindAll(".alert.warning").Select(alert => alert.TextContent));

    [Fact]
    public void Render_OfATextThatIsNoTemplate_SaysWhere() =>
        Assert.StartsWith("Line 2, column ", Peek("a\n{{ x | uper }}", null).Find(".alert.error").TextContent, StringComparison.Ordinal);

    [Fact]
    public void Press_Escape_LeadsBackToTheList()
    {
        Peek("x", null).Find("aside").KeyDown("Escape");

        Assert.EndsWith("/admin/prompts?page=2", Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal);
    }

    private IRenderedComponent<PromptPeek> Peek(string text, string? variables) => Render<PromptPeek>(parameters => parameters
        .Add(peek => peek.CloseHref, "/admin/prompts?page=2")
        .Add(peek => peek.Template, new PromptTemplate
        {
            Id = Guid.CreateVersion7(DateTimeOffset.UnixEpoch),
            Name = "greeting",
            TemplateText = text,
            TemplateVariables = variables,
        }));
}
