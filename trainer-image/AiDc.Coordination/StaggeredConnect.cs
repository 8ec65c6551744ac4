using System.Net.Sockets;

namespace AiDc.Coordination;

/// <summary>
/// Connects by several attempts, each begun a little after the one before, of which the first to succeed is taken (as RFC 8305 does with
/// several addresses). A Service's address leads each attempt to a replica of chance, and for most of a minute also to one whose node went
/// dark: one attempt alone would wait for it in vain half of the time.
/// </summary>
internal sealed class StaggeredConnect(TimeProvider clock)
{
    private const int MostAttempts = 6;
    private static readonly TimeSpan Stagger = TimeSpan.FromMilliseconds(150);

    /// <exception cref="SocketException">All attempts were refused.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        using var decided = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var attempts = new List<Task<Socket>>();
        try
        {
            for (var begun = 1; ; begun++)
            {
                if (begun <= MostAttempts)
                    attempts.Add(DialAsync(context.DnsEndPoint, decided.Token));
                var pause = Task.Delay(begun < MostAttempts ? Stagger : Timeout.InfiniteTimeSpan, clock, decided.Token);
                if (await FirstAsync(attempts, pause, last: begun >= MostAttempts) is { } socket)
                    return new NetworkStream(socket, ownsSocket: true);
            }
        }
        finally
        {
            await decided.CancelAsync();
            foreach (var late in attempts)
                _ = late.ContinueWith(static t => t.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
        }
    }

    /// <returns>The first that connects, which is taken out of the attempts; null once the pause is over.</returns>
    private static async Task<Socket?> FirstAsync(List<Task<Socket>> attempts, Task pause, bool last)
    {
        while (true)
        {
            var done = await Task.WhenAny([.. attempts, pause]);
            if (done == pause)
            {
                await pause;
                return null;
            }

            var attempt = (Task<Socket>)done;
            attempts.Remove(attempt);
            if (attempt.IsCompletedSuccessfully || (last && attempts.Count == 0))
                return await attempt;
        }
    }

    private static async Task<Socket> DialAsync(System.Net.DnsEndPoint to, CancellationToken ct)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(to, ct);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
