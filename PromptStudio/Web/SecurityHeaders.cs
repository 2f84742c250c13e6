using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace PromptStudio.Web;

/// <summary>What every answer tells the browser not to do.</summary>
public static class SecurityHeaders
{
    private const string Permissions =
        "accelerometer=(), autoplay=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=(), "
        + "clipboard-read=(self), clipboard-write=(self), publickey-credentials-create=(self), publickey-credentials-get=(self)";

    private static readonly StringValues DataPolicy = ContentPolicy.Data.Text;
    private static readonly StringValues NoSniff = "nosniff";
    private static readonly StringValues Deny = "DENY";
    private static readonly StringValues SameOrigin = "same-origin";
    private static readonly StringValues AllPermissions = Permissions;
    private static readonly StringValues OneYear = "max-age=31536000";

    /// <summary>The same for an answer of the API that does not pass the pipeline.</summary>
    /// <param name="headers">The answer's.</param>
    /// <param name="isHttps">Whether the caller sent the request by HTTPS.</param>
    /// <param name="host">What the caller calls this machine.</param>
    public static void WriteApi(IHeaderDictionary headers, bool isHttps, StringValues host)
    {
        headers.ContentSecurityPolicy = DataPolicy;
        headers.XContentTypeOptions = NoSniff;
        headers.XFrameOptions = Deny;
        headers["Referrer-Policy"] = SameOrigin;
        headers["Permissions-Policy"] = AllPermissions;
        headers["Cross-Origin-Opener-Policy"] = SameOrigin;
        headers["Cross-Origin-Resource-Policy"] = SameOrigin;
        if (isHttps && !IsLocal(new HostString(host.ToString()).Host))
            headers.StrictTransportSecurity = OneYear;
    }

    /// <summary>First in the pipeline: failures have the headers too.</summary>
    public static void UseSecurityHeaders(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        context.Response.OnStarting(Write, context);
        return next(context);
    });

    private static Task Write(object state)
    {
        var context = (HttpContext)state;
        var headers = context.Response.Headers;
        var policy = context.GetEndpoint()?.Metadata.GetMetadata<ContentPolicy>() ?? (ProblemRoom.IsApi(context.Request) ? ContentPolicy.Data : ContentPolicy.Page);
        headers.ContentSecurityPolicy = policy.NeedsNonce ? string.Format(CultureInfo.InvariantCulture, policy.Text, ContentPolicy.Nonce(context)) : policy.Text;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        // A page with a secret in its address says something stricter itself.
        headers.TryAdd("Referrer-Policy", new StringValues("same-origin"));
        headers["Permissions-Policy"] = Permissions;
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        if (context.Request.IsHttps && !IsLocal(context.Request.Host.Host))
            headers.StrictTransportSecurity = "max-age=31536000";
        return Task.CompletedTask;
    }

    /// <summary>Whoever develops on this name must not lose http for a year.</summary>
    private static bool IsLocal(string host) => host is "localhost" or "127.0.0.1" or "[::1]";
}
