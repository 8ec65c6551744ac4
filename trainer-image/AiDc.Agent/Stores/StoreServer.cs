using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace AiDc.Agent.Stores;

/// <summary>
/// A TCPStore for torch's processes, in the agent: no rank that dies takes it along. One for each generation. Like torch's own it asks
/// nobody who he is; the gang's network is its fence.
/// </summary>
internal sealed class StoreServer : IAsyncDisposable
{
    private const int Backlog = 1024;
    private const int MostClients = 16 * 1024;
    private const long MostUnsent = 64 * 1024 * 1024;
    private const int LongestRequest = 64 * 1024 * 1024;

    private readonly StoreTable table = new();
    private readonly Lock gate = new();
    private readonly Socket listener;
    private readonly CancellationTokenSource stopping = new();
    private readonly HashSet<Client> clients = [];
    private readonly Action<string> note;
    private readonly Task accepting;

    private StoreServer(Socket listener, Action<string> note)
    {
        (this.listener, this.note) = (listener, note);
        accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndPoint!).Port;

    /// <summary>Listens on a free port of all addresses.</summary>
    /// <param name="note">Takes a line for the log when a client is sent away.</param>
    /// <exception cref="SocketException">There is no free port.</exception>
    public static StoreServer Open(Action<string> note)
    {
        var ipv6 = Socket.OSSupportsIPv6;
        var listener = new Socket(ipv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (ipv6)
                listener.DualMode = true;
            listener.Bind(new IPEndPoint(ipv6 ? IPAddress.IPv6Any : IPAddress.Any, 0));
            listener.Listen(Backlog);
            return new(listener, note);
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    /// <summary>Sets a key that nobody has set.</summary>
    public bool TryClaim(string key, byte[] value)
    {
        lock (gate)
            return table.TryClaim(key, value);
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        listener.Dispose();
        await accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Client[] left;
        lock (gate)
            left = [.. clients];
        foreach (var client in left)
            client.Close();
    }

    private async Task AcceptAsync()
    {
        while (!stopping.IsCancellationRequested)
        {
            Socket socket;
            try
            {
                socket = await listener.AcceptAsync(stopping.Token);
            }
            catch (SocketException) when (!stopping.IsCancellationRequested)
            {
                continue; // That one was gone before it was accepted.
            }

            var client = new Client(this, socket);
            lock (gate)
            {
                if (clients.Count >= MostClients)
                {
                    client.Close();
                    continue;
                }

                clients.Add(client);
            }

            _ = client.RunAsync(stopping.Token);
        }
    }

    /// <summary>One connection.</summary>
    private sealed class Client(StoreServer server, Socket socket) : IStoreClient
    {
        private readonly Channel<byte[]> answers = Channel.CreateUnbounded<byte[]>(new() { SingleReader = true });
        private long unsent;

        public void Answer(byte[] bytes)
        {
            // Who asks and does not listen is sent away.
            if (Interlocked.Add(ref unsent, bytes.Length) > MostUnsent)
                Close();
            else
                answers.Writer.TryWrite(bytes);
        }

        public void Close() => socket.Dispose();

        public async Task RunAsync(CancellationToken ct)
        {
            try
            {
                socket.NoDelay = true;
                var sending = SendAsync(ct);
                await ReceiveAsync(ct);
                answers.Writer.TryComplete();
                await sending;
            }
            catch (StoreProtocolException e)
            {
                server.note($"the store sent a client away: {e.Message}");
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                // It is gone, as clients are when they end.
            }
            finally
            {
                answers.Writer.TryComplete();
                Close();
                lock (server.gate)
                {
                    server.table.Forget(this);
                    server.clients.Remove(this);
                }
            }
        }

        private async Task ReceiveAsync(CancellationToken ct)
        {
            var parser = new StoreParser();
            var buffer = new byte[4096];
            var filled = 0;
            while (true)
            {
                var read = await socket.ReceiveAsync(buffer.AsMemory(filled), ct);
                if (read == 0)
                    return;
                filled += read;
                var used = Consume(parser, buffer.AsSpan(0, filled));
                buffer.AsSpan(used, filled - used).CopyTo(buffer);
                filled -= used;
                if (filled >= LongestRequest)
                    throw new StoreProtocolException($"a request of more than {LongestRequest / (1024 * 1024)} MiB");
                if (filled == buffer.Length)
                    Array.Resize(ref buffer, buffer.Length * 2);
                else if (filled == 0 && buffer.Length > 64 * 1024)
                    buffer = new byte[4096];
            }
        }

        private int Consume(StoreParser parser, ReadOnlySpan<byte> sent)
        {
            var used = 0;
            while (parser.Read(sent[used..], out var consumed) is { } request)
            {
                used += consumed;
                lock (server.gate)
                    server.table.Execute(this, request);
            }

            return used;
        }

        private async Task SendAsync(CancellationToken ct)
        {
            try
            {
                await foreach (var answer in answers.Reader.ReadAllAsync(ct))
                {
                    for (var sent = 0; sent < answer.Length;)
                        sent += await socket.SendAsync(answer.AsMemory(sent), ct);
                    Interlocked.Add(ref unsent, -answer.Length);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                Close(); // The half that receives ends with it.
            }
        }
    }
}
