using AiDc.Gateway.Replicas;

namespace AiDc.Gateway.Routing;

/// <summary>A request that waits for a replica.</summary>
internal sealed class Waiter(IInFlight request)
{
    private readonly TaskCompletionSource<Replica?> turn = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IInFlight Request { get; } = request;

    /// <summary>The replica that it goes to; null: it waited long enough.</summary>
    public Task<Replica?> Turn => turn.Task;

    /// <summary>The revision that was drawn for it; -1: none.</summary>
    public int Drawn { get; set; } = -1;

    public bool Call(Replica? replica) => turn.TrySetResult(replica);
}

/// <summary>What came of asking for a replica.</summary>
/// <param name="Replica">Null where there was none in time, or no room to wait.</param>
/// <param name="Why">What there was instead.</param>
/// <param name="Waited">The request was not sent at once.</param>
internal readonly record struct Taken(Replica? Replica, TakenKind Why, bool Waited);

internal enum TakenKind
{
    Replica,

    /// <summary>No replica could answer, until the request could wait no longer.</summary>
    NoReplica,

    /// <summary>All replicas were at their limit, until the request could wait no longer.</summary>
    Busy,

    /// <summary>No replica could answer, and as many requests wait already as may.</summary>
    NoReplicaFull,

    /// <summary>All replicas are at their limit, and as many requests wait already as may.</summary>
    BusyFull,
}
