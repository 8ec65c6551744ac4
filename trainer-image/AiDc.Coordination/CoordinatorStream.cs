using AiDc.Coordination.V1;
using Grpc.Core;
using Grpc.Net.Client;

namespace AiDc.Coordination;

/// <summary>One stream after another to replicas of the operator; remembers the newest leadership it has seen across them.</summary>
/// <param name="gang">Of a worker that trains together with others; null for one by itself.</param>
internal sealed class CoordinatorStream(CoordinatorSettings settings, Outbox outbox, AutoResetEvent wake, TimeProvider clock, GangLink? gang = null)
{
    /// <summary>Of a worker by itself, which the version before serves as well.</summary>
    public const uint ProtocolVersion = 1;

    /// <summary>Of a worker that trains together with others.</summary>
    public const uint GangProtocolVersion = 2;

    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan SlowestHeartbeat = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FastestHeartbeat = TimeSpan.FromMilliseconds(100);

    private long transitions;

    /// <summary>Dials, says hello, and reports until the stream ends. Never throws.</summary>
    public async Task<SessionEnd> RunAsync(Uri address, Action welcomed, CancellationToken ct)
    {
        long? welcome = null;
        try
        {
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(ct);
            using var channel = GrpcChannel.ForAddress(address, new GrpcChannelOptions
            {
                HttpHandler = CoordinatorTransport.Handler(settings.CaFile, clock),
                DisposeHttpClient = true,
                // A start holds the addresses of all processes.
                MaxReceiveMessageSize = gang is null ? 64 * 1024 : 4 * 1024 * 1024,
            });
            var token = (await File.ReadAllTextAsync(settings.TokenFile, ct)).Trim();
            using var call = new Coordinator.CoordinatorClient(channel).Session(
                new Metadata { { "authorization", $"Bearer {token}" } }, cancellationToken: ended.Token);
            var first = await HelloAsync(call, ended);
            if (Turned(first) is { } end)
                return end;
            welcome = clock.GetTimestamp();
            welcomed();
            await ReportAsync(call, Interval(first.Welcome), ended);
            return new SessionEnd.Lost("it closed the stream", WasSteady(welcome));
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.Unauthenticated or StatusCode.PermissionDenied)
        {
            // Not for ever: the API server may not have seen the pod or the key yet.
            return new SessionEnd.Lost(e.Status.Detail, WasSteady(welcome));
        }
#pragma warning disable CA1031 // Whatever it is, somebody has to hear of it and the worker has to come back: on its own this task would end unseen.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return new SessionEnd.Lost(Why(e), WasSteady(welcome));
        }
    }

    private async Task<CoordinatorMessage> HelloAsync(AsyncDuplexStreamingCall<WorkerMessage, CoordinatorMessage> call, CancellationTokenSource ended)
    {
        using var late = clock.CreateTimer(_ => ended.Cancel(), null, AnswerWithin, Timeout.InfiniteTimeSpan);
        await call.RequestStream.WriteAsync(new WorkerMessage
        {
            Hello = new Hello
            {
                ProtocolVersion = gang is null ? ProtocolVersion : GangProtocolVersion,
                Job = settings.Job,
                Attempt = settings.Attempt,
                WorkerIndex = settings.WorkerIndex,
                Member = gang?.Standing,
            },
        }, ended.Token);
        return await call.ResponseStream.MoveNext(ended.Token) ? call.ResponseStream.Current : throw new IOException("it closed the stream without an answer");
    }

    /// <summary>Null if the replica is the leader and listens.</summary>
    private SessionEnd? Turned(CoordinatorMessage first)
    {
        switch (first.BodyCase)
        {
            case CoordinatorMessage.BodyOneofCase.Welcome when first.LeaseTransitions < transitions:
                return new SessionEnd.Lost("it was the leader once and does not know that it is not any more", false);
            case CoordinatorMessage.BodyOneofCase.Welcome:
                transitions = first.LeaseTransitions;
                return null;
            case CoordinatorMessage.BodyOneofCase.Redirect:
                return new SessionEnd.Redirected(Uri.TryCreate(first.Redirect.Address, UriKind.Absolute, out var leader) && leader.Scheme == Uri.UriSchemeHttps ? leader : null);
            case CoordinatorMessage.BodyOneofCase.Refused when first.Refused.Permanent:
                return new SessionEnd.Refused(first.Refused.Reason);
            case CoordinatorMessage.BodyOneofCase.Refused:
                return new SessionEnd.Lost(first.Refused.Reason, false);
            default:
                return new SessionEnd.Lost("it answered something that is no answer to hello", false);
        }
    }

    private async Task ReportAsync(
        AsyncDuplexStreamingCall<WorkerMessage, CoordinatorMessage> call, TimeSpan interval, CancellationTokenSource ended)
    {
        outbox.Restart();
        gang?.Welcomed(transitions);
        var listening = ListenAsync(call, ended);
        try
        {
            await OnThread(() => Send(call, interval, ended.Token));
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

    private void Send(AsyncDuplexStreamingCall<WorkerMessage, CoordinatorMessage> call, TimeSpan interval, CancellationToken ct)
    {
        var pulse = new Pulse(clock, interval);
        var (tick, news) = (true, true);
        while (true)
        {
            foreach (var message in outbox.Take(tick, news))
                call.RequestStream.WriteAsync(message, ct).GetAwaiter().GetResult();
            (tick, news) = pulse.Next(wake, ct);
        }
    }

    /// <summary>Ends as the work on its thread does.</summary>
    internal static Task OnThread(Action work)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                work();
                ended.SetResult();
            }
#pragma warning disable CA1031 // It is the awaiter's.
            catch (Exception e)
#pragma warning restore CA1031
            {
                ended.SetException(e);
            }
        }) { IsBackground = true, Name = "heartbeats" }.Start();
        return ended.Task;
    }

    /// <summary>Whichever half of the stream ends first ends the other.</summary>
    private async Task ListenAsync(AsyncDuplexStreamingCall<WorkerMessage, CoordinatorMessage> call, CancellationTokenSource ended)
    {
        try
        {
            while (await call.ResponseStream.MoveNext(ended.Token))
            {
                var message = call.ResponseStream.Current;
                if (gang?.Receive(message) != true && message.BodyCase == CoordinatorMessage.BodyOneofCase.Acknowledged)
                    outbox.Acknowledged(message.Acknowledged.Sequence);
            }
        }
        finally
        {
            await ended.CancelAsync();
        }
    }

    private bool WasSteady(long? welcome) => ReconnectPolicy.CountsAsWelcome(welcome is { } since ? clock.GetElapsedTime(since) : null);

    private static TimeSpan Interval(Welcome welcome)
    {
        var asked = TimeSpan.FromMilliseconds(welcome.HeartbeatIntervalMs);
        return asked < FastestHeartbeat ? FastestHeartbeat : asked > SlowestHeartbeat ? SlowestHeartbeat : asked;
    }

    private static string Why(Exception e) => e is RpcException rpc ? rpc.Status.Detail : e.Message;
}
