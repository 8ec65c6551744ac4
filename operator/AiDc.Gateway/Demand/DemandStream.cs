using System.Security.Cryptography;
using AiDc.Serving.V1;
using Grpc.Core;
using Grpc.Net.Client;

namespace AiDc.Gateway.Demand;

/// <summary>One stream after another to replicas of the operator; remembers the newest leadership it has seen across them.</summary>
/// <param name="instance">Unique to this process.</param>
/// <param name="load">What there is to tell now.</param>
internal sealed class DemandStream(string instance, string caFile, string tokenFile, Func<Load> load, DemandWake wake, TimeProvider clock)
{
    public const uint ProtocolVersion = 1;

    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Slowest = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Fastest = TimeSpan.FromMilliseconds(100);

    /// <summary>Between two reports, however much there is to tell: a thousand requests at zero are one piece of news and not a thousand.</summary>
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(50);

    private long transitions;

    /// <summary>Dials, says hello, and reports until the stream ends. Never throws.</summary>
    public async Task<SessionEnd> RunAsync(Uri address, Action welcomed, CancellationToken ct)
    {
        var welcome = false;
        try
        {
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(ct);
            using var channel = GrpcChannel.ForAddress(OperatorTransport.Named(address), new GrpcChannelOptions
            {
                HttpHandler = OperatorTransport.Handler(address, caFile, clock), DisposeHttpClient = true, MaxReceiveMessageSize = 64 * 1024,
            });
            var token = (await File.ReadAllTextAsync(tokenFile, ct)).Trim();
            using var call = new AiDc.Serving.V1.Demand.DemandClient(channel).Session(
                new Metadata { { "authorization", $"Bearer {token}" } }, cancellationToken: ended.Token);
            var first = await HelloAsync(call, ended);
            if (Turned(first) is { } end) return end;
            welcome = true;
            welcomed();
            await ReportAsync(call, first.Welcome, ended);
            return new SessionEnd.Lost("it closed the stream", welcome);
        }
        catch (Exception e) when (e is RpcException or IOException or OperationCanceledException or UnauthorizedAccessException
            or InvalidOperationException or HttpRequestException or CryptographicException)
        {
            return new SessionEnd.Lost(e is RpcException rpc ? rpc.Status.Detail : e.Message, welcome);
        }
    }

    private async Task<OperatorMessage> HelloAsync(AsyncDuplexStreamingCall<GatewayMessage, OperatorMessage> call, CancellationTokenSource ended)
    {
        using var late = clock.CreateTimer(_ => ended.Cancel(), null, AnswerWithin, Timeout.InfiniteTimeSpan);
        await call.RequestStream.WriteAsync(new GatewayMessage { Hello = new Hello { ProtocolVersion = ProtocolVersion, Instance = instance } }, ended.Token);
        return await call.ResponseStream.MoveNext(ended.Token) ? call.ResponseStream.Current : throw new IOException("it closed the stream without an answer");
    }

    /// <summary>Null if the replica is the leader and listens.</summary>
    private SessionEnd? Turned(OperatorMessage first)
    {
        switch (first.BodyCase)
        {
            case OperatorMessage.BodyOneofCase.Welcome when first.LeaseTransitions < transitions:
                return new SessionEnd.Lost("it was the leader once and does not know that it is not any more", false);
            case OperatorMessage.BodyOneofCase.Welcome:
                transitions = first.LeaseTransitions;
                return null;
            case OperatorMessage.BodyOneofCase.Redirect:
                return new SessionEnd.Redirected(Uri.TryCreate(first.Redirect.Address, UriKind.Absolute, out var leader) && leader.Scheme == Uri.UriSchemeHttps ? leader : null);
            case OperatorMessage.BodyOneofCase.Refused when first.Refused.Permanent:
                return new SessionEnd.Refused(first.Refused.Reason);
            case OperatorMessage.BodyOneofCase.Refused:
                return new SessionEnd.Lost(first.Refused.Reason, false);
            default:
                return new SessionEnd.Lost("it answered something that is no answer to hello", false);
        }
    }

    private async Task ReportAsync(AsyncDuplexStreamingCall<GatewayMessage, OperatorMessage> call, Welcome welcome, CancellationTokenSource ended)
    {
        var (interval, reports) = (Interval(welcome), new LoadReports(welcome.Changes));
        var lookout = new Lookout(wake, clock);
        var listening = ListenAsync(call, lookout, ended);
        try
        {
            while (true)
            {
                while (lookout.TryTake(out var seen)) await call.RequestStream.WriteAsync(new GatewayMessage { Seen = seen }, ended.Token);
                foreach (var part in reports.Next(load())) await call.RequestStream.WriteAsync(new GatewayMessage { Load = part }, ended.Token);
                await Task.Delay(Breath, clock, ended.Token);
                await wake.WaitAsync(interval - Breath, clock, ended.Token);
            }
        }
        catch (OperationCanceledException) when (listening.IsCompleted)
        {
            await listening; // It says why the stream ended.
        }
        finally
        {
            await ended.CancelAsync();
            await listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>A gateway that is welcome is asked to look at something, now and then. The end of this half ends the other.</summary>
    private static async Task ListenAsync(AsyncDuplexStreamingCall<GatewayMessage, OperatorMessage> call, Lookout lookout, CancellationTokenSource ended)
    {
        try
        {
            while (await call.ResponseStream.MoveNext(ended.Token))
            {
                if (call.ResponseStream.Current.Look is { } look) lookout.Look(look.Address, ended.Token);
            }
        }
        finally
        {
            await ended.CancelAsync();
        }
    }

    private static TimeSpan Interval(Welcome welcome)
    {
        var asked = TimeSpan.FromMilliseconds(welcome.ReportIntervalMs);
        return asked < Fastest ? Fastest : asked > Slowest ? Slowest : asked;
    }
}
