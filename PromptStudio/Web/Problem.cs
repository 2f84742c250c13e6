using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;

namespace PromptStudio.Web;

/// <summary>An expected failure, as callers see it: RFC 9457 problem details with a stable code.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">What programs look at; it never changes.</param>
/// <param name="Detail">What people read: what happened, and what to do.</param>
public sealed record Problem(int Status, string Code, string Detail) : IResult
{
    /// <summary>What programs may want beyond the code.</summary>
    public Dictionary<string, object?> Extensions { get; init; } = [];

    /// <summary>Seconds after which the same request may succeed.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>Answers a request with this problem, whatever it said that it accepts: an error that cannot be read helps nobody.</summary>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = Status;
        if (RetryAfter is { } seconds)
            httpContext.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        var details = new ProblemDetails
        {
            Type = "urn:prompt-studio:problem:" + Code,
            Title = ReasonPhrases.GetReasonPhrase(Status),
            Status = Status,
            Detail = Detail,
            Extensions = new Dictionary<string, object?>(Extensions)
            {
                ["code"] = Code,
                ["trace_id"] = Activity.Current?.TraceId.ToString() ?? httpContext.TraceIdentifier,
            },
        };
        await httpContext.Response.WriteAsJsonAsync(details, options: null, contentType: "application/problem+json", httpContext.RequestAborted);
    }
}

/// <summary>A value, or the problem that there is none.</summary>
public readonly record struct Answer<T>
    where T : class
{
    private Answer(T? value, Problem? problem) => (Value, Problem) = (value, problem);

    /// <summary>The value, when there is no problem.</summary>
    public T? Value { get; }

    /// <summary>The problem, when there is no value.</summary>
    public Problem? Problem { get; }

#pragma warning disable CA2225 // The conversions are the point; a named alternative would only be a second way.
    public static implicit operator Answer<T>(T value) => new(value, null);

    public static implicit operator Answer<T>(Problem problem) => new(null, problem);
#pragma warning restore CA2225
}
