using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace PromptStudio.Database.Embedded;

/// <summary>
/// The folder of the embedded database, held by one app at a time:
/// <c>studio.lock</c>, <c>holder</c>, <c>password</c>, <c>postgresql.conf</c>, <c>run/</c> (the socket and the server's log) and <c>postgres/</c> (the cluster).
/// </summary>
internal sealed class DataFolder : IDisposable
{
    /// <summary>A Unix socket's path may have 107 bytes; the rest is for <c>/.s.PGSQL.5432</c>.</summary>
    private const int SocketFolderMaxBytes = 90;

    private readonly FileStream _lock;
    private string? _socketFolder;

    private DataFolder(string path, ServerAccount account, FileStream @lock)
    {
        Path = path;
        Account = account;
        _lock = @lock;
    }

    public string Path { get; }

    /// <summary>Who runs PostgreSQL, and owns the cluster.</summary>
    public ServerAccount Account { get; }

    public string Cluster => System.IO.Path.Combine(Path, "postgres");

    public string NewCluster => System.IO.Path.Combine(Path, "postgres.new");

    public string Log => System.IO.Path.Combine(Path, "run", "server.log");

    public bool HasCluster => File.Exists(System.IO.Path.Combine(Cluster, "PG_VERSION"));

    /// <summary>The server's settings, in a folder that its account cannot write: root must never follow what that account has laid out.</summary>
    public string Settings => System.IO.Path.Combine(Path, "postgresql.conf");

    /// <summary>Where the server's socket is: in the folder, or in a fresh private one of the system's temporary folder when the path would be too long.</summary>
    public string SocketFolder => _socketFolder ??= MakeSocketFolder();

    /// <summary>Where the options say that the data lives.</summary>
    public static string PathOf(EmbeddedOptions options) => System.IO.Path.GetFullPath(string.IsNullOrWhiteSpace(options.DataDirectory) ? Default() : options.DataDirectory);

    /// <summary>Whether there is data.</summary>
    public static bool HasClusterAt(EmbeddedOptions options) => File.Exists(System.IO.Path.Combine(PathOf(options), "postgres", "PG_VERSION"));

    /// <summary>Whether an app holds a folder.</summary>
    public static bool IsHeld(string path)
    {
        if (!File.Exists(LockFile(path)))
            return false;
        try
        {
            using var file = new FileStream(LockFile(path), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>Takes a folder, and makes it when it is not there.</summary>
    /// <exception cref="StartupException">It cannot be used, or another app holds it.</exception>
    public static DataFolder Take(EmbeddedOptions options, TimeProvider clock)
    {
        var account = ServerAccount.Find(options.RunAs);
        var path = PathOf(options);
        try
        {
            if (File.Exists(path))
                throw new StartupException($"Database:Embedded:DataDirectory is a file, not a folder: {path}");
            if (Directory.Exists(path) && !File.Exists(LockFile(path)) && Directory.EnumerateFileSystemEntries(path).Any(entry => System.IO.Path.GetFileName(entry) != "lost+found"))
                throw new StartupException($"Database:Embedded:DataDirectory is not empty, and what is in it is not Prompt Studio's: {path}. Choose another folder.");
            Make(path, account.IsOther ? Private | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute : Private);
            var folder = new DataFolder(path, account, Lock(path, clock));
            folder.Prepare();
            return folder;
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            throw Refusal(path, exception);
        }
    }

    /// <summary>The one line for a folder that does not do what it should.</summary>
    public static StartupException Refusal(string path, Exception exception) => new(
        IsFull(exception.Message) ? Full(path) : $"The data directory {path} cannot be used: {exception.Message} Set Database:Embedded:DataDirectory to a folder that {Environment.UserName} can write.",
        exception);

    /// <summary>The one line for a full disk.</summary>
    public static string Full(string path) => $"The disk of the data directory {path} is full. Free some space (PostgreSQL needs about 100 MB to start) and start again; nothing was lost.";

    /// <summary>Whether a message of the system or of PostgreSQL says that the disk is full.</summary>
    public static bool IsFull(string message) => message.Contains("No space left on device", StringComparison.OrdinalIgnoreCase)
        || message.Contains("Disk quota exceeded", StringComparison.OrdinalIgnoreCase);

    /// <summary>The password of the cluster's superuser, made at the first start.</summary>
    public string Password()
    {
        var file = System.IO.Path.Combine(Path, "password");
        // Empty: an earlier first start ran out of disk here, and made no cluster yet.
        if (File.Exists(file) && File.ReadAllText(file).Trim() is { Length: > 0 } known)
            return known;
        if (HasCluster)
            throw new StartupException($"The password of the data in {Path} is missing: {file} is empty. Restore that file from a backup.");
        var password = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        WritePrivate(file, password);
        return password;
    }

    /// <summary>Writes a file of this folder, whole or not at all, that only this user, or the server's account, can read.</summary>
    public void WritePrivate(string file, string text, bool forServer = false)
    {
        var temporary = file + ".new";
        File.Delete(temporary);
        using (var stream = new FileStream(temporary, NewFile(FileMode.CreateNew)))
        {
            stream.Write(Encoding.UTF8.GetBytes(text));
            stream.Flush(flushToDisk: true);
        }
        if (forServer)
            Account.Own(temporary);
        File.Move(temporary, file, overwrite: true);
    }

    public void Dispose()
    {
        if (_socketFolder is not null && _socketFolder != RunFolder && Directory.Exists(_socketFolder))
            Directory.Delete(_socketFolder, recursive: true);
        _lock.Dispose();
    }

    private string RunFolder => System.IO.Path.Combine(Path, "run");

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private static string Default() => Environment.IsPrivilegedProcess && !OperatingSystem.IsWindows()
        // Root's own home is closed to the account that PostgreSQL runs as.
        ? "/var/lib/prompt-studio"
        : System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "prompt-studio");

    private static string LockFile(string path) => System.IO.Path.Combine(path, "studio.lock");

    private static string HolderFile(string path) => System.IO.Path.Combine(path, "holder");

    private static void Make(string path, UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
        {
            Directory.CreateDirectory(path, mode);
            // Whatever the umask has taken away.
            File.SetUnixFileMode(path, mode);
        }
    }

    private string MakeSocketFolder()
    {
        if (Encoding.UTF8.GetByteCount(RunFolder) <= SocketFolderMaxBytes)
            return RunFolder;
        var folder = Directory.CreateTempSubdirectory("prompt-studio-").FullName;
        Account.Own(folder);
        return folder;
    }

    private static FileStreamOptions NewFile(FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.Read };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return options;
    }

    /// <summary>The system drops the lock with the process, however it ends.</summary>
    private static FileStream Lock(string path, TimeProvider clock)
    {
        var options = NewFile(FileMode.OpenOrCreate);
        options.Share = FileShare.None;
        FileStream file;
        try
        {
            file = new FileStream(LockFile(path), options);
        }
        catch (IOException exception) when (exception is not (FileNotFoundException or DirectoryNotFoundException) && File.Exists(LockFile(path)) && !IsFull(exception.Message))
        {
            throw new StartupException(
                $"The data directory {path} is in use by another Prompt Studio: {Holder(path)}. Stop it, or give this one a folder of its own with Database:Embedded:DataDirectory.", exception);
        }
        File.WriteAllText(HolderFile(path), string.Create(CultureInfo.InvariantCulture,
            $"process {Environment.ProcessId}, since {clock.GetLocalNow():yyyy-MM-dd HH:mm:ss}"));
        return file;
    }

    /// <summary>A file of its own: the locked one cannot be opened, not even to read it.</summary>
    private static string Holder(string path) => File.Exists(HolderFile(path)) ? File.ReadAllText(HolderFile(path)) : "a process that is just starting";

    private void Prepare()
    {
        Account.MustReach(Path);
        Make(RunFolder, Private);
        Account.Own(RunFolder);
        // Left behind by a first start that was cut off: nothing was ever stored in it.
        if (Directory.Exists(NewCluster))
            Directory.Delete(NewCluster, recursive: true);
    }
}
