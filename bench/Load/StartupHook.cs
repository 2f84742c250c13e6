using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

#pragma warning disable CA1050 // Where the runtime looks for it.
#pragma warning disable CA1812

/// <summary>Runs inside of the studio that is measured, before its own code: tells over a port what the process has allocated, what it holds, and how many circuits are open.</summary>
internal sealed class StartupHook
{
    /// <summary>The question: as it is now.</summary>
    public const byte AsItIs = (byte)'n';

    /// <summary>The question: after a full collection, with what was freed given back to the system.</summary>
    public const byte Collected = (byte)'c';

    private static int Circuits;

    public static void Initialize()
    {
        if (!int.TryParse(Environment.GetEnvironmentVariable("STUDIO_BENCH_PORT"), CultureInfo.InvariantCulture, out var port))
            return;
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument is { Meter.Name: "Microsoft.AspNetCore.Components.Server.Circuits", Name: "aspnetcore.components.circuit.active" })
                    listening.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, change, _, _) => Interlocked.Add(ref Circuits, (int)change));
        listener.Start();
        new Thread(() => Serve(port)) { IsBackground = true }.Start();
    }

    private static void Serve(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        while (true)
        {
            using var client = listener.AcceptTcpClient();
            if (client.GetStream().ReadByte() == Collected)
                Collect();
            client.GetStream().Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{GC.GetTotalAllocatedBytes()} {GC.GetTotalMemory(forceFullCollection: false)} {Volatile.Read(ref Circuits)}")));
        }
    }

    private static void Collect()
    {
        // What waits for its finalizer is free only the second time.
        for (var turn = 0; turn < 2; turn++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }
    }
}
