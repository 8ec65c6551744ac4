using AiDc.Coordination.V1;
using Google.Protobuf;
using Grpc.Core;
using MembershipMessage = AiDc.Coordination.V1.Membership;

namespace AiDc.Operator.Tests.Coordination.Gang;

/// <summary>A member of a gang over the protocol as it is: says what the test wants and keeps what it is told.</summary>
internal sealed class GangWorker : IAsyncDisposable
{
    private readonly RawWorker client;
    private readonly AsyncDuplexStreamingCall<WorkerMessage, CoordinatorMessage> call;
    private readonly List<CoordinatorMessage> heard = [];
    private readonly Task listening;

    private GangWorker(RawWorker client, int index)
    {
        (this.client, Index) = (client, index);
        call = client.Open();
        listening = Task.Run(ListenAsync);
    }

    public int Index { get; }

    public string PodUid => $"uid-digits-{Index}-1";

    public bool Ended => listening.IsCompleted;

    public MemberState State { get; private set; } = new() { Prepared = true };

    public static async Task<GangWorker> HelloAsync(Replica replica, InMemoryApi api, int index, MemberState? state = null)
    {
        var worker = new GangWorker(new RawWorker(replica, api.AddWorker("digits", 1, index)), index);
        worker.State = state ?? worker.State;
        await worker.SayAsync(new() { Hello = new Hello { Job = "team/digits", Attempt = 1, WorkerIndex = index, ProtocolVersion = 2, Member = worker.State } });
        await Until.True(() => worker.Heard.Any(m => m.Welcome is not null), "the leader welcomes the worker");
        return worker;
    }

    public IReadOnlyList<CoordinatorMessage> Heard
    {
        get
        {
            lock (heard)
                return [.. heard];
        }
    }

    public IEnumerable<MembershipMessage> Memberships => Heard.Select(m => m.Membership).OfType<MembershipMessage>();

    public IEnumerable<Start> Starts => Heard.Select(m => m.Start).OfType<Start>();

    public IEnumerable<Hold> Holds => Heard.Select(m => m.Hold).OfType<Hold>();

    public Task SayAsync(WorkerMessage message) => call.RequestStream.WriteAsync(message);

    public Task BeatAsync(MemberState state)
    {
        State = state;
        return SayAsync(new() { Heartbeat = new Heartbeat { Phase = Phase.Training, Step = state.CommittedStep, Member = state } });
    }

    public Task ReadyAsync(long generation, MemberState? state = null)
    {
        State = state ?? State;
        var ready = new Ready
        {
            Generation = generation, HasState = State.HasState, CommittedStep = State.CommittedStep, StateGeneration = State.StateGeneration,
        };
        ready.Rendezvous.Add(ByteString.CopyFromUtf8($"address of {Index} for {generation}"));
        return SayAsync(new() { Ready = ready });
    }

    public Task TrainsAsync(long generation, long step) =>
        BeatAsync(new() { Prepared = true, Generation = generation, InGroup = true, HasState = true, CommittedStep = step, StateGeneration = generation });

    /// <summary>As a process that dies: the connection is gone without a word.</summary>
    public ValueTask DisposeAsync()
    {
        call.Dispose();
        return client.DisposeAsync();
    }

    private async Task ListenAsync()
    {
        try
        {
            while (await call.ResponseStream.MoveNext(default))
                lock (heard)
                    heard.Add(call.ResponseStream.Current);
        }
        catch (Exception e) when (e is RpcException or ObjectDisposedException)
        {
            // It ended, which is what Ended says.
        }
    }
}
