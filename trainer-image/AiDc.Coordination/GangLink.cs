using AiDc.Coordination.V1;
using Google.Protobuf;

namespace AiDc.Coordination;

/// <summary>
/// What goes to and fro between a leader and a worker that trains together with others, over whichever stream there is. What is said while
/// there is none is lost, and said again when a leader welcomes the worker. Thread-safe.
/// </summary>
internal sealed class GangLink
{
    private readonly Lock gate = new();
    private readonly List<WorkerMessage> waiting = [];
    private Action<GangOrder>? orders;
    private Action? wake;
    private MemberState standing = new();
    private bool changed;
    private long steppedIn;

    /// <summary>Where this worker stands now; goes with the next hello and heartbeat, at once if it is another.</summary>
    public void Stand(MemberState now)
    {
        lock (gate)
        {
            changed |= now.InGroup != standing.InGroup || now.Generation != standing.Generation || now.Prepared != standing.Prepared || IsFirstStep(now);
            standing = now;
            if (!changed)
                return;
        }
        wake?.Invoke();
    }

    /// <param name="handler">Called on the stream's thread, one order after another; returns soon.</param>
    public void Listen(Action<GangOrder> handler) => orders = handler;

    public void SendReady(long generation, bool hasState, long committedStep, long stateGeneration, IEnumerable<byte[]> addresses)
    {
        var ready = new Ready { Generation = generation, HasState = hasState, CommittedStep = committedStep, StateGeneration = stateGeneration };
        ready.Rendezvous.AddRange(addresses.Select(ByteString.CopyFrom));
        Send(new WorkerMessage { Ready = ready });
    }

    public void SendGroupBroken(long generation, IEnumerable<int> closedRanks, string reason)
    {
        var broken = new GroupBroken { Generation = generation, Reason = reason };
        broken.ClosedRanks.AddRange(closedRanks);
        Send(new WorkerMessage { GroupBroken = broken });
    }

    public void SendLeaving(string reason) => Send(new WorkerMessage { Leaving = new Leaving { Reason = reason } });

    internal void OnWake(Action action) => wake = action;

    internal MemberState Standing
    {
        get
        {
            lock (gate)
                return standing;
        }
    }

    /// <summary>A new stream whose leader has answered.</summary>
    internal void Welcomed(long transitions)
    {
        lock (gate)
            waiting.Clear();
        orders?.Invoke(new GangOrder.Welcomed(transitions));
    }

    /// <returns>Whether the message was an order.</returns>
    internal bool Receive(CoordinatorMessage message)
    {
        GangOrder? order = message.BodyCase switch
        {
            CoordinatorMessage.BodyOneofCase.Membership => new GangOrder.Membership(
                message.LeaseTransitions, message.Membership.Generation, [.. message.Membership.Members.Select(m => new GangMemberId(m.WorkerIndex, m.PodUid))]),
            CoordinatorMessage.BodyOneofCase.Start => new GangOrder.Start(
                message.LeaseTransitions, message.Start.Generation, [.. message.Start.Rendezvous.Select(b => b.ToByteArray())],
                message.Start.OwnerRank, message.Start.Synchronise),
            CoordinatorMessage.BodyOneofCase.Hold => new GangOrder.Hold(
                message.LeaseTransitions, message.Hold.Generation, message.Hold.Reason, message.Hold.WritesCheckpoint),
            _ => null,
        };
        if (order is not null)
            orders?.Invoke(order);
        return order is not null;
    }

    /// <summary>What waits to be sent, and whether a heartbeat is due because the standing has changed.</summary>
    internal (IReadOnlyList<WorkerMessage> Messages, bool Changed) Take()
    {
        lock (gate)
        {
            var taken = (waiting.ToArray(), changed);
            waiting.Clear();
            changed = false;
            return taken;
        }
    }

    /// <summary>The first step of a generation is news: the job has resumed.</summary>
    private bool IsFirstStep(MemberState now)
    {
        if (!now.InGroup || !standing.InGroup || now.CommittedStep <= standing.CommittedStep || steppedIn == now.Generation)
            return false;
        steppedIn = now.Generation;
        return true;
    }

    private void Send(WorkerMessage message)
    {
        lock (gate)
            waiting.Add(message);
        wake?.Invoke();
    }
}
