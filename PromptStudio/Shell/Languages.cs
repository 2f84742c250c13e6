using System.Globalization;
using Microsoft.AspNetCore.Localization;
using PromptStudio.Web;

namespace PromptStudio.Shell;

/// <summary>A language of the studio.</summary>
/// <param name="Code">As in <c>lang</c> and <c>Accept-Language</c>.</param>
/// <param name="Name">In the language itself.</param>
/// <param name="Format">How it writes numbers and months.</param>
/// <param name="Date">The pattern of a date.</param>
public sealed record Language(string Code, string Name, CultureInfo Format, string Date);

/// <summary>
/// The languages that pages speak. English texts are the keys; each room has <c>XWords.de.resx</c> beside its pages. Only what people read
/// changes: the API, the log and everything that is parsed stay as they are, because <see cref="CultureInfo.CurrentCulture"/> is left alone.
/// </summary>
public static class Languages
{
    /// <summary>The cookie of who chose one; without it the browser's own list decides. <c>studio.js</c> writes it.</summary>
    public const string Cookie = "studio-language";

    public static Language English { get; } = new("en", "English", CultureInfo.InvariantCulture, "d MMM yyyy");

    public static Language German { get; } = new("de", "Deutsch", CultureInfo.GetCultureInfo("de-DE"), "d. MMM yyyy");

    public static IReadOnlyList<Language> All { get; } = [English, German];

    /// <summary>The one of the request, or of the circuit.</summary>
    public static Language Current => Find(CultureInfo.CurrentUICulture.TwoLetterISOLanguageName) ?? English;

    /// <summary>Pages get the language of their person.</summary>
    public static void UseLanguages(this IApplicationBuilder app)
    {
        var options = new RequestLocalizationOptions
        {
            DefaultRequestCulture = new RequestCulture(CultureInfo.InvariantCulture, CultureInfo.GetCultureInfo(English.Code)),
            SupportedCultures = [CultureInfo.InvariantCulture],
            SupportedUICultures = [.. All.Select(language => CultureInfo.GetCultureInfo(language.Code))],
            RequestCultureProviders = [new CustomRequestCultureProvider(context => Task.FromResult(Chosen(context.Request))), new AcceptLanguageHeaderRequestCultureProvider()],
        };
        app.UseWhen(context => !ProblemRoom.IsApi(context.Request), pages => pages.UseRequestLocalization(options));
    }

    private static Language? Find(string? code) => All.FirstOrDefault(language => language.Code == code);

    private static ProviderCultureResult? Chosen(HttpRequest request) => Find(request.Cookies[Cookie]) is { } language ? new ProviderCultureResult(language.Code) : null;
}
