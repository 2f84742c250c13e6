namespace PromptStudio.Web;

/// <summary>Refuses addresses with characters that PostgreSQL cannot hold, before any route looks something up by them.</summary>
public static class StorableRequest
{
    /// <summary>For the API's part of the pipeline.</summary>
    public static void UseStorableRequests(this IApplicationBuilder api) => api.Use(async (context, next) =>
    {
        if (Problem(context.Request) is { } problem)
            await problem.ExecuteAsync(context);
        else
            await next(context);
    });

    private static Problem? Problem(HttpRequest request)
    {
        if (StorableJson.Problem(request.Path.Value) is { } inPath)
            return new Problem(400, "invalid_request", $"The address contains {inPath}.");
        foreach (var (name, values) in request.Query)
        {
            if (StorableJson.Problem(name) is { } inName)
                return new Problem(400, "invalid_request", $"The query contains {inName}.");
            foreach (var value in values)
            {
                if (StorableJson.Problem(value) is { } inValue)
                    return QueryText.Invalid(name, $"'{name}' contains {inValue}.");
            }
        }
        return null;
    }
}
