namespace AiDc.Operator.Scheduling;

/// <summary>What a cycle decided, and for each job that goes on waiting why it does.</summary>
public sealed record SchedulingPlan(IReadOnlyList<SchedulingDecision> Decisions, IReadOnlyList<WaitingJob> Waiting);

/// <summary>Something to be done about one job. A closed family.</summary>
/// <param name="Job">Its name.</param>
public abstract record SchedulingDecision(string Job);

/// <summary>The gang starts: one node for each pod, or none where nodes of the flavour are to appear for it.</summary>
/// <param name="Size">Pods.</param>
public sealed record AdmitGang(string Job, string Flavor, int Size, IReadOnlyList<string> Nodes) : SchedulingDecision(Job);

/// <summary>The gang checkpoints and ends, so that another can start; it waits again.</summary>
/// <param name="For">Who needs what it holds.</param>
public sealed record PreemptGang(string Job, string For, string Why) : SchedulingDecision(Job);

/// <summary>An elastic gang gives back what it holds above its minimum.</summary>
/// <param name="Kept">Nodes of the pods that stay.</param>
public sealed record ShrinkGang(string Job, string For, IReadOnlyList<string> Kept) : SchedulingDecision(Job);

/// <summary>An elastic gang gets more, because nobody waits.</summary>
/// <param name="Added">Nodes of the new pods.</param>
public sealed record GrowGang(string Job, IReadOnlyList<string> Added) : SchedulingDecision(Job);

/// <summary>A job that goes on waiting.</summary>
/// <param name="Position">In its queue; 1 is the next.</param>
/// <param name="Message">Why, and what would end it.</param>
public sealed record WaitingJob(string Job, int Position, WaitReason Reason, string Message)
{
    public ExpectedStart? Start { get; init; }

    /// <summary>It will not start however long it waits: the job, the queue or the cluster has to change.</summary>
    public bool IsHopeless => Reason is WaitReason.InvalidRequest or WaitReason.UnknownQueue or WaitReason.ExceedsQuota or WaitReason.ExceedsCluster;
}

/// <summary>When a waiting job is to start.</summary>
/// <param name="IsReserved">Nodes are kept for it from then on, and nobody who comes later moves it. False: a forecast.</param>
/// <param name="Turn">Its place among those that wait; what is promised is promised in this order.</param>
/// <param name="Nodes">One for each pod.</param>
public sealed record ExpectedStart(DateTimeOffset At, bool IsReserved, int Turn, string Flavor, IReadOnlyList<string> Nodes);

/// <summary>Why a job waits. A closed list.</summary>
public enum WaitReason
{
    /// <summary>Its sizes or quantities make no sense.</summary>
    InvalidRequest,

    /// <summary>There is no such queue.</summary>
    UnknownQueue,

    /// <summary>More than the queue can ever give.</summary>
    ExceedsQuota,

    /// <summary>More than the nodes have when they are empty.</summary>
    ExceedsCluster,

    /// <summary>Others use the quota.</summary>
    QuotaInUse,

    /// <summary>Others use the nodes.</summary>
    NodesInUse,

    /// <summary>Enough is free, but not within one domain of the topology, or not in whole pieces.</summary>
    Fragmented,

    /// <summary>It would fit now, but would still run when a reserved start is due.</summary>
    WouldDelayReserved,

    /// <summary>Others were asked to end for it.</summary>
    WaitingForPreempted,
}
