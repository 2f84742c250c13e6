using System.Reflection;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PromptStudio.Core.Prompts;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Architecture;

[Trait(Tier.Name, Tier.Unit)]
public sealed class LayoutTests
{
    [Fact]
    public void Core_KnowsNoFrameworkOfTheOutside()
    {
        var references = typeof(PromptName).Assembly.GetReferencedAssemblies().Select(reference => reference.Name!).ToList();

        Assert.NotEmpty(references);
        Assert.DoesNotContain(references, name => name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal)
            || name.StartsWith("Microsoft.EntityFrameworkCore", StringComparison.Ordinal)
            || name.StartsWith("Npgsql", StringComparison.Ordinal)
            || name is "System.Net.Http" or "System.Net.Sockets" or "System.Diagnostics.Process");
    }

    [Fact]
    public void EveryTestClass_NamesItsTier()
    {
        var classes = typeof(LayoutTests).Assembly.GetTypes()
            .Where(type => type.GetMethods().Any(method => method.GetCustomAttributes<FactAttribute>().Any()))
            .ToList();

        Assert.NotEmpty(classes);
        Assert.All(classes, type => Assert.Contains(
            type.GetCustomAttributesData().Where(data => data.AttributeType == typeof(TraitAttribute) && (string?)data.ConstructorArguments[0].Value == Tier.Name)
                .Select(data => (string?)data.ConstructorArguments[1].Value),
            tier => Tier.All.Contains(tier)));
    }

    [Fact]
    public void NoTypeOfTheApp_KeepsAContext()
    {
        var fields = typeof(PromptStudio.Studio).Assembly.GetTypes()
            // One transaction under way: it is handed from hand to hand, and ends with its context.
            .Where(type => !type.Name.Contains('<', StringComparison.Ordinal) && type != typeof(PromptStudio.Prompts.PromptChange))
            .SelectMany(type => type.GetFields(BindingFlags.Instance | BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public))
            .ToList();

        Assert.NotEmpty(fields);
        Assert.DoesNotContain(fields, field => typeof(DbContext).IsAssignableFrom(field.FieldType));
    }

    /// <summary>A field that sends what is typed as it is typed is bound: otherwise a late answer of the server writes an earlier text over a later one.</summary>
    [Fact]
    public void NoField_LosesWhatIsTypedWhileTheServerAnswers()
    {
        var pages = Directory.GetFiles(Path.Combine(StudioOutput.Repository, "PromptStudio"), "*.razor", SearchOption.AllDirectories).ToDictionary(file => file, File.ReadAllText);

        Assert.Contains(pages, page => page.Value.Contains("@bind:event=\"oninput\"", StringComparison.Ordinal));
        Assert.DoesNotContain(pages, page => page.Value.Contains("@oninput=", StringComparison.Ordinal));
    }
}

/// <summary>Security is stated where the route is: what states nothing falls back to a signed-in person, and is found here.</summary>
[Trait(Tier.Name, Tier.Api)]
public sealed class RoutePolicyTests(StudioApp app) : IClassFixture<StudioApp>
{
    [Fact]
    public void EveryRoute_StatesItsPolicy()
    {
        var endpoints = app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            // The framework's own, for static files that came after the build; it asks for a signed-in person.
            .Where(endpoint => endpoint.RoutePattern.RawText != "{**path:file}").ToList();

        Assert.NotEmpty(endpoints);
        var silent = endpoints.Where(endpoint => endpoint.Metadata.GetMetadata<IAuthorizeData>() is null && endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null);
        Assert.Empty(silent.Select(endpoint => endpoint.RoutePattern.RawText));
    }
}
