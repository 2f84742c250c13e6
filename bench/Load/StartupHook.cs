using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

#pragma warning disable CA1050 // Where the runtime looks for it.
#pragma warning disable CA1812

/// <summary>Runs inside of the studio that is measured, before its own code: tells over a port what the process has allocated.</summary>
internal sealed class StartupHook
{
    public static void Initialize()
    {
        if (!int.TryParse(Environment.GetEnvironmentVariable("STUDIO_BENCH_PORT"), CultureInfo.InvariantCulture, out var port))
            return;
        new Thread(() => Serve(port)) { IsBackground = true }.Start();
    }

    private static void Serve(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        while (true)
        {
            using var client = listener.AcceptTcpClient();
            client.GetStream().Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{GC.GetTotalAllocatedBytes()} {GC.CollectionCount(0)} {GC.CollectionCount(2)}")));
        }
    }
}
