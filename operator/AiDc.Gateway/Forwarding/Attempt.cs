using System.Globalization;
using AiDc.Gateway.Attempts;
using AiDc.Gateway.Observability;
using AiDc.Gateway.Protocol;
using AiDc.Gateway.Replicas;
using AiDc.Gateway.Routing;
using Yarp.ReverseProxy.Forwarder;

namespace AiDc.Gateway.Forwarding;

/// <summary>
/// One sending of a request to a replica: what of it goes there and what comes back, how it ended, and what follows from that for the counters of
/// the revision and for the health of the replica.
/// </summary>
internal sealed class Attempt(Exchange exchange, GatewayMetrics metrics, TimeProvider clock) : HttpTransformer, IInFlight, IDisposable
{
    private readonly Lock gate = new();
    private AttemptState state = AttemptState.Over;
    private CancellationTokenSource? sending;
    private AttemptEnd? refusal;
    private long started;
    private bool complete, isError;

    public Replica? Replica { get; private set; }

    private Dispatcher Dispatcher => exchange.Service.Dispatcher;

    /// <returns>Ends the attempt.</returns>
    public CancellationToken Begin(Replica replica)
    {
        var isFirst = exchange.Attempts == 0;
        exchange.Begin(this);
        exchange.Context.Features.Set<IForwarderErrorFeature>(null);
        (Replica, started) = (replica, clock.GetTimestamp());
        if (isFirst) Dispatcher.Began(replica.Address.Revision);
        exchange.Trace.BeginAttempt(exchange.Config.Name, replica.Address);
        lock (gate)
        {
            state = AttemptState.Waiting;
            sending = new(exchange.TimeLeft > TimeSpan.Zero ? exchange.TimeLeft : TimeSpan.Zero, clock);
            return sending.Token;
        }
    }

    public AttemptEnd End(ForwarderError error)
    {
        bool timedOut;
        AttemptState last;
        lock (gate)
        {
            (last, state) = (state, AttemptState.Over);
            timedOut = sending!.IsCancellationRequested;
            sending.Dispose();
            sending = null;
        }
        var context = exchange.Context;
        var end = refusal ?? AttemptEndPolicy.Of(new(
            error, IsNotConnected(context.Features.Get<IForwarderErrorFeature>()?.Exception), complete, context.RequestAborted.IsCancellationRequested,
            context.Response.HasStarted, last, timedOut) { IsImpatient = exchange.IsImpatient, AwaitsBody = exchange.Body?.IsAwaited == true });
        exchange.Ended(end);
        exchange.Trace.EndAttempt(end);
        return end;
    }

    /// <summary>Enters the attempt into the counters of its revision, and what it says about its replica. Before the replica is given back.</summary>
    public void Account(AttemptEnd end, RetryVerdict verdict)
    {
        var (replica, seconds) = (Replica!, clock.GetElapsedTime(started).TotalSeconds);
        var revision = replica.Address.Revision;
        Judge(replica, end);
        switch (end)
        {
            case AttemptEnd.Answered:
                Dispatcher.Completed(revision, seconds, isError);
                break;
            case AttemptEnd.ClientLeft or AttemptEnd.OutOfPatience:
                Dispatcher.Left(revision, seconds);
                break;
            case AttemptEnd.BrokenAnswer:
                Dispatcher.Completed(revision, seconds, error: true);
                break;
            case AttemptEnd.ClientFault or AttemptEnd.SlowBody:
                break; // It says nothing about anybody else.
            default:
                if (verdict is RetryVerdict.Again or RetryVerdict.AgainPaid) metrics.Retried(end);
                if (verdict == RetryVerdict.GiveUp) Dispatcher.Completed(revision, seconds, error: true);
                else if (end is not (AttemptEnd.Draining or AttemptEnd.Full)) Dispatcher.Retried(revision);
                break;
        }
    }

    public void Abandon()
    {
        lock (gate)
        {
            if (state != AttemptState.Waiting || RetryPolicy.Decide(exchange.Facts(AttemptEnd.Abandoned)) != RetryVerdict.AgainPaid) return;
            state = AttemptState.Abandoned;
            _ = sending!.CancelAsync();
        }
    }

    public void Break()
    {
        lock (gate)
        {
            if (state is AttemptState.Over or AttemptState.Abandoned) return;
            if (state == AttemptState.Waiting) state = AttemptState.Broken;
            _ = sending!.CancelAsync();
        }
    }

    public override async ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        if (exchange.Body is null) NeverSendTwice(httpContext.Request);
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        proxyRequest.RequestUri = RawTarget.At(destinationPrefix, exchange.Path);
        var headers = proxyRequest.Headers;
        headers.Host = null;
        headers.Remove(GatewayHeaders.Service);
        headers.Remove(GatewayHeaders.Timeout);
        var left = exchange.TimeLeft;
        if (exchange.IsGrpc)
        {
            headers.Remove(GatewayHeaders.GrpcTimeout);
            if (exchange.HasAsked) headers.TryAddWithoutValidation(GatewayHeaders.GrpcTimeout, GrpcTimeout.Format(left));
        }
        headers.TryAddWithoutValidation(GatewayHeaders.Timeout, Math.Max(1, (long)left.TotalMilliseconds).ToString(CultureInfo.InvariantCulture));
        if (exchange.Trace.Parent is { } parent)
        {
            headers.Remove(GatewayHeaders.TraceParent);
            headers.TryAddWithoutValidation(GatewayHeaders.TraceParent, parent);
        }
        ForwardedHeaders.Add(headers, httpContext);
        // A body that is not here yet is held back until the replica wants it, so that a refusal does not cost it.
        if (exchange is { IsGrpc: false, Body.IsWhole: false }) headers.ExpectContinue = true;
    }

    public override async ValueTask<bool> TransformResponseAsync(HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is null) return false;
        refusal = Refusals.Of(proxyResponse);
        if (refusal is not null) return false;
        lock (gate)
        {
            if (state == AttemptState.Waiting)
            {
                // From here on it lasts as long as it lasts: a stream has no deadline.
                state = AttemptState.Answering;
                sending!.CancelAfter(Timeout.InfiniteTimeSpan);
            }
        }
        exchange.Body?.Release();
        isError = Refusals.IsError(proxyResponse, proxyResponse.Headers, exchange.IsImpatient);
        var pass = await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        httpContext.Response.Headers.Remove(GatewayHeaders.Queue);
        return pass;
    }

    public override ValueTask TransformResponseTrailersAsync(HttpContext httpContext, HttpResponseMessage proxyResponse, CancellationToken cancellationToken)
    {
        complete = true;
        isError |= Refusals.IsError(proxyResponse, proxyResponse.TrailingHeaders, exchange.IsImpatient);
        return base.TransformResponseTrailersAsync(httpContext, proxyResponse, cancellationToken);
    }

    public void Dispose() => sending?.Dispose();

    /// <summary>What the replica's probes do not see: that it breaks off, refuses, or answers every request with an error.</summary>
    private void Judge(Replica replica, AttemptEnd end)
    {
        var service = exchange.Service;
        // Whatever its probes say, what it has just refused is not sent to it again at once.
        if (end is AttemptEnd.Full or AttemptEnd.Draining or AttemptEnd.NotConnected) Dispatcher.Full(replica);
        if (end == AttemptEnd.Draining) service.Suspect(replica, ProbeOutcome.Draining);
        // That gRPC fails may only say that the server has none: its other callers must not suffer for it.
        else if (exchange.IsGrpc && end is (AttemptEnd.NotConnected or AttemptEnd.Broken)) replica.Probe();
        else if (end is AttemptEnd.NotConnected or AttemptEnd.Broken) service.Suspect(replica, ProbeOutcome.Broken);
        if (end == AttemptEnd.Answered) service.Judge(replica, isError);
        else if (end is AttemptEnd.TimedOut or AttemptEnd.Broken or AttemptEnd.BrokenAnswer or AttemptEnd.Abandoned) service.Judge(replica, failed: true);
    }

    /// <summary>
    /// Without a body the handler below would send it again by itself when a connection breaks, whatever the replica did with it. An empty body
    /// keeps it from that.
    /// </summary>
    private void NeverSendTwice(HttpRequest request)
    {
        if (!exchange.IsIdempotent) request.ContentLength ??= 0;
    }

    private static bool IsNotConnected(Exception? e) => e is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError };
}
