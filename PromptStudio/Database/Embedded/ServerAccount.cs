using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace PromptStudio.Database.Embedded;

/// <summary>Who runs PostgreSQL: this user, or an unprivileged one when the app is root, because PostgreSQL refuses root.</summary>
internal sealed partial class ServerAccount
{
    private readonly string? _name;
    private readonly uint _user;
    private readonly uint _group;

    private ServerAccount(string? name, uint user, uint group) => (_name, _user, _group) = (name, user, group);

    /// <summary>Whether the server runs as another user than the app.</summary>
    public bool IsOther => _name is not null;

    /// <summary>Finds the account.</summary>
    /// <param name="configured">Its name, or empty for the usual ones.</param>
    /// <exception cref="StartupException">The app is root, and there is no such account.</exception>
    public static ServerAccount Find(string? configured)
    {
        if (!Environment.IsPrivilegedProcess || OperatingSystem.IsWindows())
            return new ServerAccount(null, 0, 0);
        var candidates = string.IsNullOrWhiteSpace(configured) ? new[] { "postgres", "nobody" } : [configured];
        var accounts = File.ReadLines("/etc/passwd").Select(line => line.Split(':')).Where(fields => fields.Length > 3).ToList();
        foreach (var candidate in candidates)
        {
            if (accounts.Find(fields => fields[0] == candidate) is { } found && uint.TryParse(found[2], out var user) && uint.TryParse(found[3], out var group))
            {
                return user != 0
                    ? new ServerAccount(candidate, user, group)
                    : throw new StartupException($"Database:Embedded:RunAs is '{candidate}', which is root; PostgreSQL needs an unprivileged account.");
            }
        }
        throw new StartupException($"PostgreSQL cannot run as root, and there is no account '{string.Join("' or '", candidates)}'. Set Database:Embedded:RunAs to an unprivileged account.");
    }

    /// <summary>Gives a file or a folder to the account.</summary>
    public void Own(string path)
    {
        if (IsOther && Chown(path, _user, _group) != 0)
            throw new IOException($"{path} cannot be given to '{_name}': {Marshal.GetLastPInvokeErrorMessage()}");
    }

    /// <summary>Whether the account can pass through every folder of a path.</summary>
    public bool CanReach(string path)
    {
        if (!IsOther)
            return true;
        for (var folder = new DirectoryInfo(path); folder is not null; folder = folder.Parent)
        {
            if (!folder.UnixFileMode.HasFlag(UnixFileMode.OtherExecute))
                return false;
        }
        return true;
    }

    /// <exception cref="StartupException">A folder on the way is closed to the account.</exception>
    public void MustReach(string path)
    {
        if (!CanReach(path))
            throw new StartupException($"PostgreSQL runs as '{_name}', which cannot reach the data directory {path}: a folder above it is private. Set Database:Embedded:DataDirectory to a folder that everyone may pass, e.g. /var/lib/prompt-studio.");
    }

    /// <summary>Runs a program as the account, to its end.</summary>
    /// <returns>The exit code, and what it printed to both outputs.</returns>
    /// <exception cref="StartupException">The program cannot be started.</exception>
    public async Task<(int ExitCode, string Output)> RunAsync(string program, IEnumerable<string> arguments, string folder, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        if (_name is not null)
            start.UserName = _name;
        // English messages, and no setting of the caller's own PostgreSQL.
        start.Environment["LC_ALL"] = "C";
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("PG", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        try
        {
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
            var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
            // A cancelled program must not go on behind our back.
            await using (cancellationToken.Register(() => process.Kill(entireProcessTree: true)))
                await process.WaitForExitAsync(CancellationToken.None);
            cancellationToken.ThrowIfCancellationRequested();
            return (process.ExitCode, await output + await error);
        }
        catch (Win32Exception exception)
        {
            throw new StartupException($"{program} cannot be run: {exception.Message}. Reinstall Prompt Studio, or set ConnectionStrings:Studio to a PostgreSQL server.", exception);
        }
    }

    [LibraryImport("libc", EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Chown(string path, uint user, uint group);
}
