using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Identity;
using PromptStudio.Access.Keys;
using PromptStudio.Access.Users;
using PromptStudio.Database;
using PromptStudio.Shell;
using PromptStudio.Web;

namespace PromptStudio.Access;

/// <summary>Who is there, and what they may do.</summary>
public static class AccessRoom
{
    /// <summary>How long a cookie or an open page may go without anybody asking whether its person may still be there.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(30);

    public static void AddAccess(this IServiceCollection services)
    {
        services.AddValidatedOptions<BootstrapOptions>("Bootstrap");
        services.AddSingleton<Bootstrap>();
        services.AddHostedService<SetupLink>();
        // Before Identity's own, which it takes the place of.
        services.AddScoped<IPasswordValidator<StudioUser>, PasswordCheck>();
        services.AddIdentity<StudioUser, IdentityRole<Guid>>(options =>
            {
                options.UseStudioSchema();
                options.User.RequireUniqueEmail = true;
                // User names are e-mail addresses, which have more characters than Identity allows by default.
                options.User.AllowedUserNameCharacters = "";
            })
            .AddEntityFrameworkStores<StudioDbContext>()
            .AddSignInManager<StudioSignInManager>()
            .AddDefaultTokenProviders();
        services.AddScoped(provider => (StudioSignInManager)provider.GetRequiredService<SignInManager<StudioUser>>());
        services.AddScoped<SignIns>();
        services.AddSingleton<OneTimeLinks>();
        services.AddSingleton<Accounts.Accounts>();
        services.AddSingleton<UserStore>();
        services.AddSingleton<ApiKeyStore>();
        services.AddKept<KnownKeys>();
        services.AddSingleton<ApiKeyUses>();
        services.AddHostedService(provider => provider.GetRequiredService<ApiKeyUses>());
        services.Configure<SecurityStampValidatorOptions>(stamps => stamps.ValidationInterval = LookAgain);
        // A passkey counts as both steps of a sign-in, so the device must know its owner.
        services.Configure<IdentityPasskeyOptions>(passkeys =>
        {
            passkeys.UserVerificationRequirement = "required";
            passkeys.ResidentKeyRequirement = "required";
        });
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
