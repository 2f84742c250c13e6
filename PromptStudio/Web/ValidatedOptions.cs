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

    /// <summary>Reads every section.</summary>
    /// <exception cref="StartupException">Something is wrong; a line each.</exception>
    public static void CheckOptions(this IServiceProvider services)
    {
        var configuration = services.GetRequiredService<IConfiguration>();
        var errors = new List<string>();
        foreach (var section in services.GetServices<CheckedSection>())
        {
            errors.AddRange(UnknownKeys(configuration.GetSection(section.Name), section.Type));
            try
            {
                section.Read(services);
            }
            catch (OptionsValidationException exception)
            {
                // "DataAnnotation validation failed for 'X' members: 'Y' with the error: 'Z'." says it twice: keep Z.
                errors.AddRange(exception.Failures.Select(failure => failure[(failure.IndexOf(": '", StringComparison.Ordinal) is var at and >= 0 ? at + 3 : 0)..].TrimEnd('.', '\'') + "."));
            }
            catch (InvalidOperationException exception)
            {
                errors.Add(exception.Message);
            }
        }
        if (errors.Count > 0)
            throw new StartupException("The configuration has errors:" + string.Concat(errors.Select(error => $"{Environment.NewLine}  {error}")));
    }

    private static IEnumerable<string> UnknownKeys(IConfigurationSection section, Type type)
    {
        foreach (var child in section.GetChildren())
        {
            var property = type.GetProperty(child.Key, BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase);
            if (property is null)
                yield return $"{child.Path} is not a setting; {section.Path} has {string.Join(", ", type.GetProperties().Select(known => known.Name))}.";
            else if (property.PropertyType.IsClass && property.PropertyType.Assembly == type.Assembly)
            {
                foreach (var unknown in UnknownKeys(child, property.PropertyType))
                    yield return unknown;
            }
        }
    }

    private sealed record CheckedSection(string Name, Type Type, Func<IServiceProvider, object> Read);
}
