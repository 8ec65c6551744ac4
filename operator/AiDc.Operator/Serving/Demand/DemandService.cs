using System.Diagnostics.CodeAnalysis;
using AiDc.ControllerRuntime.Leadership;
using AiDc.Operator.Coordination;
using AiDc.Operator.Coordination.Sessions;
using AiDc.Serving.V1;
using Grpc.Core;

namespace AiDc.Operator.Serving.Demand;

/// <summary>One gateway's stream, from its hello to its end. Any replica answers; only the leader listens.</summary>
[SuppressMessage("Performance", "CA1812", Justification = "Made by gRPC.")]
internal sealed partial class DemandService(
    ILeadership leadership, GatewayAuthenticator authenticator, GatewayStreams streams, LoadBoard board, IHostApplicationLifetime lifetime, TimeProvider clock,
    ILogger<DemandService> logger) : AiDc.Serving.V1.Demand.DemandBase
{
    /// <summary>Of all services of one gateway in one message: more than 100,000.</summary>
    public const int LargestReport = 16 * 1024 * 1024;

    private const uint Version = 1;
    private const int ReportMilliseconds = 500;
    private const int LongestName = 512;
    private static readonly TimeSpan HelloWithin = TimeSpan.FromSeconds(10);

    public override async Task Session(
        IAsyncStreamReader<GatewayMessage> requestStream, IServerStreamWriter<OperatorMessage> responseStream, ServerCallContext context)
    {
        var (problem, unavailable) = await authenticator.CheckAsync(context.RequestHeaders.GetValue("authorization"), context.CancellationToken);
        if (problem is not null) throw new RpcException(new(unavailable ? StatusCode.Unavailable : StatusCode.Unauthenticated, problem));
        var hello = await HelloAsync(requestStream, context.CancellationToken);
        if (Turned(hello) is { } answer)
        {
            await responseStream.WriteAsync(answer, context.CancellationToken);
            return;
        }

        using var session = streams.Registry.Enter(hello!.Instance, context.CancellationToken, lifetime.ApplicationStopping);
        using var link = board.Join(hello.Instance);
        LogOpened(logger, hello.Instance);
        try
        {
            await responseStream.WriteAsync(Message(m => m.Welcome = new Welcome { ReportIntervalMs = ReportMilliseconds, Changes = true }), session.Ended);
            using var open = streams.Open(hello.Instance, address => responseStream.WriteAsync(Message(m => m.Look = new Look { Address = address }), session.Ended));
            await ListenAsync(hello.Instance, requestStream, session.Ended);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // It went away, or it is to find another leader: either way there is nothing to tell it.
        }
        LogClosed(logger, hello.Instance);
    }

    private async Task<Hello?> HelloAsync(IAsyncStreamReader<GatewayMessage> requests, CancellationToken ended)
    {
        using var late = new CancellationTokenSource(HelloWithin, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ended, late.Token);
        return await requests.MoveNext(either.Token) ? requests.Current.Hello : null;
    }

    private async Task ListenAsync(string instance, IAsyncStreamReader<GatewayMessage> requests, CancellationToken ended)
    {
        var budget = new MessageBudget(clock, perSecond: 20, burst: 100);
        while (await requests.MoveNext(ended))
        {
            var message = requests.Current;
            if (budget.Take() is var wait && wait > TimeSpan.Zero) await Task.Delay(wait, clock, ended);
            if (message.BodyCase == GatewayMessage.BodyOneofCase.Load) board.Report(instance, message.Load);
            else if (message.BodyCase == GatewayMessage.BodyOneofCase.Seen) streams.Saw(instance, message.Seen);
        }
    }

    /// <summary>The one message that ends a session before it began; null if it may begin.</summary>
    private OperatorMessage? Turned(Hello? hello)
    {
        var problem = hello is null ? "the first message must be Hello"
            : hello.ProtocolVersion != Version ? $"protocol version {hello.ProtocolVersion} is not spoken here ({Version} is): use a gateway of the operator's release"
            : hello.Instance.Length is 0 or > LongestName ? "instance must name this process of the gateway"
            : null;
        if (problem is not null) return Message(m => m.Refused = new Refused { Reason = problem, Permanent = true });
        if (leadership.State.IsLeader) return null;
        var leader = LeaderIdentity.TryParse(leadership.State.Holder, out var identity) ? identity.Address : "";
        return Message(m => m.Redirect = new Redirect { Address = leader });
    }

    private OperatorMessage Message(Action<OperatorMessage> fill)
    {
        var message = new OperatorMessage { LeaseTransitions = leadership.State.Transitions };
        fill(message);
        return message;
    }

    [LoggerMessage(3201, LogLevel.Information, "Gateway {Instance} tells its load")]
    private static partial void LogOpened(ILogger logger, string instance);

    [LoggerMessage(3202, LogLevel.Information, "Gateway {Instance} is gone")]
    private static partial void LogClosed(ILogger logger, string instance);
}
