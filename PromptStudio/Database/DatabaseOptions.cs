using System.ComponentModel.DataAnnotations;

namespace PromptStudio.Database;

/// <summary>Section <c>Database</c>.</summary>
public sealed class DatabaseOptions
{
    /// <summary>How long the app waits at its start for a configured server.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00", ErrorMessage = "Database:StartTimeout must be from 00:00:00 to 00:10:00.")]
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The PostgreSQL that the app runs itself.</summary>
    public EmbeddedOptions Embedded { get; init; } = new();
}

/// <summary>Section <c>Database:Embedded</c>.</summary>
public sealed class EmbeddedOptions
{
    /// <summary>Where the data lives; empty: <c>prompt-studio</c> in the user's local application data, or in /var/lib for root.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>A folder with PostgreSQL's <c>bin</c>; empty: the one that the app carries, else one found on the machine.</summary>
    public string? Binaries { get; init; }

    /// <summary>The account that PostgreSQL runs as when the app is root; empty: <c>postgres</c> if there is one, else <c>nobody</c>.</summary>
    public string? RunAs { get; init; }

    /// <summary>Whether a commit waits for the disk. Only tests with data that nobody needs turn it off.</summary>
    public bool Fsync { get; init; } = true;
}
