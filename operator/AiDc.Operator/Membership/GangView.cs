namespace AiDc.Operator.Membership;

/// <summary>Everything that the decision on who trains together may look at.</summary>
public sealed record GangView
{
    /// <summary>The present gang.</summary>
    public required int Attempt { get; init; }

    /// <summary>As in the status that the decision will be written over; null where there is none.</summary>
    public required RecordedMembership? Recorded { get; init; }

    public required GangSessions Sessions { get; init; }

    /// <summary>All pods of the present attempt that exist.</summary>
    public required IReadOnlyList<GangPod> Pods { get; init; }

    public required GangSize Size { get; init; }

    /// <summary>Processes of each worker: ranks a member has.</summary>
    public int Processes { get; init; } = 1;

    /// <summary>spec.failure.lostWorkerAfter.</summary>
    public TimeSpan LostWorkerAfter { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>A worker has reported the finish, or a pod succeeded: whoever goes now is not missed.</summary>
    public bool TrainingHasEnded { get; init; }

    /// <summary>Why the group that there is does not get on, in words: it is formed anew of the same members. Null as a rule.</summary>
    public string? Stalled { get; init; }

    /// <summary>The whole gang is to end, as in a suspension: whoever was asked to leave is not waited with.</summary>
    public bool IsEnding { get; init; }
}
