using System.Reflection;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using PromptStudio.Access;

namespace PromptStudio.Shell;

/// <summary>A page that the navigation and the command palette lead to.</summary>
/// <param name="Title">In English: a key of <see cref="ShellWords"/>.</param>
/// <param name="Route">Where it is.</param>
/// <param name="Icon">Of the navigation.</param>
/// <param name="Policy">Who may open it.</param>
public sealed record Place(string Title, string Route, string Icon, string Policy);

/// <summary>The pages of the studio, in the order of the navigation.</summary>
public static class Places
{
    private static readonly Place[] Known =
    [
        new("Prompts", Links.PromptsRoute, Icons.Material.Outlined.Article, Policy.View),
        new("Experiments", Links.AbTestsRoute, Icons.Material.Outlined.Science, Policy.View),
        new("Guardrails", Links.GuardrailsRoute, Icons.Material.Outlined.Shield, Policy.View),
        new("Executions", Links.ExecutionsRoute, Icons.Material.Outlined.History, Policy.View),
        new("Audit log", Links.AuditRoute, Icons.Material.Outlined.FactCheck, Policy.Manage),
        new("Users", Links.UsersRoute, Icons.Material.Outlined.Group, Policy.Manage),
        new("API keys", Links.ApiKeysRoute, Icons.Material.Outlined.Key, Policy.Manage),
        new("Settings", Links.SettingsRoute, Icons.Material.Outlined.Settings, Policy.Manage),
    ];

    /// <summary>Those that have a page; nothing leads to one that is not there.</summary>
    public static IReadOnlyList<Place> All { get; } = [.. Known.Where(place => Routes.Contains(place.Route))];

    private static IEnumerable<string> Routes => typeof(Places).Assembly.GetTypes().SelectMany(type => type.GetCustomAttributes<RouteAttribute>(inherit: false)).Select(route => route.Template);
}
