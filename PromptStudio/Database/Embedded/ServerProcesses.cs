using System.ComponentModel;
using System.Diagnostics;

namespace PromptStudio.Database.Embedded;

/// <summary>The processes of a server. Each of them works in its cluster's folder, which tells them from strangers whatever the clock says.</summary>
internal static class ServerProcesses
{
    /// <summary>Whether a process is alive and works on a cluster.</summary>
    public static bool WorksOn(int id, string cluster)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return !process.HasExited && process.ProcessName.StartsWith("postgres", StringComparison.Ordinal)
                && (!OperatingSystem.IsLinux() || Folder(id) == cluster);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or Win32Exception)
        {
            // Gone by now.
            return false;
        }
    }

    /// <summary>Ends what outlived a killed server: a busy backend goes on until it has finished, and keeps the next server from starting.</summary>
    public static void EndLeftovers(string cluster)
    {
        if (!OperatingSystem.IsLinux())
            return;
        // Not by name: a backend's is its whole title, "postgres: studio …".
        foreach (var process in Process.GetProcesses())
        {
            using (process)
            {
                if (!WorksOn(process.Id, cluster))
                    continue;
                process.Kill();
                process.WaitForExit(TimeSpan.FromSeconds(5));
            }
        }
    }

    private static string? Folder(int id)
    {
        try
        {
            return new FileInfo($"/proc/{id}/cwd").ResolveLinkTarget(returnFinalTarget: false)?.FullName;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Another user's process, or one that has just ended.
            return null;
        }
    }
}
