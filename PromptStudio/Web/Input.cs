using System.Globalization;
using System.Reflection;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;

namespace PromptStudio.Web;

/// <summary>A part of a request that may be wrong; <see cref="AdminApi"/> answers with its problem before the handler runs.</summary>
public interface IInput
{
    /// <summary>What is wrong with it; null: nothing.</summary>
    Problem? Problem { get; }
}

/// <summary>The JSON body of a request, read by <see cref="JsonBody"/>.</summary>
/// <typeparam name="T">What it holds; members that are not said to be optional are required.</typeparam>
public sealed class Body<T> : IInput, IEndpointParameterMetadataProvider
    where T : class
{
    private readonly Answer<T> _answer;

    private Body(Answer<T> answer) => _answer = answer;

    public Problem? Problem => _answer.Problem;

    /// <summary>What the body says; there when there is no problem, which handlers may rely on.</summary>
    public T Value => _answer.Value ?? throw new InvalidOperationException("The body was not readable, and nobody looked.");

#pragma warning disable CA1000 // Where the framework looks for it.
    /// <summary>For the framework.</summary>
    public static async ValueTask<Body<T>> BindAsync(HttpContext context) =>
        new(context.Request.ContentType is null || context.Request.HasJsonContentType()
            ? await JsonBody.ReadAsync(context.Request, (JsonTypeInfo<T>)ApiJson.Options.GetTypeInfo(typeof(T)))
            : JsonBody.NotJson);
#pragma warning restore CA1000

    static void IEndpointParameterMetadataProvider.PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new BodyType(typeof(T)));
}

/// <summary>Which page of a list is asked for, and in what order; a route takes it with <c>[AsParameters]</c>.</summary>
/// <param name="Page">From 1.</param>
/// <param name="PageSize">Items of a page.</param>
/// <param name="Sort">A field, with a minus for descending.</param>
public record PageQuery(
    [FromQuery(Name = "page")] int? Page = null,
    [FromQuery(Name = "page_size")] int? PageSize = null,
    [FromQuery(Name = "sort")] string? Sort = null)
{
    /// <summary>The largest page.</summary>
    public const int MaxPageSize = 200;

    /// <summary>Items of a page when nothing is said.</summary>
    public const int DefaultPageSize = 50;

    /// <summary>The last page that can be asked for.</summary>
    public const int MaxPage = 1_000_000;

    /// <summary>Holds what was asked against what the list offers.</summary>
    /// <param name="sortable">The fields it can be sorted by; the first one is the default, as it stands, e.g. <c>-created_at</c>.</param>
    public Answer<PageRequest> Check(params IReadOnlyList<string> sortable)
    {
        if (Page is < 1 or > MaxPage)
            return Invalid("page", string.Create(CultureInfo.InvariantCulture, $"'page' must be 1 to {MaxPage:N0}."));
        if (PageSize is < 1 or > MaxPageSize)
            return Invalid("page_size", $"'page_size' must be 1 to {MaxPageSize}.");
        var sort = Sort ?? sortable[0];
        var field = sort.TrimStart('-');
        return sort.Length - field.Length <= 1 && sortable.Any(known => known.TrimStart('-') == field)
            ? new PageRequest(Page ?? 1, PageSize ?? DefaultPageSize, field, sort != field)
            : Invalid("sort", $"'sort' must be one of {string.Join(", ", sortable.Select(known => known.TrimStart('-')))}, with a minus in front for descending.");
    }

    private static Problem Invalid(string member, string detail) => new(400, "invalid_request", detail) { Extensions = { ["member"] = member } };
}

/// <summary>A checked <see cref="PageQuery"/>.</summary>
public sealed record PageRequest(int Page, int PageSize, string SortField, bool Descending)
{
    /// <summary>Items before the page.</summary>
    public int Skip => (Page - 1) * PageSize;
}

/// <summary>A page of a list.</summary>
/// <param name="Items">What is on it.</param>
/// <param name="Page">From 1.</param>
/// <param name="PageSize">Items of a full page.</param>
/// <param name="Total">Items of all pages.</param>
public sealed record ListPage<T>(IReadOnlyList<T> Items, int Page, int PageSize, long Total);
