using System.Globalization;
using AiDc.Gateway.Attempts;
using AiDc.Gateway.Bodies;
using AiDc.Gateway.Observability;
using AiDc.Gateway.Protocol;
using AiDc.Gateway.Services;
using Microsoft.AspNetCore.Http.Features;

namespace AiDc.Gateway.Forwarding;

/// <summary>One request on its way: its body, its time, and what it has cost so far, over as many attempts as it takes.</summary>
internal sealed class Exchange : IDisposable
{
    /// <summary>The part of a body that is kept to be sent again.</summary>
    public const int BodyLimit = 1024 * 1024;

    /// <summary>For a client to send what it is just sending, once the answer is there: who is cut off may not see it.</summary>
    private static readonly TimeSpan SettleWithin = TimeSpan.FromSeconds(5);

    private readonly TimeProvider clock;
    private readonly long arrived;
    private readonly TimeSpan? asked;
    private long deadline;
    private int? status;

    /// <param name="path">As the replica sees it.</param>
    /// <param name="arrived">Timestamp of the clock.</param>
    public Exchange(
        HttpContext context, Service service, ServiceConfig config, string path, TraceContext trace, BodyBudget bodies, TimeProvider clock, long arrived)
    {
        (Context, Service, Config, Path, Trace) = (context, service, config, path, trace);
        (this.clock, this.arrived) = (clock, arrived);
        IsGrpc = GrpcCall.Is(context.Request);
        asked = AskedTimeout(context.Request);
        deadline = After(arrived, Timeout);
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true)
            Body = new(context.Request.Body, BodyLimit, bodies, context.Request.ContentLength);
    }

    public HttpContext Context { get; }

    public Service Service { get; }

    public ServiceConfig Config { get; }

    /// <summary>As the replica sees it, with the query.</summary>
    public string Path { get; }

    public TraceContext Trace { get; }

    public bool IsGrpc { get; }

    /// <summary>Null where there is none.</summary>
    public ReplayBody? Body { get; }

    /// <summary>The last one; null before the first.</summary>
    public Attempt? Attempt { get; private set; }

    public int Attempts { get; private set; }

    public int RetriesPaid { get; set; }

    public TimeSpan Waited { get; set; }

    public TimeSpan TimeLeft => clock.GetElapsedTime(clock.GetTimestamp(), deadline);

    /// <summary>The caller has set a deadline of its own, gRPC's or in aidc-timeout-ms.</summary>
    public bool HasAsked => asked is not null;

    /// <summary>Where the time runs out it is the caller's patience, and says nothing about the replica.</summary>
    public bool IsImpatient => asked < Config.Timeout;

    public bool IsIdempotent => Config.Idempotent || IsSafe(Context.Request.Method);

    /// <summary>What became of it: the status that was answered, 499 where the caller left before, 502 where the answer broke off.</summary>
    public int Status => status ?? Context.Response.StatusCode;

    /// <summary>How long it may wait while there is no replica: what the client says, else what this gateway does.</summary>
    public TimeSpan HoldFor(TimeSpan most) => clock.GetElapsedTime(clock.GetTimestamp(), After(arrived, asked is { } limit && limit < most ? limit : most));

    /// <summary>It waited for its body, or for a replica to start, which does not count: the time for its answer begins now.</summary>
    public void RestartTimeout()
    {
        deadline = After(clock.GetTimestamp(), Config.Timeout);
        if (asked is { } limit) deadline = Math.Min(deadline, After(arrived, limit));
    }

    public RetryFacts Facts(AttemptEnd end) => new(end, IsIdempotent, Body?.IsKept != false, RetriesPaid, Service.Budget.Allows());

    /// <summary>Another sending begins.</summary>
    public void Begin(Attempt attempt)
    {
        if (Attempts++ > 0) Context.Response.Clear();
        Attempt = attempt;
        if (Body is not null) Context.Request.Body = Body.Open();
    }

    /// <summary>The caller left before it had its answer.</summary>
    public void Left() => status = StatusCodes.Status499ClientClosedRequest;

    public void Ended(AttemptEnd end)
    {
        if (end == AttemptEnd.ClientLeft) Left();
        else if (end == AttemptEnd.BrokenAnswer) status = StatusCodes.Status502BadGateway;
    }

    /// <summary>An answer that came before the body was in: Kestrel could not pass the rest over while it is being read.</summary>
    public async ValueTask SettleAsync()
    {
        if (IsGrpc || Body is not { IsAwaited: true } || Context.RequestAborted.IsCancellationRequested) return;
        await Context.Response.CompleteAsync();
        await Body.SettleAsync(SettleWithin, clock, Context.RequestAborted);
    }

    public void Dispose() => Body?.Dispose();

    private TimeSpan Timeout => asked is { } limit && limit < Config.Timeout ? limit : Config.Timeout;

    /// <summary>RFC 9110, 9.2.1.</summary>
    private static bool IsSafe(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method);

    private static TimeSpan? AskedTimeout(HttpRequest request)
    {
        if (GrpcTimeout.Parse(request.Headers[GatewayHeaders.GrpcTimeout]) is { } grpc) return grpc;
        return long.TryParse(request.Headers[GatewayHeaders.Timeout], NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            ? TimeSpan.FromMilliseconds(Math.Min(milliseconds, TimeSpan.FromDays(1).TotalMilliseconds)) : null;
    }

    private long After(long timestamp, TimeSpan time) => timestamp + (long)(time.TotalSeconds * clock.TimestampFrequency);
}
