using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Identity;
using PromptStudio.Database;
using PromptStudio.Shell;
using PromptStudio.Web;

namespace PromptStudio.Access;

/// <summary>Who is there, and what they may do.</summary>
public static class AccessRoom
{
    /// <summary>Characters that a password has at least.</summary>
    public const int PasswordMinLength = 8;

    /// <summary>Different characters that a password has at least.</summary>
    public const int PasswordUniqueChars = 4;

    public static void AddAccess(this IServiceCollection services)
    {
        services.AddValidatedOptions<BootstrapOptions>("Bootstrap");
        services.AddSingleton<Bootstrap>();
        services.AddHostedService<SetupLink>();
        services.AddIdentity<StudioUser, IdentityRole<Guid>>(options =>
            {
                options.UseStudioSchema();
                options.User.RequireUniqueEmail = true;
                // User names are e-mail addresses, which have more characters than Identity allows by default.
                options.User.AllowedUserNameCharacters = "";
                // Length is what makes a password strong.
                options.Password = new PasswordOptions
                {
                    RequiredLength = PasswordMinLength,
                    RequireDigit = false,
                    RequireLowercase = false,
                    RequireUppercase = false,
                    RequireNonAlphanumeric = false,
                    RequiredUniqueChars = PasswordUniqueChars,
                };
                options.Lockout.MaxFailedAccessAttempts = 5;
                options.Lockout.DefaultLockoutTimeSpan = TimeSpan.FromMinutes(5);
            })
            .AddEntityFrameworkStores<StudioDbContext>()
            .AddDefaultTokenProviders();
        services.ConfigureApplicationCookie(cookie =>
        {
            cookie.Cookie.Name = "prompt-studio";
            cookie.LoginPath = Links.SignInRoute;
            cookie.AccessDeniedPath = Links.NoAccess;
            cookie.ReturnUrlParameter = Links.ReturnUrl;
            cookie.ExpireTimeSpan = TimeSpan.FromDays(14);
            cookie.SlidingExpiration = true;
            // Programs cannot sign in on a page.
            cookie.Events.OnRedirectToLogin = context => AnswerAsync(context, AccessProblem.Unknown);
            cookie.Events.OnRedirectToAccessDenied = context => AnswerAsync(context, AccessProblem.Forbidden(context.HttpContext.User));
        });
        services.AddAuthentication()
            .AddScheme<AuthenticationSchemeOptions, ApiKeyAuthentication>(ApiKeyAuthentication.SchemeName, null)
            .AddPolicyScheme(Policy.ApiScheme, null, scheme => scheme.ForwardDefaultSelector = context =>
                context.Request.Headers.Authorization.Count > 0 ? ApiKeyAuthentication.SchemeName : IdentityConstants.ApplicationScheme);
        services.AddPolicies();
        services.AddSingleton<Refusals>();
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, RecordedRefusals>();
        services.AddCascadingAuthenticationState();
        services.AddScoped<AuthenticationStateProvider, SignedInState>();
        services.AddScoped<CurrentActor>();
    }

    private static Task AnswerAsync(RedirectContext<CookieAuthenticationOptions> context, Problem problem)
    {
        if (ProblemRoom.IsApi(context.Request))
            return problem.ExecuteAsync(context.HttpContext);
        context.Response.Redirect(context.RedirectUri);
        return Task.CompletedTask;
    }
}
