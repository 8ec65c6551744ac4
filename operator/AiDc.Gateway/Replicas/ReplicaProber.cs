using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace AiDc.Gateway.Replicas;

/// <summary>
/// Asks one replica once a second whether it is ready, by a new connection each time: the kernel of a live node answers a SYN however busy
/// the process is, so silence there tells a dead node from a busy server.
/// </summary>
internal sealed class ReplicaProber : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>While it is out, or starts: requests may be waiting for it.</summary>
    private static readonly TimeSpan FastInterval = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(1);

    private readonly Channel<bool> wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource stopping = new();
    private readonly HttpMessageInvoker http;
    private readonly TimeProvider clock;

    /// <param name="report">Takes what each probe found; says whether the replica is in.</param>
    /// <param name="random">Uniform in [0, 1): replicas are not probed in step.</param>
    public ReplicaProber(Func<ReplicaAddress> address, Func<ProbeOutcome, bool> report, TimeProvider clock, Func<double> random)
    {
        this.clock = clock;
        http = new(new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
            PooledConnectionLifetime = TimeSpan.Zero,
            ConnectCallback = (context, ct) => ReplicaTransport.ConnectAsync(context.DnsEndPoint, clock, ct),
        });
        _ = Task.Run(() => RunAsync(address, report, random));
    }

    /// <summary>Probe now.</summary>
    public void Kick() => wake.Writer.TryWrite(true);

    public void Dispose()
    {
        stopping.Cancel();
        http.Dispose();
    }

    private async Task RunAsync(Func<ReplicaAddress> address, Func<ProbeOutcome, bool> report, Func<double> random)
    {
        var ct = stopping.Token;
        while (!ct.IsCancellationRequested)
        {
            var outcome = await ProbeAsync(address(), ct);
            if (ct.IsCancellationRequested) return;
            var interval = report(outcome) ? Interval * (0.9 + (random() * 0.2)) : FastInterval;
            using var pause = CancellationTokenSource.CreateLinkedTokenSource(ct);
            await Task.WhenAny(Task.Delay(interval, clock, pause.Token), wake.Reader.WaitToReadAsync(pause.Token).AsTask());
            await pause.CancelAsync();
            wake.Reader.TryRead(out _);
        }
    }

    private async Task<ProbeOutcome> ProbeAsync(ReplicaAddress replica, CancellationToken ct)
    {
        using var late = new CancellationTokenSource(ReplicaTransport.ConnectWithin + AnswerWithin, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, late.Token);
        try
        {
            if (replica.ProbePath is not { } path)
            {
                await using var connection = await ReplicaTransport.ConnectAsync(new DnsEndPoint(replica.Host.Trim('[', ']'), replica.HttpPort), clock, either.Token);
                return ProbeOutcome.Good;
            }
            using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{replica.Host}:{replica.HttpPort}{path}");
            using var response = await http.SendAsync(request, either.Token);
            return (int)response.StatusCode is >= 200 and < 400 ? ProbeOutcome.Good : ProbeOutcome.NotReady;
        }
        catch (OperationCanceledException)
        {
            return ProbeOutcome.Slow;
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or IOException or ObjectDisposedException)
        {
            return ProbeOutcome.Unreachable;
        }
        catch (UriFormatException)
        {
            return ProbeOutcome.NotReady;
        }
    }
}
