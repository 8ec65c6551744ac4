using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace AiDc.Benchmarks.Serving;

/// <summary>Sends requests over connections that stay open.</summary>
/// <param name="requests">Sent in turn, head and body.</param>
internal sealed class HttpLoad(IPEndPoint server, IReadOnlyList<byte[]> requests)
{
    /// <summary>Open loop: requests are sent when they are due, whatever has become of those before. One that finds all connections busy waits, and that counts.</summary>
    /// <param name="rate">Requests a second.</param>
    public LoadResult Run(double rate, TimeSpan duration, int connections, CancellationToken ct) =>
        Run(rate, duration, connections, TimeSpan.FromMinutes(1), CancellationToken.None, ct);

    /// <summary>The same, and it may end early.</summary>
    /// <param name="rate">Requests a second.</param>
    /// <param name="duration">The longest.</param>
    /// <param name="patience">How long a request may take, the connecting included, until it has failed.</param>
    /// <param name="end">Ends it before its time, what is under way is waited for.</param>
    public LoadResult Run(double rate, TimeSpan duration, int connections, TimeSpan patience, CancellationToken end, CancellationToken ct)
    {
        var count = (int)(rate * duration.TotalSeconds);
        var latencies = new Latencies(count);
        using var open = new Connections(server, connections, latencies, patience, ct);
        var interval = Stopwatch.Frequency / rate;
        var late = 0;
        var start = Stopwatch.GetTimestamp() + (Stopwatch.Frequency / 100);
        for (var i = 0; i < count && !ct.IsCancellationRequested && !end.IsCancellationRequested; i++)
        {
            var due = start + (long)(i * interval);
            PreciseWait.Until(due);
            if (Stopwatch.GetElapsedTime(due) > TimeSpan.FromMilliseconds(1)) late++;
            open.Send(due, requests[i % requests.Count]);
        }

        for (var unanswered = open.WaitForAll(); unanswered > 0; unanswered--) latencies.Fail("not answered when all others were");
        ct.ThrowIfCancellationRequested();
        return new(latencies, Stopwatch.GetElapsedTime(start).TotalSeconds, late);
    }

    /// <summary>Closed loop: each connection sends its next request as soon as it has the answer. How much a server can do; its latencies say little.</summary>
    public async Task<LoadResult> SaturateAsync(TimeSpan duration, int connections, CancellationToken ct)
    {
        var latencies = new Latencies(4_000_000);
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, connections).Select(i => Task.Run(() => LoopAsync(i, start, duration, latencies, ct), ct)));
        return new(latencies, Stopwatch.GetElapsedTime(start).TotalSeconds, 0);
    }

    private async Task LoopAsync(int first, long start, TimeSpan duration, Latencies latencies, CancellationToken ct)
    {
        using var connection = new HttpConnection(server);
        for (var i = first; Stopwatch.GetElapsedTime(start) < duration && !ct.IsCancellationRequested; i++)
        {
            var sent = Stopwatch.GetTimestamp();
            await connection.SendAsync(requests[i % requests.Count], ct).ConfigureAwait(false);
            var (status, body) = await connection.ReceiveAsync(ct).ConfigureAwait(false);
            Note(latencies, status, body, sent);
        }
    }

    private static void Note(Latencies latencies, int status, ReadOnlyMemory<byte> body, long since)
    {
        if (status == 200) latencies.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
        else latencies.Fail($"{status} {Encoding.UTF8.GetString(body.Span[..Math.Min(300, body.Length)])}");
    }

    /// <summary>Connections of which each has one request under way at most, and the requests that wait for one.</summary>
    private sealed class Connections : IDisposable
    {
        private readonly Latencies _latencies;
        private readonly TimeSpan _patience;
        private readonly CancellationToken _ct;

        // In turn, so that all of them are used, and with them all gateways.
        private readonly ConcurrentQueue<HttpConnection> _free = [];
        private readonly Queue<(long Due, byte[] Request)> _waiting = new();
        private readonly Lock _lock = new();
        private int _underWay;

        public Connections(IPEndPoint server, int count, Latencies latencies, TimeSpan patience, CancellationToken ct)
        {
            (_latencies, _patience, _ct) = (latencies, patience, ct);
            for (var i = 0; i < count; i++) _free.Enqueue(new(server));
        }

        public void Send(long due, byte[] request)
        {
            Interlocked.Increment(ref _underWay);
            HttpConnection? connection;
            lock (_lock)
            {
                if (!_free.TryDequeue(out connection))
                {
                    _waiting.Enqueue((due, request));
                    return;
                }
            }

            _ = AnswerAsync(connection, due, request);
        }

        /// <summary>Waits for a minute at most.</summary>
        /// <returns>Requests of which nothing is known then.</returns>
        public int WaitForAll()
        {
            SpinWait.SpinUntil(
                () =>
                {
                    Thread.Sleep(1);
                    return Volatile.Read(ref _underWay) == 0 || _ct.IsCancellationRequested;
                },
                TimeSpan.FromMinutes(1));
            return Volatile.Read(ref _underWay);
        }

        public void Dispose()
        {
            foreach (var connection in _free) connection.Dispose();
        }

        private async Task AnswerAsync(HttpConnection connection, long due, byte[] request)
        {
            while (true)
            {
                await AnswerOneAsync(connection, due, request).ConfigureAwait(false);

                Interlocked.Decrement(ref _underWay);
                lock (_lock)
                {
                    if (!_waiting.TryDequeue(out var next))
                    {
                        _free.Enqueue(connection);
                        return;
                    }

                    (due, request) = next;
                }
            }
        }

        private async Task AnswerOneAsync(HttpConnection connection, long due, byte[] request)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(_ct);
            patience.CancelAfter(_patience);
            try
            {
                await connection.SendAsync(request, patience.Token).ConfigureAwait(false);
                var (status, body) = await connection.ReceiveAsync(patience.Token).ConfigureAwait(false);
                Note(_latencies, status, body, due);
            }
            catch (Exception error) when (error is IOException or SocketException or InvalidDataException)
            {
                _latencies.Fail(error.Message);
                connection.Close();
            }
            catch (OperationCanceledException)
            {
                _latencies.Fail($"no answer within {_patience.TotalSeconds} s");
                connection.Close();
            }
        }
    }
}
