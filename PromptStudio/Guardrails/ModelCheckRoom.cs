using PromptStudio.Web;

namespace PromptStudio.Guardrails;

/// <summary>What guardrails need to ask models.</summary>
public static class ModelCheckRoom
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    public static void AddModelChecks(this IServiceCollection services)
    {
        services.AddValidatedOptions<ModelCheckOptions>("ModelChecks");
        services.AddHttpClient(ModelClient.Name, client => client.Timeout = Timeout.InfiniteTimeSpan)
            .UseSocketsHttpHandler((handler, provider) =>
            {
                // A redirect could lead anywhere, with the key in its headers; a small answer could unpack to a huge one.
                handler.AllowAutoRedirect = false;
                handler.UseCookies = false;
                handler.AutomaticDecompression = System.Net.DecompressionMethods.None;
                handler.UseProxy = provider.GetRequiredService<Microsoft.Extensions.Options.IOptions<ModelCheckOptions>>().Value.UseProxy;
                handler.ConnectTimeout = ConnectTimeout;
                handler.ConnectCallback = ModelClient.ConnectAsync;
                handler.MaxResponseHeadersLength = 16;
                // Names may stand for other addresses after a while.
                handler.PooledConnectionLifetime = TimeSpan.FromMinutes(2);
            })
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            // Headers have keys, and addresses may.
            .RemoveAllLoggers();
        services.AddSingleton<GuardrailMeasures>();
        services.AddSingleton<ModelHosts>();
        services.AddSingleton<ModelClient>();
        services.AddSingleton<ModelChecks>();
    }
}
