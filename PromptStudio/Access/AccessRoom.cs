using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Identity;
using PromptStudio.Core.Access;
using PromptStudio.Database;
using PromptStudio.Shell;
using PromptStudio.Web;

namespace PromptStudio.Access;

/// <summary>The policies that routes and pages state; what is not stated asks for a signed-in person.</summary>
public static class Policy
{
    /// <summary>An API key with the scope <c>render</c>.</summary>
    public const string Render = nameof(Render);

    /// <summary>A person of any role.</summary>
    public const string View = nameof(View);
}

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
        });
        services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, ApiKeyAuthentication>(ApiKeyAuthentication.SchemeName, null);
        services.AddAuthorizationBuilder()
            .AddPolicy(Policy.Render, policy => policy
                .AddAuthenticationSchemes(ApiKeyAuthentication.SchemeName)
                .RequireClaim(ApiKeyAuthentication.ScopeClaim, ApiScope.Render))
            .AddPolicy(Policy.View, policy => policy.RequireRole(Role.All))
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        services.AddCascadingAuthenticationState();
        services.AddScoped<AuthenticationStateProvider, SignedInState>();
    }
}
