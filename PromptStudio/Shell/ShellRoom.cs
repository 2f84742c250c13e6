using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.AspNetCore.Diagnostics;
using MudBlazor;
using MudBlazor.Services;
using PromptStudio.Access;
using PromptStudio.Core.Prompts;

namespace PromptStudio.Shell;

/// <summary>The studio's frame: layout, theme, static files, and the pages that every address can lead to.</summary>
public static class ShellRoom
{
    /// <summary>A text of the longest length, in which every character takes six bytes.</summary>
    private const long MaxMessageBytes = (6 * PromptText.TemplateMaxLength) + 100_000;

    public static void AddShell(this IServiceCollection services)
    {
        // The editor sends a whole text when its person pauses.
        services.AddRazorComponents().AddInteractiveServerComponents().AddHubOptions(hub =>
        {
            hub.MaximumReceiveMessageSize = MaxMessageBytes;
            // Twice as long as usual: a browser on a busy machine is late, not gone.
            hub.ClientTimeoutInterval = TimeSpan.FromMinutes(1);
        });
        services.AddLocalization();
        services.AddScoped<Toasts>();
        services.AddScoped<CircuitConnection>();
        services.AddScoped<CircuitHandler>(provider => provider.GetRequiredService<CircuitConnection>());
        services.AddMudServices(mud =>
        {
            mud.SnackbarConfiguration.PositionClass = Defaults.Classes.Position.BottomRight;
            mud.SnackbarConfiguration.ShowTransitionDuration = 100;
            mud.SnackbarConfiguration.HideTransitionDuration = 100;
        });
    }

    /// <summary>Failures that nothing further in answers end on a page that people can read. Not inside a branch: it would lose the routes.</summary>
    public static void UseShellProblems(this IApplicationBuilder app)
    {
        app.UseExceptionHandler("/problem/500", createScopeForErrors: true);
        app.UseStatusCodePagesWithReExecute(Links.ProblemFormat, createScopeForStatusCodePages: true);
        app.Use(async (context, next) =>
        {
            var again = context.Features.Get<IStatusCodeReExecuteFeature>() is not null || context.Features.Get<IExceptionHandlerFeature>() is not null;
            // A form that failed must not be taken for a form of the page that says so.
            if (again)
                context.Request.Method = HttpMethods.Get;
            try
            {
                await next(context);
            }
            catch (BadHttpRequestException exception) when (!context.Response.HasStarted)
            {
                context.Response.StatusCode = exception.StatusCode;
            }
            // A refused form is an empty page of type HTML; without the type it counts as empty, and gets the page that says so.
            if (!again && !context.Response.HasStarted && context.Features.Get<IAntiforgeryValidationFeature>() is { IsValid: false })
                context.Response.ContentType = null;
        });
    }

    public static void MapShell(this IEndpointRouteBuilder routes)
    {
        routes.MapStaticAssets().AllowAnonymous();
        // Pages for everybody say so themselves; the circuit is for people who may look.
        routes.MapRazorComponents<App>().AddInteractiveServerRenderMode().RequireAuthorization(Policy.View);
        routes.MapGet(Links.Home, () => TypedResults.LocalRedirect(Links.Prompts())).RequireAuthorization(Policy.View).ExcludeFromDescription();
    }
}
