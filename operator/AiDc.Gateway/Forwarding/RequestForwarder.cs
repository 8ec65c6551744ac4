using System.Net;
using AiDc.Gateway.Attempts;
using AiDc.Gateway.Configuration;
using AiDc.Gateway.Observability;
using AiDc.Gateway.Protocol;
using AiDc.Gateway.Replicas;
using AiDc.Gateway.Routing;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Forwarder;

namespace AiDc.Gateway.Forwarding;

/// <summary>Takes a request to a replica, and to another where that is right, until there is an answer.</summary>
internal sealed class RequestForwarder(IHttpForwarder forwarder, IOptions<GatewayOptions> options, GatewayMetrics metrics, TimeProvider clock)
{
    /// <summary>A stream on which nothing at all moves for so long is ended. Deadlines of requests are shorter, and the exchange's own.</summary>
    private static readonly TimeSpan IdleFor = TimeSpan.FromMinutes(10);

    private static readonly ForwarderRequestConfig Http = new()
    {
        ActivityTimeout = IdleFor, Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    private static readonly ForwarderRequestConfig Grpc = new()
    {
        ActivityTimeout = IdleFor, Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    private readonly TimeSpan holdFor = TimeSpan.FromSeconds(options.Value.HoldSeconds);

    public async Task ForwardAsync(Exchange exchange)
    {
        exchange.Service.Budget.Earn();
        while (true)
        {
            using var attempt = new Attempt(exchange, metrics, clock);
            var taken = await TakeAsync(exchange, attempt);
            if (taken.Replica is not { } replica)
            {
                await RefuseAsync(exchange, taken.Why);
                return;
            }
            var end = await SendAsync(exchange, attempt, replica);
            var verdict = RetryPolicy.Decide(exchange.Facts(end));
            if (verdict == RetryVerdict.AgainPaid && !exchange.Service.Budget.Spend()) verdict = RetryVerdict.GiveUp;
            attempt.Account(end, verdict);
            // Only now: who waits must not be given a replica that has just been found wanting.
            exchange.Service.Dispatcher.Return(replica, attempt);
            if (verdict == RetryVerdict.AgainPaid) exchange.RetriesPaid++;
            else if (verdict == RetryVerdict.GiveUp) await GiveUpAsync(exchange, end);
            if (verdict is RetryVerdict.Done or RetryVerdict.GiveUp) return;
        }
    }

    private async ValueTask<Taken> TakeAsync(Exchange exchange, Attempt attempt)
    {
        var dispatcher = exchange.Service.Dispatcher;
        if (exchange.Attempts == 0 && dispatcher.TryTake(attempt) is { } free) return new(free, TakenKind.Replica, false);
        var start = clock.GetTimestamp();
        var held = false;
        var taken = await dispatcher.TakeAsync(attempt, exchange.Attempts > 0, Limit, exchange.Context.RequestAborted);
        exchange.Waited += clock.GetElapsedTime(start);
        if (held && taken.Replica is not null) exchange.RestartTimeout();
        return taken;

        TimeSpan Limit(bool busy)
        {
            held = !busy;
            var limit = busy ? exchange.TimeLeft : exchange.HoldFor(holdFor);
            return limit > TimeSpan.Zero ? limit : TimeSpan.Zero;
        }
    }

    private async ValueTask<AttemptEnd> SendAsync(Exchange exchange, Attempt attempt, Replica replica)
    {
        var cancelled = attempt.Begin(replica);
        var transport = replica.Transport;
        try
        {
            var error = exchange.IsGrpc
                ? await forwarder.SendAsync(exchange.Context, transport.GrpcPrefix, transport.Grpc, Grpc, attempt, cancelled)
                : await forwarder.SendAsync(exchange.Context, transport.HttpPrefix, transport.Http, Http, attempt, cancelled);
            return attempt.End(error);
        }
        catch (Exception e) when (e is ObjectDisposedException or InvalidOperationException or IOException or OperationCanceledException)
        {
            // The replica's pod went while its connection was being asked for, or the client did while the answer was being ended.
            return attempt.End(ForwarderError.Request);
        }
    }

    private Task RefuseAsync(Exchange exchange, TakenKind why)
    {
        metrics.Refused(why is TakenKind.NoReplica or TakenKind.NoReplicaFull ? "no-replica" : "busy");
        var notProcessed = exchange.RetriesPaid == 0;
        var name = exchange.Config.Name;
        return why switch
        {
            TakenKind.BusyFull => Answers.WriteAsync(exchange.Context, StatusCodes.Status429TooManyRequests,
                $"all replicas of {name} are busy and as many requests wait as may: try again later", notProcessed, TimeSpan.FromSeconds(1)),
            TakenKind.Busy => Answers.WriteAsync(exchange.Context, StatusCodes.Status504GatewayTimeout,
                $"all replicas of {name} were busy for as long as this request could wait", notProcessed),
            TakenKind.NoReplicaFull => Answers.WriteAsync(exchange.Context, StatusCodes.Status503ServiceUnavailable,
                $"{name} has no replica yet and as many requests wait as may: try again later", notProcessed, TimeSpan.FromSeconds(1)),
            _ => Answers.WriteAsync(exchange.Context, StatusCodes.Status503ServiceUnavailable,
                $"{name} has no replica that answers, and none came for as long as this request could wait{Trouble(exchange)}", notProcessed, TimeSpan.FromSeconds(1)),
        };
    }

    private Task GiveUpAsync(Exchange exchange, AttemptEnd end)
    {
        metrics.Refused("failed");
        var name = exchange.Config.Name;
        return end switch
        {
            AttemptEnd.SlowBody => Answers.WriteAsync(exchange.Context, StatusCodes.Status408RequestTimeout,
                "the request's body did not come in time", notProcessed: false),
            AttemptEnd.TimedOut or AttemptEnd.OutOfPatience => Answers.WriteAsync(exchange.Context, StatusCodes.Status504GatewayTimeout,
                $"{name} did not answer in time", notProcessed: false),
            AttemptEnd.Full => Answers.WriteAsync(exchange.Context, StatusCodes.Status429TooManyRequests,
                $"a replica of {name} is busy, and this request's body is too long to be sent to another", true, TimeSpan.FromSeconds(1)),
            AttemptEnd.Draining or AttemptEnd.NotConnected => Answers.WriteAsync(exchange.Context, StatusCodes.Status503ServiceUnavailable,
                $"a replica of {name} is not there any more, and this request's body is too long to be sent to another", true, TimeSpan.FromSeconds(1)),
            _ => Answers.WriteAsync(exchange.Context, StatusCodes.Status502BadGateway,
                $"a replica of {name} broke off, and this request may not be sent to another", notProcessed: false),
        };
    }

    /// <summary>What the operator says of a service whose replicas do not come.</summary>
    private static string Trouble(Exchange exchange) => exchange.Service.Config?.Trouble is { } trouble ? $": {trouble}" : "";
}
