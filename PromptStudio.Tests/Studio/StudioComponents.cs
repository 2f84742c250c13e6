using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using MudBlazor.Services;

namespace PromptStudio.Tests.Studio;

/// <summary>What every component of the studio finds in its container.</summary>
internal static class StudioComponents
{
    /// <summary>Icons, texts and a clock.</summary>
    /// <param name="services">Of a bUnit context.</param>
    /// <param name="now">What the clock says.</param>
    public static void AddStudioComponents(this IServiceCollection services, DateTimeOffset? now = null)
    {
        services.AddMudServices();
        services.AddLogging();
        services.AddLocalization();
        services.AddSingleton<TimeProvider>(now is { } instant ? new FakeTimeProvider(instant) : new FakeTimeProvider());
    }

    /// <summary>What tests read is English, whatever the machine speaks.</summary>
    [ModuleInitializer]
    internal static void SpeakEnglish() => CultureInfo.DefaultThreadCurrentUICulture = CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo("en");
}
