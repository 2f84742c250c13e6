using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;

namespace PromptStudio.Web;

/// <summary>What a body is, for the documentation. Unlike the framework's own metadata it does not take part in the routing, where another content type would be another address.</summary>
public sealed record BodyType(Type Type);

/// <summary>What a body looks like, for the documentation.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Value">An example of it.</param>
/// <param name="ContentType">Of the body.</param>
public sealed record BodyExample(Type Type, object Value, string ContentType = "application/json");

/// <summary>What an answer looks like, for the documentation.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Type">Its type.</param>
/// <param name="Value">An example of it; null: the answer has no body.</param>
/// <param name="ContentType">Of the body.</param>
public sealed record AnswerExample(int Status, Type Type, object? Value, string ContentType);

/// <summary>The codes of the problems that a route answers with a status.</summary>
public sealed record ProblemCodes(int Status, IReadOnlyList<string> Codes);

/// <summary>What a value in the query or the path may be.</summary>
/// <param name="Name">Of the parameter.</param>
public sealed record ParameterRule(string Name)
{
    /// <summary>What it is for.</summary>
    public string? Description { get; init; }

    /// <summary>The only values; null: any.</summary>
    public IReadOnlyList<string>? Values { get; init; }

    public long? Minimum { get; init; }
    public long? Maximum { get; init; }
    public int? MaxLength { get; init; }
    public object? Default { get; init; }
    public object? Example { get; init; }
}

/// <summary>
/// What a route says of itself beyond the types of its handler. The OpenAPI document is made of it, and
/// tests see to it that no route is silent.
/// </summary>
public static class Described
{
    /// <summary>An example of the request's body.</summary>
    public static RouteHandlerBuilder WithBody<T>(this RouteHandlerBuilder route, T example)
        where T : notnull => route.WithMetadata(new BodyExample(typeof(T), example));

    /// <summary>An example of the request's body, as JSON: where most members are left out.</summary>
    public static RouteHandlerBuilder WithBodyJson<T>(this RouteHandlerBuilder route, [StringSyntax(StringSyntaxAttribute.Json)] string example)
        where T : notnull => route.WithMetadata(new BodyExample(typeof(T), JsonNode.Parse(example)!));

    /// <summary>An example of an answer.</summary>
    public static RouteHandlerBuilder WithAnswer<T>(this RouteHandlerBuilder route, T example, int status = StatusCodes.Status200OK, string contentType = "application/json")
        where T : notnull => route.WithMetadata(new AnswerExample(status, typeof(T), example, contentType));

    /// <summary>An answer without a body.</summary>
    public static RouteHandlerBuilder WithEmptyAnswer(this RouteHandlerBuilder route, int status = StatusCodes.Status204NoContent) =>
        route.WithMetadata(new AnswerExample(status, typeof(void), null, ""));

    /// <summary>A problem that the route answers, beyond those that every route of the API has.</summary>
    public static RouteHandlerBuilder WithProblem(this RouteHandlerBuilder route, int status, params IReadOnlyList<string> codes) =>
        route.WithMetadata(new ProblemCodes(status, codes));

    /// <summary>What a value in the query or the path may be.</summary>
    public static RouteHandlerBuilder WithParameter(this RouteHandlerBuilder route, ParameterRule rule) => route.WithMetadata(rule);

    /// <summary>What a list can be sorted by: the same words that <see cref="PageQuery.Check"/> gets.</summary>
    public static RouteHandlerBuilder WithSort(this RouteHandlerBuilder route, params IReadOnlyList<string> sortable) => route.WithMetadata(new ParameterRule("sort")
    {
        Values = [.. sortable.Select(field => field.TrimStart('-')).SelectMany(field => new[] { field, "-" + field })],
        Default = sortable[0],
    });
}
