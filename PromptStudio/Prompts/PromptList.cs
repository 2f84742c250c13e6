using Microsoft.EntityFrameworkCore;

namespace PromptStudio.Prompts;

/// <summary>What the dashboard asks for.</summary>
public sealed record PromptQuery
{
    /// <summary>Rows of a page.</summary>
    public const int PageSize = 25;

    /// <summary>What changed last comes first.</summary>
    public const string DefaultSort = "-changed";

    /// <summary>Part of a name or a description; empty: all.</summary>
    public string Search { get; init; } = "";

    /// <summary>Null: all.</summary>
    public string? Category { get; init; }

    /// <summary>One of <see cref="PromptStatus"/>; null: all that are in service.</summary>
    public string? Status { get; init; }

    /// <summary>A column of <see cref="Columns"/>, with a minus for descending.</summary>
    public string Sort { get; init; } = DefaultSort;

    /// <summary>From 1.</summary>
    public int Page { get; init; } = 1;

    /// <summary>The columns that can be sorted by.</summary>
    public static IReadOnlyCollection<string> Columns => PromptSort.Columns;

    /// <summary>Reads what an address says; what makes no sense there counts as not said.</summary>
    public static PromptQuery Of(string? search, string? category, string? sort, int? page, string? status = null) => new()
    {
        Status = PromptStatus.All.Contains(status) ? status : null,
        Search = Storable(search)?.Trim() ?? "",
        Category = Storable(category) is { Length: > 0 } chosen ? chosen : null,
        Sort = sort is not null && Columns.Contains(sort.StartsWith('-') ? sort[1..] : sort) ? sort : DefaultSort,
        Page = Math.Clamp(page ?? 1, 1, 1_000_000),
    };

    /// <summary>PostgreSQL has no text with U+0000, so it cannot even be asked for one.</summary>
    public static string? Storable(string? text) => text?.Replace("\0", "", StringComparison.Ordinal);

    /// <summary>The column that the list is sorted by.</summary>
    public string SortColumn => Sort.TrimStart('-');

    public bool Descending => Sort.StartsWith('-');

    /// <summary>Whether it leaves prompts out.</summary>
    public bool Filters => Search.Length > 0 || Category is not null || Status is not null;

    /// <summary>The same list from its beginning, sorted by a column; again: the other way round.</summary>
    public PromptQuery SortedBy(string column) => this with
    {
        Page = 1,
        Sort = Sort == column ? "-" + column : Sort == "-" + column ? column : PromptSort.StartsDescending(column) ? "-" + column : column,
    };
}

/// <summary>Where a prompt stands; also what lists are filtered by.</summary>
public static class PromptStatus
{
    /// <summary>Callers get a version.</summary>
    public const string Active = "active";

    /// <summary>In service, and no version is active.</summary>
    public const string Inactive = "inactive";

    /// <summary>In service, with a version whose text can still change.</summary>
    public const string Draft = "draft";

    /// <summary>Out of service.</summary>
    public const string Archived = "archived";

    /// <summary>Every status.</summary>
    public static IReadOnlyList<string?> All { get; } = [Active, Inactive, Draft, Archived];
}

/// <summary>One prompt of the list. The text of the active version speaks for it, or that of the newest when none is active.</summary>
public sealed record PromptRow
{
    /// <summary>Of the version that speaks for the prompt.</summary>
    public Guid Id { get; init; }

    public required string Name { get; init; }
    public string? Description { get; init; }
    public string? Category { get; init; }
    public int? ActiveVersion { get; init; }
    public int Versions { get; init; }

    /// <summary>How many of the versions are drafts.</summary>
    public int Drafts { get; init; }

    /// <summary>Only who may promote decides which version is active.</summary>
    public bool IsProtected { get; init; }

    /// <summary>When it was taken out of service; null: it is in service.</summary>
    public DateTimeOffset? ArchivedAt { get; init; }

    /// <summary>In the last seven days, of all versions.</summary>
    public long Executions { get; init; }

    public DateTimeOffset ChangedAt { get; init; }
}

/// <summary>A page of the list.</summary>
/// <param name="Rows">Its prompts.</param>
/// <param name="Total">How many prompts the query finds.</param>
/// <param name="Page">From 1; the last one, when the query asked for one behind it.</param>
public sealed record PromptPage(IReadOnlyList<PromptRow> Rows, int Total, int Page)
{
    /// <summary>Days of <see cref="Daily"/>.</summary>
    public const int Days = 14;

    /// <summary>Executions by day of the prompts that had any; the last day is today.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<long>> Daily { get; init; } = new Dictionary<string, IReadOnlyList<long>>();

    public int Pages => Math.Max(1, (Total + PromptQuery.PageSize - 1) / PromptQuery.PageSize);

    /// <summary>The first row's place in the whole list, from 1.</summary>
    public int First => Total == 0 ? 0 : ((Page - 1) * PromptQuery.PageSize) + 1;

    public int Last => Math.Min(Page * PromptQuery.PageSize, Total);
}

/// <summary>The figures above the list.</summary>
/// <param name="Prompts">All prompts that are in service.</param>
/// <param name="Active">Those with an active version.</param>
/// <param name="Versions">Their versions.</param>
/// <param name="ExecutionsToday">Since midnight, UTC.</param>
/// <param name="FailedToday">Those of them that ended in an error or a timeout.</param>
/// <param name="BlockedToday">Those of them that a guardrail stopped.</param>
/// <param name="RunningExperiments">Experiments that assign users now.</param>
/// <param name="ChangedAt">The last change of any version; null without one.</param>
/// <param name="Categories">Every category, in order.</param>
public sealed record PromptFigures(
    int Prompts, int Active, int Versions, long ExecutionsToday, long FailedToday, long BlockedToday, int RunningExperiments, DateTimeOffset? ChangedAt, IReadOnlyList<string> Categories);

/// <summary>What a list may be sorted by. The name as tie-breaker is what makes its pages stable.</summary>
internal static class PromptSort
{
    private static readonly Dictionary<string, Func<IQueryable<PromptRow>, bool, IOrderedQueryable<PromptRow>>> ByColumn = new(StringComparer.Ordinal)
    {
        ["name"] = (rows, descending) => descending ? rows.OrderByDescending(row => row.Name) : rows.OrderBy(row => row.Name),
        ["category"] = (rows, descending) => descending ? rows.OrderByDescending(row => row.Category ?? "") : rows.OrderBy(row => row.Category ?? "\uffff"),
        ["active"] = (rows, descending) => descending ? rows.OrderByDescending(row => row.ActiveVersion ?? 0) : rows.OrderBy(row => row.ActiveVersion ?? 0),
        ["versions"] = (rows, descending) => descending ? rows.OrderByDescending(row => row.Versions) : rows.OrderBy(row => row.Versions),
        ["executions"] = (rows, descending) => descending ? rows.OrderByDescending(row => row.Executions) : rows.OrderBy(row => row.Executions),
        ["changed"] = (rows, descending) => descending ? rows.OrderByDescending(row => row.ChangedAt) : rows.OrderBy(row => row.ChangedAt),
    };

    public static IReadOnlyCollection<string> Columns => ByColumn.Keys;

    public static bool StartsDescending(string column) => column is not ("name" or "category");

    public static IQueryable<PromptRow> Apply(IQueryable<PromptRow> rows, PromptQuery query) =>
        ByColumn[query.SortColumn](rows, query.Descending).ThenBy(row => row.Name);
}
