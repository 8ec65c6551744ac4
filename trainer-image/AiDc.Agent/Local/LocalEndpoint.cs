using System.Net.Sockets;
using System.Text.Json;

namespace AiDc.Agent.Local;

/// <summary>The socket in the pod by which programs talk to their agent.</summary>
internal sealed class LocalEndpoint : IAsyncDisposable
{
    public const int LongestLine = 16 * 1024;
    public const int MostMetrics = 64;

    private const int MostConnections = 256;

    private readonly Func<LocalReport, LocalAnswer> answer;
    private readonly Socket listener;
    private readonly CancellationTokenSource stopping = new();
    private readonly Task accepting;
    private int connections;

    private LocalEndpoint(string path, Socket listener, Func<LocalReport, LocalAnswer> answer)
    {
        (Path, this.listener, this.answer) = (path, listener, answer);
        accepting = AcceptAsync();
    }

    /// <summary>The socket's file.</summary>
    public string Path { get; }

    /// <param name="path">Its file, which is replaced if a process before left one.</param>
    /// <param name="answer">Called on threads of the pool.</param>
    /// <exception cref="SocketException">The folder is missing or cannot be written.</exception>
    public static LocalEndpoint Open(string path, Func<LocalReport, LocalAnswer> answer)
    {
        File.Delete(path);
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            listener.Bind(new UnixDomainSocketEndPoint(path));
            listener.Listen(MostConnections);
            return new(path, listener, answer);
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        listener.Dispose();
        await accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        File.Delete(Path);
    }

    private async Task AcceptAsync()
    {
        while (!stopping.IsCancellationRequested)
        {
            var socket = await listener.AcceptAsync(stopping.Token);
            if (Interlocked.Increment(ref connections) > MostConnections)
            {
                Interlocked.Decrement(ref connections);
                socket.Dispose();
                continue;
            }

            _ = ServeAsync(socket);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            using (socket)
                await ServeAsync(socket, new byte[LongestLine], stopping.Token);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The program has ended, or the agent does.
        }
        finally
        {
            Interlocked.Decrement(ref connections);
        }
    }

    private async Task ServeAsync(Socket socket, byte[] buffer, CancellationToken ct)
    {
        var filled = 0;
        while (true)
        {
            var end = buffer.AsSpan(0, filled).IndexOf((byte)'\n');
            if (end >= 0)
            {
                byte[] said = [.. JsonSerializer.SerializeToUtf8Bytes(Answer(buffer.AsSpan(0, end)), LocalJson.Default.LocalAnswer), (byte)'\n'];
                buffer.AsSpan(end + 1, filled - end - 1).CopyTo(buffer);
                filled -= end + 1;
                for (var sent = 0; sent < said.Length;)
                    sent += await socket.SendAsync(said.AsMemory(sent), ct);
                continue;
            }

            // Longer than a line may be: whoever says it cannot be understood any more.
            if (filled == buffer.Length)
                return;
            var read = await socket.ReceiveAsync(buffer.AsMemory(filled), ct);
            if (read == 0)
                return;
            filled += read;
        }
    }

    private LocalAnswer Answer(ReadOnlySpan<byte> line)
    {
        try
        {
            var report = JsonSerializer.Deserialize(line, LocalJson.Default.LocalReport) ?? throw new JsonException("null is no report");
            return report.Metrics?.Count > MostMetrics
                ? answer(report with { Metrics = null }) with { Error = $"metrics: {report.Metrics.Count} of them; at most {MostMetrics} are taken" }
                : answer(report);
        }
        catch (JsonException e)
        {
            return answer(new()) with { Error = $"this is no report: {e.Message}" };
        }
    }
}
