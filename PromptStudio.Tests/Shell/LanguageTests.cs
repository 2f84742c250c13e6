using System.Globalization;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Localization;
using PromptStudio.Shell;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Shell;

[Trait(Tier.Name, Tier.Unit)]
public sealed partial class LanguageTests
{
    private static readonly string Sources = Path.Combine(StudioOutput.Repository, "PromptStudio");

    /// <summary>Every text of a page that goes through a localizer has its German one, with the same places for values.</summary>
    [Fact]
    public void EveryText_OfEveryRoom_IsTranslated()
    {
        var rooms = Directory.GetFiles(Sources, "*Words.de.resx", SearchOption.AllDirectories);
        Assert.NotEmpty(rooms);
        var problems = new List<string>();
        foreach (var room in rooms)
        {
            var name = Path.GetFileName(room).Split('.')[0];
            var german = XDocument.Load(room).Root!.Elements("data").ToDictionary(data => data.Attribute("name")!.Value, data => data.Element("value")!.Value);
            // What differs in case only is one name to the resource compiler, which drops the second.
            problems.AddRange(german.Keys.GroupBy(text => text, StringComparer.OrdinalIgnoreCase).Where(texts => texts.Count() > 1).Select(texts => $"{name}: {string.Join(" and ", texts)} differ in case only"));
            problems.AddRange(german.Where(text => !Places(text.Key).SetEquals(Places(text.Value))).Select(text => $"{name}: the places of '{text.Key}' differ"));
            foreach (var file in Directory.GetFiles(Sources, "*.*", SearchOption.AllDirectories).Where(file => file.EndsWith(".razor", StringComparison.Ordinal) || file.EndsWith(".cs", StringComparison.Ordinal)))
            {
                var source = File.ReadAllText(file);
                foreach (var use in Localizer().Matches(source).Where(use => use.Groups[1].Value == name))
                {
                    var texts = Regex.Matches(source, $@"\b{use.Groups[2].Value}(?:\[|\.Count\([^""]*)(""(?:[^""\\]|\\.)*"")(?:, (""(?:[^""\\]|\\.)*"")\))?");
                    problems.AddRange(texts.SelectMany(text => text.Groups.Values.Skip(1)).Where(text => text.Success)
                        .Select(text => Regex.Unescape(text.Value[1..^1])).Where(text => !german.ContainsKey(text)).Select(text => $"{name}: '{text}' of {Path.GetFileName(file)} has no German text"));
                }
            }
        }
        Assert.Empty(problems.Distinct());
    }

    [Fact]
    public void Numbers_InGerman_AreWrittenAsThere() => InGerman(() =>
    {
        Assert.Equal("12.345", Figures.Count(12_345));
        Assert.Equal("3,2\u00a0%", Figures.Share(32, 1000));
        Assert.Equal("1. Dez. 2026, 13:05:09 UTC+1",
            Figures.Exact(new DateTimeOffset(2026, 12, 1, 12, 5, 9, TimeSpan.Zero), TimeZoneInfo.CreateCustomTimeZone("x", TimeSpan.FromHours(1), "x", "x")));
    });

    [Fact]
    public void Texts_InGerman_ComeFromTheRoom() => InGerman(() =>
    {
        var words = Words<ShellWords>();
        var now = new DateTimeOffset(2026, 12, 1, 12, 0, 0, TimeSpan.Zero);
        Assert.Equal("vor 3 Minuten", words.Ago(now.AddMinutes(-3), now));
        Assert.All(PromptStudio.Shell.Places.All, place => Assert.False(words[place.Title].ResourceNotFound));
    });

    private static IStringLocalizer<TRoom> Words<TRoom>() =>
        new ServiceCollection().AddLogging().AddLocalization().BuildServiceProvider().GetRequiredService<IStringLocalizer<TRoom>>();

    private static void InGerman(Action test)
    {
        var before = CultureInfo.CurrentUICulture;
        try
        {
            CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo("de");
            test();
        }
        finally
        {
            CultureInfo.CurrentUICulture = before;
        }
    }

    private static HashSet<string> Places(string text) => [.. Place().Matches(text).Select(match => match.Value)];

    [GeneratedRegex(@"\{\d\}")]
    private static partial Regex Place();

    [GeneratedRegex(@"IStringLocalizer<(\w+)> (\w+)")]
    private static partial Regex Localizer();
}

/// <summary>What a page's request says about its language.</summary>
[Trait(Tier.Name, Tier.Api)]
public sealed class LanguageRequestTests(FreshStudio app) : IClassFixture<FreshStudio>
{
    [Theory]
    [InlineData(null, null, "en", "There is no page at this address")]
    [InlineData("de-CH,de;q=0.9", null, "de", "Unter dieser Adresse gibt es keine Seite")]
    [InlineData("fr", null, "en", "There is no page at this address")]
    [InlineData("de", "en", "en", "There is no page at this address")]
    [InlineData("en", "de", "de", "Unter dieser Adresse gibt es keine Seite")]
    [InlineData("en", "'\"<x>", "en", "There is no page at this address")]
    public async Task Page_OfALanguage_SpeaksIt(string? accepted, string? cookie, string language, string heading)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/problem/404");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/html"));
        if (accepted is not null)
            request.Headers.TryAddWithoutValidation("Accept-Language", accepted);
        if (cookie is not null)
            request.Headers.TryAddWithoutValidation("Cookie", $"{Languages.Cookie}={cookie}");
        var response = await app.Anonymous.SendAsync(request, TestContext.Current.CancellationToken);
        var page = System.Net.WebUtility.HtmlDecode(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

        Assert.Contains($"<html lang=\"{language}\"", page, StringComparison.Ordinal);
        Assert.Contains(heading, page, StringComparison.Ordinal);
    }
}
