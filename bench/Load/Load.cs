using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace PromptStudio.Bench.Load;

/// <summary>What is to be sent.</summary>
internal sealed record LoadPlan
{
    public required int Port { get; init; }
    public required string Path { get; init; }
    public required string Key { get; init; }

    /// <summary>JSON, an object.</summary>
    public required string Variables { get; init; }

    public required bool DryRun { get; init; }
    public required int Connections { get; init; }
    public required double Seconds { get; init; }
    public int Users { get; init; } = 5_000;

    /// <summary>Requests a second; 0: as many as are answered.</summary>
    public double Rate { get; init; }

    /// <summary>Where the ids of answered executions are written, one a line, before the next request is sent; null: nowhere.</summary>
    public string? Journal { get; init; }
}

/// <summary>What came back.</summary>
internal sealed record LoadResult(long Requests, double Seconds, double P50, double P99, double P999, long Errors, double CpuSeconds)
{
    public double Rate => Requests / Seconds;
}

/// <summary>Sends requests over connections that stay open, each as soon as the one before is answered. Runs in a process of its own.</summary>
internal static class LoadGenerator
{
    public static async Task<int> RunAsync(string planFile)
    {
        var plan = JsonSerializer.Deserialize<LoadPlan>(await File.ReadAllTextAsync(planFile))!;
        var requests = Enumerable.Range(0, plan.Users).Select(user => Request(plan, user)).ToArray();
        var journal = plan.Journal is null ? null : new Journal(plan.Journal);
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        var end = Stopwatch.GetTimestamp() + (long)(plan.Seconds * Stopwatch.Frequency);
        var started = Stopwatch.GetTimestamp();
        var connections = await Task.WhenAll(Enumerable.Range(0, plan.Connections).Select(number => Task.Run(() => new Connection(plan, requests, number, journal).RunAsync(end))));
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var times = new Times();
        foreach (var connection in connections)
            times.Add(connection.Times);
        journal?.Dispose();
        Console.WriteLine(JsonSerializer.Serialize(new LoadResult(
            times.Count, seconds, times.Quantile(0.5), times.Quantile(0.99), times.Quantile(0.999), connections.Sum(connection => connection.Errors),
            (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalSeconds)));
        return 0;
    }

    private static byte[] Request(LoadPlan plan, int user)
    {
        var body = Encoding.UTF8.GetBytes($"{{\"variables\":{plan.Variables},\"user_id\":\"user-{user}\"{(plan.DryRun ? ",\"dry_run\":true" : "")}}}");
        var head = $"POST {plan.Path} HTTP/1.1\r\nHost: 127.0.0.1:{plan.Port}\r\nAuthorization: Bearer {plan.Key}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n";
        return [.. Encoding.ASCII.GetBytes(head), .. body];
    }

    private sealed class Connection(LoadPlan plan, byte[][] requests, int number, Journal? journal)
    {
        private readonly byte[] _buffer = new byte[65_536];
        private int _length;

        public Times Times { get; } = new();

        public long Errors { get; private set; }

        public async Task<Connection> RunAsync(long end)
        {
            var turn = (long)number * 7919;
            var pause = plan.Rate > 0 ? plan.Connections / plan.Rate * Stopwatch.Frequency : 0;
            var next = Stopwatch.GetTimestamp() + (pause * number / plan.Connections);
            while (Stopwatch.GetTimestamp() < end)
            {
                try
                {
                    using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                    await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, plan.Port));
                    _length = 0;
                    while (Stopwatch.GetTimestamp() < end)
                    {
                        if (pause > 0)
                        {
                            while (Stopwatch.GetTimestamp() < next)
                                await Task.Delay(1);
                            next += pause;
                        }
                        var started = Stopwatch.GetTimestamp();
                        await socket.SendAsync(requests[turn++ % requests.Length]);
                        if (await AnswerAsync(socket) is 200)
                            Times.Add(Stopwatch.GetTimestamp() - started);
                        else
                            Errors++;
                    }
                }
                catch (Exception exception) when (exception is SocketException or EndOfStreamException)
                {
                    Errors++;
                    await Task.Delay(20);
                }
            }
            return this;
        }

        /// <summary>Reads one answer.</summary>
        private async ValueTask<int> AnswerAsync(Socket socket)
        {
            while (true)
            {
                if (Complete(_buffer.AsSpan(0, _length)) is { } answer)
                {
                    if (journal is not null && answer.Status == 200)
                        journal.Add(_buffer.AsSpan(answer.Body..answer.End));
                    _buffer.AsSpan(answer.End.._length).CopyTo(_buffer);
                    _length -= answer.End;
                    return answer.Status;
                }
                var read = await socket.ReceiveAsync(_buffer.AsMemory(_length));
                if (read == 0)
                    throw new EndOfStreamException();
                _length += read;
            }
        }

        private static (int Status, int Body, int End)? Complete(ReadOnlySpan<byte> bytes)
        {
            var head = bytes.IndexOf("\r\n\r\n"u8);
            if (head < 0)
                return null;
            var status = ((bytes[9] - '0') * 100) + ((bytes[10] - '0') * 10) + bytes[11] - '0';
            var body = head + 4;
            var at = bytes[..head].IndexOf("Content-Length: "u8);
            if (at >= 0)
            {
                var digits = bytes[(at + 16)..(head + 2)];
                var end = body + int.Parse(digits[..digits.IndexOf((byte)'\r')], CultureInfo.InvariantCulture);
                return end <= bytes.Length ? (status, body, end) : null;
            }
            var last = bytes[body..].IndexOf("\r\n0\r\n\r\n"u8);
            return last < 0 ? null : (status, body, body + last + 7);
        }
    }
}

/// <summary>Times of answers, in buckets that are a hundredth wide.</summary>
internal sealed class Times
{
    private readonly long[] _buckets = new long[2_500];

    public long Count { get; private set; }

    public void Add(long ticks)
    {
        var microseconds = Math.Max(1, ticks * 1e6 / Stopwatch.Frequency);
        _buckets[Math.Min(_buckets.Length - 1, (int)(Math.Log(microseconds) * 100))]++;
        Count++;
    }

    public void Add(Times other)
    {
        for (var bucket = 0; bucket < _buckets.Length; bucket++)
            _buckets[bucket] += other._buckets[bucket];
        Count += other.Count;
    }

    /// <summary>In milliseconds.</summary>
    public double Quantile(double share)
    {
        var seen = 0L;
        for (var bucket = 0; bucket < _buckets.Length; bucket++)
        {
            seen += _buckets[bucket];
            if (seen > share * Count)
                return Math.Exp((bucket + 0.5) / 100) / 1000;
        }
        return 0;
    }
}

/// <summary>The ids of executions that were acknowledged, as the client has seen them.</summary>
internal sealed class Journal(string path) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly FileStream _file = new(path, FileMode.Append, FileAccess.Write, FileShare.Read, 1);

    public void Add(ReadOnlySpan<byte> body)
    {
        var at = body.IndexOf("\"execution_id\":\""u8) + "\"execution_id\":\"".Length;
        lock (_gate)
        {
            _file.Write([.. body.Slice(at, 36), (byte)'\n']);
        }
    }

    public void Dispose() => _file.Dispose();
}
