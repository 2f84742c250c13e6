using System.Globalization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using PromptStudio.Shell;
using Scalar.AspNetCore;

namespace PromptStudio.Web;

/// <summary>The OpenAPI document, and the page to browse it. For everybody: they describe the API, and hold no data of the studio.</summary>
public static class ApiDocument
{
    /// <summary>Its name and major version.</summary>
    public const string Name = "v1";

    /// <summary>Where it is.</summary>
    public const string Route = $"/openapi/{Name}.json";

    /// <summary>The security scheme of API keys.</summary>
    public const string KeyScheme = "api_key";

    /// <summary>The security scheme of people.</summary>
    public const string CookieScheme = "cookie";

    /// <summary>The schema of every error.</summary>
    public const string ProblemSchema = "Problem";

    public static void AddApiDocument(this IServiceCollection services)
    {
        services.AddOpenApi(Name, options =>
        {
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            options.AddOperationTransformer<ApiOperation>();
            options.AddDocumentTransformer(Introduce);
        });
        services.AddSingleton<ApiDocumentText>();
    }

    public static void MapApiDocument(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Route, async (ApiDocumentText document) => TypedResults.Bytes(await document.GetAsync(), "application/json; charset=utf-8"))
            .AllowAnonymous().ExcludeFromDescription();
        routes.MapScalarApiReference(Links.Docs, (options, context) => options
                .WithTitle("Prompt Studio API")
                .WithOpenApiRoutePattern(Route)
                .WithNonce(ContentPolicy.Nonce(context))
                .WithFavicon("/favicon.svg")
                // Nothing comes from another host, and nothing is told to one.
                .DisableDefaultFonts().DisableTelemetry().DisableAgent().DisableMcp().HideClientButton().HideDeveloperTools())
            .AllowAnonymous().WithMetadata(ContentPolicy.WithNonce);
    }

    private static Task Introduce(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Prompt Studio",
            Version = Name,
            Description = "Render prompts, report outcomes, and administer the studio. Errors are problem documents (RFC 9457) with a stable code.",
        };
        document.Servers?.Clear();
        document.Components ??= new OpenApiComponents();
        document.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>();
        document.Components.Schemas[ProblemSchema] = Problem();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [KeyScheme] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "An API key, Authorization: Bearer ps_…, with the scope that the operation needs.",
            },
            [CookieScheme] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey,
                In = ParameterLocation.Cookie,
                Name = "prompt-studio",
                Description = "The studio's own cookie. Writes also need the token of GET /api/admin/antiforgery in the header X-CSRF-TOKEN.",
            },
        };
        return Task.CompletedTask;
    }

    private static OpenApiSchema Problem()
    {
        static OpenApiSchema Member(JsonSchemaType type, string description) => new() { Type = type, Description = description };
        return new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Description = "An error (RFC 9457). Some codes have further members.",
            Required = new HashSet<string> { "type", "title", "status", "detail", "code", "trace_id" },
            Properties = new Dictionary<string, IOpenApiSchema>
            {
                ["type"] = Member(JsonSchemaType.String, "The code as a URN."),
                ["title"] = Member(JsonSchemaType.String, "The status in words."),
                ["status"] = Member(JsonSchemaType.Integer, "The HTTP status."),
                ["detail"] = Member(JsonSchemaType.String, "What happened, and what to do; for people."),
                ["code"] = Member(JsonSchemaType.String, "What programs look at; it never changes."),
                ["trace_id"] = Member(JsonSchemaType.String, "What the operator finds in the log."),
            },
        };
    }
}

/// <summary>The document as it is sent: made once, with the first request.</summary>
public sealed class ApiDocumentText([FromKeyedServices(ApiDocument.Name)] IOpenApiDocumentProvider provider) : IDisposable
{
    private readonly SemaphoreSlim _making = new(1, 1);
    private byte[]? _text;

    /// <summary>UTF-8.</summary>
    public async Task<byte[]> GetAsync()
    {
        if (_text is { } known)
            return known;
        await _making.WaitAsync();
        try
        {
            if (_text is null)
            {
                // Not with a request's token: others wait for it too.
                var document = await provider.GetOpenApiDocumentAsync(CancellationToken.None);
                using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
                document.SerializeAs(OpenApiSpecVersion.OpenApi3_1, new OpenApiJsonWriter(text));
                _text = System.Text.Encoding.UTF8.GetBytes(text.ToString());
            }
            return _text;
        }
        finally
        {
            _making.Release();
        }
    }

    public void Dispose() => _making.Dispose();
}
