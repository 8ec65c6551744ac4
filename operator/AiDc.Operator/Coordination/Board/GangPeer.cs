using AiDc.Operator.Membership;

namespace AiDc.Operator.Coordination.Board;

/// <summary>What is kept of one worker pod. Guarded by the lock of its job's entry.</summary>
internal sealed class GangPeer(WorkerIdentity worker)
{
    public WorkerIdentity Worker { get; } = worker;

    /// <summary>The stream that is open; null while none is.</summary>
    public GangLink? Link { get; set; }

    public TimeSpan LastHeard { get; set; }

    public TimeSpan? ClosedAt { get; set; }

    public MemberStanding Standing { get; private set; }

    public TimeSpan? PreparedSince { get; private set; }

    public ReadyMember? Ready { get; set; }

    public BrokenGroup? Broken { get; set; }

    public bool Leaving { get; set; }

    /// <summary>Its silence was noticed; not again before it speaks.</summary>
    public bool Quiet { get; set; }

    /// <summary>Takes what it says of itself.</summary>
    public GangNews Update(MemberStanding next, TimeSpan now)
    {
        var before = Standing;
        Standing = next;
        PreparedSince = next.Prepared ? PreparedSince ?? now : null;
        // Taking over the owner's state moves the step too, but then it was not in the group before.
        var advanced = before.InGroup && next.InGroup && next.CommittedStep > before.CommittedStep;
        var differs = (before.Prepared, before.Generation, before.InGroup, before.HasState, before.StateGeneration)
            != (next.Prepared, next.Generation, next.InGroup, next.HasState, next.StateGeneration);
        return (advanced ? GangNews.Advanced : GangNews.None) | (differs ? GangNews.Changed : GangNews.None);
    }

    public MemberSession Snapshot() => new(Worker.WorkerIndex, Worker.Attempt, Worker.PodUid)
    {
        Connected = Link is not null,
        LastHeard = LastHeard,
        ClosedAt = Link is null ? ClosedAt : null,
        Standing = Standing,
        PreparedSince = PreparedSince,
        ReadyGeneration = Ready?.Generation ?? 0,
        Leaving = Leaving,
        Broken = Broken,
    };
}

/// <summary>What a worker's word on itself tells that the one before did not.</summary>
[Flags]
internal enum GangNews
{
    None = 0,

    /// <summary>A step more is committed.</summary>
    Advanced = 1,

    /// <summary>Something that a decision may hang on.</summary>
    Changed = 2,
}
