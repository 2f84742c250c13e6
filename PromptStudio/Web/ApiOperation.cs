using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.OpenApi;
using PromptStudio.Access;

namespace PromptStudio.Web;

/// <summary>Completes an operation of the document with what its route says of itself, see <see cref="Described"/>, and with what all routes have in common.</summary>
public sealed class ApiOperation : IOpenApiOperationTransformer
{
    private const string ProblemType = "application/problem+json";

    /// <summary>The page of a list, wherever <see cref="PageQuery"/> is taken.</summary>
    private static readonly ParameterRule[] PageRules =
    [
        new("page") { Description = "Which page, from 1.", Minimum = 1, Maximum = PageQuery.MaxPage, Default = 1 },
        new("page_size") { Description = "Items of a page.", Minimum = 1, Maximum = PageQuery.MaxPageSize, Default = PageQuery.DefaultPageSize },
        new("sort") { Description = "A field, with a minus for descending." },
    ];

    public async Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var path = "/" + context.Description.RelativePath;
        var method = context.Description.HttpMethod ?? HttpMethods.Get;
        var isAdmin = path.StartsWith("/api/admin", StringComparison.OrdinalIgnoreCase);
        Secure(operation, context.Document, metadata, isAdmin);
        foreach (var parameter in (operation.Parameters ?? []).OfType<OpenApiParameter>())
            Describe(parameter, PageRules.Concat(metadata.OfType<ParameterRule>()).Where(rule => rule.Name == parameter.Name));
        var example = metadata.OfType<BodyExample>().LastOrDefault();
        if ((example?.Type ?? metadata.OfType<BodyType>().LastOrDefault()?.Type) is { } body)
        {
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = true,
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    [example?.ContentType ?? "application/json"] = new()
                    {
                        Schema = await context.GetOrCreateSchemaAsync(body, null, cancellationToken),
                        // A stream's example is words about it.
                        Example = example is null ? null : Json(example.Value, body == typeof(Stream) ? typeof(string) : body),
                    },
                },
            };
        }
        foreach (var answer in metadata.OfType<AnswerExample>())
            await AnswerAsync(operation, answer, context, cancellationToken);
        foreach (var (status, codes) in Codes(metadata, isAdmin, isWrite: !HttpMethods.IsGet(method), hasBody: operation.RequestBody is not null))
            Add(operation, status, codes, context.Document!);
        // As programs read them: by number.
        var inOrder = new OpenApiResponses();
        foreach (var (status, response) in (operation.Responses ?? []).OrderBy(response => response.Key, StringComparer.Ordinal))
            inOrder.Add(status, response);
        operation.Responses = inOrder;
    }

    private static void Secure(OpenApiOperation operation, OpenApiDocument? document, IList<object> metadata, bool isAdmin)
    {
        if (metadata.OfType<IAllowAnonymous>().Any() || !metadata.OfType<IAuthorizeData>().Any())
            return;
        operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(ApiDocument.KeyScheme, document)] = [] }];
        if (isAdmin)
            operation.Security.Add(new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(ApiDocument.CookieScheme, document)] = [] });
        var needs = metadata.OfType<IAuthorizeData>().LastOrDefault()?.Policy switch
        {
            Policy.Render => "Needs the scope `render`.",
            Policy.Read => "Needs the scope `read`, or any role.",
            Policy.Write => "Needs the scope `write`, or the role Editor or SuperAdmin.",
            Policy.Promote or Policy.Administer => "Needs the scope `admin`, or the role SuperAdmin.",
            _ => null,
        };
        operation.Description = $"{operation.Description} {needs}".Trim();
    }

    private static void Describe(OpenApiParameter parameter, IEnumerable<ParameterRule> rules)
    {
        var schema = parameter.Schema as OpenApiSchema ?? new OpenApiSchema { Type = JsonSchemaType.String };
        parameter.Schema = schema;
        foreach (var rule in rules)
        {
            parameter.Description = rule.Description ?? parameter.Description;
            if (rule.Values is { } values)
                schema.Enum = [.. values.Select(value => (JsonNode)JsonValue.Create(value))];
            schema.Minimum = rule.Minimum?.ToString(CultureInfo.InvariantCulture) ?? schema.Minimum;
            schema.Maximum = rule.Maximum?.ToString(CultureInfo.InvariantCulture) ?? schema.Maximum;
            schema.MaxLength = rule.MaxLength ?? schema.MaxLength;
            if (rule.Default is { } value)
                schema.Default = Json(value, value.GetType());
            if (rule.Example is { } example)
                parameter.Example = Json(example, example.GetType());
        }
    }

    private static async Task AnswerAsync(OpenApiOperation operation, AnswerExample answer, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var response = Response(operation, answer.Status);
        response.Description = ReasonPhrases.GetReasonPhrase(answer.Status);
        if (answer.Value is null)
            return;
        response.Content ??= new Dictionary<string, OpenApiMediaType>();
        if (!response.Content.TryGetValue(answer.ContentType, out var content))
        {
            content = new OpenApiMediaType { Schema = await context.GetOrCreateSchemaAsync(answer.Type, null, cancellationToken) };
            response.Content[answer.ContentType] = content;
        }
        content.Example = Json(answer.Value, answer.Type == typeof(Stream) ? typeof(string) : answer.Type);
    }

    /// <summary>What the pipeline answers for all routes of the API, and what this one answers itself.</summary>
    private static SortedDictionary<int, List<string>> Codes(IList<object> metadata, bool isAdmin, bool isWrite, bool hasBody)
    {
        var codes = new SortedDictionary<int, List<string>>
        {
            [400] = hasBody ? ["invalid_request", "malformed_json"] : ["invalid_request"],
            [401] = ["api_key_missing", "api_key_invalid"],
            [403] = isAdmin ? ["scope_missing", "role_missing", "prompt_not_allowed"] : ["scope_missing"],
            [429] = ["rate_limited"],
            [500] = ["internal_error"],
            [503] = ["database_unavailable"],
        };
        if (isAdmin && isWrite)
            codes[400].Add("antiforgery_failed");
        if (hasBody)
            codes[413] = ["body_too_large"];
        // A render takes whatever is JSON, whatever it is called.
        if (hasBody && isAdmin)
            codes[415] = ["unsupported_media_type"];
        foreach (var own in metadata.OfType<ProblemCodes>())
        {
            codes.TryAdd(own.Status, []);
            codes[own.Status].AddRange(own.Codes.Except(codes[own.Status], StringComparer.Ordinal));
        }
        return codes;
    }

    private static void Add(OpenApiOperation operation, int status, List<string> codes, OpenApiDocument document)
    {
        document.Components ??= new OpenApiComponents();
        document.Components.Examples ??= new Dictionary<string, IOpenApiExample>();
        var response = Response(operation, status);
        var title = ReasonPhrases.GetReasonPhrase(status);
        response.Description = $"{title}: {string.Join(", ", codes.Select(code => $"`{code}`"))}";
        response.Content = new Dictionary<string, OpenApiMediaType>
        {
            [ProblemType] = new()
            {
                Schema = new OpenApiSchemaReference(ApiDocument.ProblemSchema, document),
                Examples = codes.ToDictionary(code => code, code => (IOpenApiExample)new OpenApiExampleReference(code, document)),
            },
        };
        foreach (var code in codes)
        {
            document.Components.Examples.TryAdd(code, new OpenApiExample
            {
                Value = new JsonObject
                {
                    ["type"] = "urn:prompt-studio:problem:" + code,
                    ["title"] = title,
                    ["status"] = status,
                    ["detail"] = "What happened, and what to do, in words.",
                    ["code"] = code,
                    ["trace_id"] = "5014be3626690922137713ccf6fada37",
                },
            });
        }
    }

    private static OpenApiResponse Response(OpenApiOperation operation, int status)
    {
        operation.Responses ??= [];
        var key = status.ToString(CultureInfo.InvariantCulture);
        if (operation.Responses.TryGetValue(key, out var known) && known is OpenApiResponse response)
            return response;
        response = new OpenApiResponse();
        operation.Responses[key] = response;
        return response;
    }

    private static JsonNode? Json(object value, Type type) => value is JsonNode json ? json.DeepClone() : JsonSerializer.SerializeToNode(value, type, ApiJson.Options);
}
