using System.Globalization;
using AiDc.Gateway.Observability;
using AiDc.Gateway.Replicas;
using AiDc.Gateway.Services;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;

namespace AiDc.Gateway.Forwarding;

/// <summary>One request on its way: what of it goes to a replica and what comes back, over as many attempts as it takes.</summary>
internal sealed class Exchange : HttpTransformer, IInFlight, IDisposable
{
    /// <summary>The part of a body that is kept to be sent again.</summary>
    public const int BodyLimit = 1024 * 1024;

    private readonly Lock gate = new();
    private readonly TimeProvider clock;
    private readonly PathString path;
    private readonly TraceContext trace;
    private readonly long arrived;
    private readonly TimeSpan? asked;
    private long deadline;
    private AttemptState state = AttemptState.Over;
    private CancellationTokenSource? attempt;
    private AttemptEnd? refusal;
    private bool complete;

    /// <param name="path">As the replica sees it.</param>
    /// <param name="arrived">Timestamp of the clock.</param>
    public Exchange(HttpContext context, Service service, ServiceConfig config, PathString path, TraceContext trace, TimeProvider clock, long arrived)
    {
        (Context, Service, Config) = (context, service, config);
        (this.path, this.trace, this.clock, this.arrived) = (path, trace, clock, arrived);
        IsGrpc = GrpcCall.Is(context.Request);
        asked = AskedTimeout(context.Request);
        deadline = After(arrived, Timeout);
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true) Body = new(context.Request.Body, BodyLimit);
    }

    public HttpContext Context { get; }

    public Service Service { get; }

    public ServiceConfig Config { get; }

    public bool IsGrpc { get; }

    /// <summary>Null where there is none.</summary>
    public ReplayBody? Body { get; }

    public Replica? Replica { get; private set; }

    public int Attempts { get; private set; }

    public int RetriesPaid { get; set; }

    /// <summary>Of an answer that says so itself: a status of 5xx, or gRPC's of a failed server.</summary>
    public bool IsError { get; private set; }

    public TimeSpan Waited { get; set; }

    public TimeSpan Left => clock.GetElapsedTime(clock.GetTimestamp(), deadline);

    /// <summary>How long it may wait while there is no replica: what the client says, else what this gateway does.</summary>
    public TimeSpan HoldFor(TimeSpan most) => clock.GetElapsedTime(clock.GetTimestamp(), After(arrived, asked is { } limit && limit < most ? limit : most));

    /// <summary>It waited for a replica to start, which does not count: the time for its answer begins now.</summary>
    public void RestartTimeout()
    {
        deadline = After(clock.GetTimestamp(), Config.Timeout);
        if (asked is { } limit) deadline = Math.Min(deadline, After(arrived, limit));
    }

    public RetryFacts Facts(AttemptEnd end) => new(
        end, Config.Idempotent || IsSafe(Context.Request.Method), Body?.IsKept != false, RetriesPaid, Service.Budget.Allows());

    /// <returns>Ends the attempt.</returns>
    public CancellationToken Begin(Replica replica)
    {
        if (Attempts++ > 0) Context.Response.Clear();
        Context.Features.Set<IForwarderErrorFeature>(null);
        if (Body is not null) Context.Request.Body = Body.Open();
        (Replica, refusal, complete, IsError) = (replica, null, false, false);
        trace.BeginAttempt(Config.Name, replica.Address);
        lock (gate)
        {
            state = AttemptState.Waiting;
            attempt = new(Left > TimeSpan.Zero ? Left : TimeSpan.Zero, clock);
            return attempt.Token;
        }
    }

        public AttemptEnd End(ForwarderError error)
    {
        bool timedOut;
        AttemptState last;
        lock (gate)
        {
            (last, state) = (state, AttemptState.Over);
            timedOut = attempt!.IsCancellationRequested;
            attempt.Dispose();
            attempt = null;
        }
        var end = refusal ?? AttemptEndPolicy.Of(new(
            error, IsNotConnected(Context.Features.Get<IForwarderErrorFeature>()?.Exception), complete, Context.RequestAborted.IsCancellationRequested,
            Context.Response.HasStarted, last, timedOut));
        trace.EndAttempt(end);
        return end;
    }

    public void Abandon()
    {
        lock (gate)
        {
            if (state != AttemptState.Waiting || RetryPolicy.Decide(Facts(AttemptEnd.Abandoned)) != RetryVerdict.AgainPaid) return;
            state = AttemptState.Abandoned;
            _ = attempt!.CancelAsync();
        }
    }

    public void Break()
    {
        lock (gate)
        {
            if (state is AttemptState.Over or AttemptState.Abandoned) return;
            if (state == AttemptState.Waiting) state = AttemptState.Broken;
            _ = attempt!.CancelAsync();
        }
    }

    public override async ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        var request = httpContext.Request;
        if (Body is null) NeverSendTwice(request);
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        proxyRequest.RequestUri = RequestUtilities.MakeDestinationAddress(destinationPrefix, path, request.QueryString);
        var headers = proxyRequest.Headers;
        headers.Host = null;
        headers.Remove(GatewayHeaders.Service);
        headers.Remove(GatewayHeaders.Timeout);
        if (IsGrpc)
        {
            headers.Remove(GatewayHeaders.GrpcTimeout);
            if (asked is not null) headers.TryAddWithoutValidation(GatewayHeaders.GrpcTimeout, GrpcTimeout.Format(Left));
        }
        var left = Math.Max(1, (long)Left.TotalMilliseconds);
        headers.TryAddWithoutValidation(GatewayHeaders.Timeout, left.ToString(CultureInfo.InvariantCulture));
        if (trace.Parent is { } parent)
        {
            headers.Remove(GatewayHeaders.TraceParent);
            headers.TryAddWithoutValidation(GatewayHeaders.TraceParent, parent);
        }
        ForwardedHeaders.Add(headers, httpContext);
        // A long body is held back until the replica wants it, so that a refusal does not cost it.
        if (Body is not null && !IsGrpc && request.ContentLength is null or > BodyLimit) headers.ExpectContinue = true;
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
                attempt!.CancelAfter(System.Threading.Timeout.InfiniteTimeSpan);
            }
        }
        IsError = Refusals.IsError(proxyResponse, proxyResponse.Headers);
        var pass = await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        httpContext.Response.Headers.Remove(GatewayHeaders.Queue);
        return pass;
    }

    public override ValueTask TransformResponseTrailersAsync(HttpContext httpContext, HttpResponseMessage proxyResponse, CancellationToken cancellationToken)
    {
        complete = true;
        IsError |= Refusals.IsError(proxyResponse, proxyResponse.TrailingHeaders);
        return base.TransformResponseTrailersAsync(httpContext, proxyResponse, cancellationToken);
    }

    public void Dispose() => Body?.Dispose();

    private TimeSpan Timeout => asked is { } limit && limit < Config.Timeout ? limit : Config.Timeout;

    /// <summary>
    /// Without a body the handler below would send it again by itself when a connection breaks, whatever the replica did with it. An empty body
    /// keeps it from that.
    /// </summary>
    private void NeverSendTwice(HttpRequest request)
    {
        if (!Config.Idempotent && !IsSafe(request.Method)) request.ContentLength ??= 0;
    }

    /// <summary>RFC 9110, 9.2.1.</summary>
    private static bool IsSafe(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method);

    private static bool IsNotConnected(Exception? e) => e is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError };

    private static TimeSpan? AskedTimeout(HttpRequest request)
    {
        if (GrpcTimeout.Parse(request.Headers[GatewayHeaders.GrpcTimeout]) is { } grpc) return grpc;
        return long.TryParse(request.Headers[GatewayHeaders.Timeout], NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            ? TimeSpan.FromMilliseconds(Math.Min(milliseconds, TimeSpan.FromDays(1).TotalMilliseconds)) : null;
    }

    private long After(long timestamp, TimeSpan time) => timestamp + (long)(time.TotalSeconds * clock.TimestampFrequency);
}
