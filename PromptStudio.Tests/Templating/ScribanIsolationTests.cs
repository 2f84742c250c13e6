using System.Globalization;
using System.Text.Json;
using PromptStudio.Core.Templating;
using PromptStudio.Tests.Studio;
using static PromptStudio.Tests.Templating.ScribanTemplates;

namespace PromptStudio.Tests.Templating;

/// <summary>Contexts are used again: nothing of one render may be seen by the next, on any thread, after success or failure.</summary>
[Trait(Tier.Name, Tier.Unit)]
public sealed class ScribanIsolationTests
{
    // Prints all that a template can see of its surroundings; strict lookups would hide what leaked.
    private const string Probe = """
        {{ this | object.keys }}|{{ leak }}|{{ $leak }}|{{ list.leak }}|{{ user.leak }}|{{ user | object.keys }}|{{ list | array.size }}|
        {{- ['a','b'] | array.cycle }}|{{ ['a','b'] | array.cycle 'g' }}|{{ string.leak }}|{{ string.upcase 'x' }}|{{ 1.5 }}|{{ include 'a' }}|{{ $ }}
        """;

    private static readonly string[] Dirt =
    [
        "{{ leak = 1 }}{{ $leak = 1 }}{{ list.leak = 1 }}{{ user.leak = 1 }}{{ this.leak = 1 }}",
        "{{ readonly name }}{{ user = 1; list = [] }}",
        "{{ ['a','b'] | array.cycle }}{{ ['a','b'] | array.cycle 'g' }}",
        "   {{ include 'b' }}\n",
        "{{ func leak; ret 1; end; leak }}",
        "{{ import user }}{{ title }}",
        "{{ with user; leak = 1; end }}",
        "{{ for leak in list; end }}{{ ret 1 }}",
        "{{ for x in list; ret x; end }}",
        "{{ capture leak; 'x'; end }}",
        "{{ for x in list; break; end }}",
        // Failures, in the middle of everything that has a stack.
        "{{ for leak in list; for y in list; nope.x; end; end }}",
        "{{ capture leak; 'x'; nope.x; end }}",
        "{{ with user; leak = 1; nope.x; end }}",
        "{{ func leak(x); nope.x; end; leak 1 }}",
        "{{ 'x' | string.append (nope.x) | string.upcase }}",
        "{{ include 'bad' }}",
        "{{ case n; when 5; nope.x; end }}",
        "{{ string.leak = 1 }}",
        "{{ while true; leak = 1; end }}",
        "{{ 'x' * 90000000 }}",
        "{{ [1, 2] | array.each @(do; nope.x; end) }}",
    ];

    private static readonly (string Name, string Text)[] Others = [("a", "A{{ leak }}"), ("b", "x\n  {{ leak = 1 }}\ny"), ("bad", "  {{ leak = 1; nope.x }}")];

    [Fact]
    public void ARender_SeesNothingOfTheOneBefore()
    {
        var clean = RenderProbe();

        foreach (var dirt in Dirt)
        {
            Soil(dirt);
            Assert.Equal(clean, RenderProbe());
        }
    }

    [Fact]
    public async Task ParallelRenders_SeeNothingOfEachOther()
    {
        var clean = RenderProbe();
        var shared = Parse("{{ for x in 1..20 }}{{ id }}{{ seen = seen ?? 0 }}{{ seen = seen + 1 }},{{ end }}{{ seen }}");

        await Parallel.ForAsync(0, 2_000, TestContext.Current.CancellationToken, (i, _) =>
        {
            var request = Request() with { Variables = JsonSerializer.SerializeToElement(new { id = i }) };
            var id = i.ToString(CultureInfo.InvariantCulture);
            Assert.Equal(string.Concat(Enumerable.Repeat(id + ",", 20)) + "20", shared.Render(request));
            Soil(Dirt[i % Dirt.Length]);
            if (i % 5 == 0)
            {
                Assert.Equal(clean, RenderProbe());
            }

            return ValueTask.CompletedTask;
        });
    }

    [Fact]
    public void Undefined_IsTheTemplates_NotThatOfTheRenderBefore()
    {
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("", Render("{{ nope }}", UndefinedMode.Lenient));
            Assert.Equal("", Render("{{ nope.a.b }}", UndefinedMode.Chainable));
            Assert.Equal(TemplateErrorKind.Undefined, Error("{{ nope }}").Kind);
        }
    }

    [Fact]
    public void Variables_AreFreshEachTime()
    {
        var template = Parse("{{ user.tags[0] = 'changed'; user.title = user.title + '!'; list = list | array.add 1 }}{{ user.title }}{{ list | array.size }}{{ user.tags }}");

        for (var i = 0; i < 5; i++)
        {
            Assert.Equal("Dr!5[\"changed\", \"y\"]", template.Render(Request()));
        }
    }

    [Fact]
    public void ARenderInsideALoader_HasAContextOfItsOwn()
    {
        var request = Request() with { Loader = new RenderingLoader() };

        Assert.Equal("1 inner 1", Parse("{{ x = 1; x }} {{ include 'any' }} {{ x }}").Render(request));
    }

    private static string RenderProbe() => Parse(Probe, UndefinedMode.Lenient).Render(Request(null, Others));

    private static void Soil(string dirt)
    {
        try
        {
            Parse(dirt, UndefinedMode.Lenient).Render(Request(null, Others));
        }
        catch (TemplateException)
        {
            // Some are to fail.
        }
    }

    private sealed class RenderingLoader : ITemplateLoader
    {
        public ITemplate? Load(string name, TemplateOptions options) => Parse(Parse("{{ x = 'inner'; x }}").Render(Request()));
    }
}
