using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PromptStudio.Bench.Load;

/// <summary>What Linux says of processes.</summary>
internal static class Machine
{
    private const double TicksPerSecond = 100;

    /// <summary>Processor seconds that a process has used; 0: it is gone.</summary>
    public static double Cpu(int process)
    {
        try
        {
            // The name may have spaces: fields count from behind it.
            var fields = File.ReadAllText($"/proc/{process}/stat").Split(") ")[^1].Split(' ');
            return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>The same of a process and those that it has started.</summary>
    public static double CpuOfTree(int process) => Children(process).Prepend(process).Sum(Cpu);

    /// <summary>Megabytes of memory that a process holds.</summary>
    public static double Memory(int process) => File.ReadLines($"/proc/{process}/status").Where(line => line.StartsWith("VmRSS", StringComparison.Ordinal))
        .Select(line => double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024).FirstOrDefault();

    /// <summary>Files, sockets and whatever else a process has open.</summary>
    public static int Handles(int process) => Directory.EnumerateFileSystemEntries($"/proc/{process}/fd").Count();

    public static int Threads(int process) => Directory.EnumerateDirectories($"/proc/{process}/task").Count();

    public static IEnumerable<int> Children(int process)
    {
        var file = $"/proc/{process}/task/{process}/children";
        return File.Exists(file) ? File.ReadAllText(file).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => int.Parse(id, CultureInfo.InvariantCulture)) : [];
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Asks the hook in a studio.</summary>
    /// <param name="port">Where it listens.</param>
    /// <param name="isCollected">After a full collection.</param>
    public static async Task<StudioMemory> AskAsync(int port, bool isCollected = false)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        client.GetStream().WriteByte(isCollected ? StartupHook.Collected : StartupHook.AsItIs);
        using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
        var said = (await reader.ReadToEndAsync()).Split(' ');
        return new StudioMemory(long.Parse(said[0], CultureInfo.InvariantCulture), long.Parse(said[1], CultureInfo.InvariantCulture) / 1048576.0, int.Parse(said[2], CultureInfo.InvariantCulture));
    }

    public static Process Start(string[] arguments, string? log, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetTempPath() };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var process = Process.Start(start)!;
        if (log is not null)
        {
            var file = TextWriter.Synchronized(new StreamWriter(log) { AutoFlush = true });
            process.OutputDataReceived += (_, line) => file.WriteLine(line.Data);
            process.ErrorDataReceived += (_, line) => file.WriteLine(line.Data);
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
        }
        return process;
    }
}

/// <summary>What a studio says of itself.</summary>
/// <param name="Allocated">Bytes, since its start.</param>
/// <param name="Heap">Megabytes of objects, dead ones among them until they are collected.</param>
/// <param name="Circuits">Open pages, and those whose browser went away without a word and may come back.</param>
internal sealed record StudioMemory(long Allocated, double Heap, int Circuits);
