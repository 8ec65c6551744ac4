using System.Diagnostics.CodeAnalysis;
using AiDc.ControllerRuntime.Leadership;
using AiDc.Coordination.V1;
using AiDc.Operator.Coordination.Authentication;
using AiDc.Operator.Coordination.Board;
using Grpc.Core;

namespace AiDc.Operator.Coordination.Sessions;

/// <summary>One worker's stream, from its hello to its end. Any replica answers; only the leader listens.</summary>
[SuppressMessage("Performance", "CA1812", Justification = "Made by gRPC.")]
internal sealed partial class CoordinatorService(
    ILeadership leadership, WorkerAuthenticator authenticator, SessionRegistry sessions, GangBoard gangs, WorkerReports reports, CoordinationMetrics metrics,
    IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<CoordinatorService> logger) : Coordinator.CoordinatorBase
{
    private static readonly TimeSpan HelloWithin = TimeSpan.FromSeconds(10);
    private const int HeartbeatMilliseconds = 500;

    public override async Task Session(
        IAsyncStreamReader<WorkerMessage> requestStream, IServerStreamWriter<CoordinatorMessage> responseStream, ServerCallContext context)
    {
        var worker = await AuthenticateAsync(context);
        using var session = sessions.Enter(worker.PodUid, context.CancellationToken, lifetime.ApplicationStopping);
        try
        {
            var hello = await HelloAsync(requestStream, session.Ended);
            if (Turned(hello, worker) is { } answer)
            {
                await responseStream.WriteAsync(answer, session.Ended);
                return;
            }
            Opened(worker.Job, worker.WorkerIndex, worker.Attempt, worker.PodName);
            await TalkAsync(worker, hello!, requestStream, responseStream, session);
            Closed(worker.Job, worker.WorkerIndex, worker.PodName, "the worker ended it");
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            Closed(worker.Job, worker.WorkerIndex, worker.PodName, Why(session));
        }
    }

    private async Task<WorkerIdentity> AuthenticateAsync(ServerCallContext context)
    {
        var result = await authenticator.AuthenticateAsync(context.RequestHeaders.GetValue("authorization"), context.CancellationToken);
        if (result.Worker is { } worker)
            return worker;
        metrics.Refused(result.Unavailable ? "unavailable" : "token");
        throw new RpcException(new Status(result.Unavailable ? StatusCode.Unavailable : StatusCode.Unauthenticated, result.Problem!));
    }

    private async Task<Hello?> HelloAsync(IAsyncStreamReader<WorkerMessage> requests, CancellationToken ended)
    {
        using var late = new CancellationTokenSource(HelloWithin, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ended, late.Token);
        return await requests.MoveNext(either.Token) ? requests.Current.Hello : null;
    }

    /// <summary>The one message that ends a session before it began; null if it may begin.</summary>
    private CoordinatorMessage? Turned(Hello? hello, WorkerIdentity worker)
    {
        if (HelloRules.Problem(hello, worker) is { } problem)
        {
            metrics.Refused("hello");
            Refused(worker.Job, worker.PodName, problem);
            return Message(m => m.Refused = new Refused { Reason = problem, Permanent = true });
        }
        if (leadership.State.IsLeader)
            return null;
        metrics.Refused("redirect");
        if (hello!.Member is not null)
            gangs.Asked(worker);
        var leader = LeaderIdentity.TryParse(leadership.State.Holder, out var identity) ? identity.Address : "";
        return Message(m => m.Redirect = new Redirect { Address = leader });
    }

    /// <summary>Both halves of the stream; whichever ends first ends the other.</summary>
    private async Task TalkAsync(
        WorkerIdentity worker, Hello hello, IAsyncStreamReader<WorkerMessage> requests, IServerStreamWriter<CoordinatorMessage> responses,
        SessionRegistry.Session session)
    {
        var outbox = new SessionOutbox(session.End);
        outbox.Send(Message(m => m.Welcome = new Welcome { HeartbeatIntervalMs = HeartbeatMilliseconds }));
        var writing = outbox.WriteToAsync(responses, session.Ended);
        try
        {
            using var member = hello.Member is { } standing ? gangs.Join(worker, standing, outbox.Send) : null;
            await ListenAsync(worker, member, requests, outbox, session.Ended);
        }
        finally
        {
            outbox.Complete();
            await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ListenAsync(
        WorkerIdentity worker, GangLink? member, IAsyncStreamReader<WorkerMessage> requests, SessionOutbox outbox, CancellationToken ended)
    {
        var budget = new MessageBudget(clock, perSecond: 20, burst: 200);
        while (await requests.MoveNext(ended))
        {
            var message = requests.Current;
            if (budget.Take() is var wait && wait > TimeSpan.Zero)
                await Task.Delay(wait, clock, ended);
            if (reports.Record(worker, member, message))
                outbox.Send(Message(m => m.Acknowledged = new Acknowledged { Sequence = message.Sequence }));
        }
    }

    private CoordinatorMessage Message(Action<CoordinatorMessage> fill)
    {
        var message = new CoordinatorMessage { LeaseTransitions = leadership.State.Transitions };
        fill(message);
        return message;
    }

    private string Why(SessionRegistry.Session session) =>
        session.Replaced ? "a newer stream of the same pod took its place"
        : lifetime.ApplicationStopping.IsCancellationRequested ? "this replica stops"
        : session.Ended.IsCancellationRequested && !leadership.State.IsLeader ? "this replica does not lead any more"
        : "the connection broke";

    [LoggerMessage(2201, LogLevel.Debug, "Worker {Index} of {Job}, attempt {Attempt}, says hello from pod {Pod}")]
    private partial void Opened(JobKey job, int index, int attempt, string pod);

    [LoggerMessage(2202, LogLevel.Debug, "Stream of worker {Index} of {Job} from pod {Pod} ended: {Why}")]
    private partial void Closed(JobKey job, int index, string pod, string why);

    [LoggerMessage(2203, LogLevel.Warning, "Refused pod {Pod} of {Job}: {Why}")]
    private partial void Refused(JobKey job, string pod, string why);
}
