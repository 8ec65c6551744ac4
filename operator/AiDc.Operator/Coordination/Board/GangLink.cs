using AiDc.Coordination.V1;

namespace AiDc.Operator.Coordination.Board;

/// <summary>One stream of one member: what it says goes to the board, what the leader has to say goes out. Dispose when the stream ends.</summary>
internal sealed class GangLink(GangEntry entry, WorkerIdentity worker, Action<CoordinatorMessage> send) : IDisposable
{
    public WorkerIdentity Worker { get; } = worker;

    /// <summary>Queues a message. Never blocks: it is called with the job's lock held, which is what keeps messages in order.</summary>
    public void Send(CoordinatorMessage message) => send(message);

    /// <summary>Any message at all: the worker lives.</summary>
    public void Heard(MemberState? member) => entry.Heard(this, member);

    public void Ready(Ready ready) => entry.Ready(this, ready);

    public void Broken(GroupBroken broken) => entry.Broken(this, broken);

    public void Leaving() => entry.Leaving(this);

    public void Dispose() => entry.Close(this);
}
