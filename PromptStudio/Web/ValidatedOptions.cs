using System.Reflection;
using Microsoft.Extensions.Options;
using PromptStudio.Database;

namespace PromptStudio.Web;

/// <summary>Options that are checked at the start of the app: every error of every section is told at once.</summary>
public static class ValidatedOptions
{
    /// <summary>Binds a section of the configuration to an options class; its annotations, or its <c>IValidatableObject</c>, are its rules.</summary>
    public static void AddValidatedOptions<T>(this IServiceCollection services, string section)
        where T : class
    {
        services.AddOptions<T>().BindConfiguration(section).ValidateDataAnnotations();
        services.AddSingleton(new CheckedSection(section, typeof(T), provider => provider.GetRequiredService<IOptions<T>>().Value));
    }

    /// <summary>Every section with what holds of it.</summary>
    public static IEnumerable<(string Name, object Options)> CheckedSections(this IServiceProvider services) =>
        services.GetServices<CheckedSection>().Select(section => (section.Name, section.Read(services)));

    /// <summary>Reads every section.</summary>
    /// <exception cref="StartupException">Something is wrong; a line each.</exception>
    public static void CheckOptions(this IServiceProvider services)
    {
        var configuration = services.GetRequiredService<IConfiguration>();
        var errors = new List<string>();
        foreach (var section in services.GetServices<CheckedSection>())
        {
            var wrong = WrongKeys(configuration.GetSection(section.Name), section.Type).ToList();
            errors.AddRange(wrong);
            try
            {
                section.Read(services);
            }
            catch (OptionsValidationException exception)
            {
                // "DataAnnotation validation failed for 'X' members: 'Y' with the error: 'Z'." says it twice: keep Z.
                errors.AddRange(exception.Failures.Select(failure => failure[(failure.IndexOf(": '", StringComparison.Ordinal) is var at and >= 0 ? at + 3 : 0)..].TrimEnd('.', '\'') + "."));
            }
            catch (InvalidOperationException) when (wrong.Count > 0)
            {
                // The binder stops at the first of the values that are named already.
            }
        }
        if (errors.Count > 0)
            throw new StartupException("The configuration has errors:" + string.Concat(errors.Select(error => $"{Environment.NewLine}  {error}")));
    }

    /// <summary>Keys that are no settings, and values that are not of their setting's type.</summary>
    private static IEnumerable<string> WrongKeys(IConfigurationSection section, Type type)
    {
        foreach (var child in section.GetChildren())
        {
            var property = type.GetProperty(child.Key, BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase);
            if (property is null)
                yield return $"{child.Path} is not a setting; {section.Path} has {string.Join(", ", type.GetProperties().Select(known => known.Name))}.";
            else if (property.PropertyType.IsClass && property.PropertyType.Assembly == type.Assembly)
            {
                foreach (var wrong in WrongKeys(child, property.PropertyType))
                    yield return wrong;
            }
            else if (ConversionError(child, property.PropertyType) is { } error)
                yield return error;
        }
    }

    private static string? ConversionError(IConfigurationSection value, Type type)
    {
        try
        {
            value.Get(type);
            return null;
        }
        catch (InvalidOperationException)
        {
            return $"{value.Path} must be {(type == typeof(bool) ? "true or false" : type == typeof(TimeSpan) ? "a time like 00:00:30" : $"of the type {type.Name}")}, not '{value.Value}'.";
        }
    }

    private sealed record CheckedSection(string Name, Type Type, Func<IServiceProvider, object> Read);
}
