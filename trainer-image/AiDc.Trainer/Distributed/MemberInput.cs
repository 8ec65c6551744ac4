namespace AiDc.Trainer.Distributed;

/// <summary>Something that happens to a worker.</summary>
internal abstract record MemberInput
{
    /// <summary>Its data is read and its model built.</summary>
    internal sealed record Prepared : MemberInput;

    /// <summary>A leader has answered its hello.</summary>
    internal sealed record Welcomed(long Transitions) : MemberInput;

    /// <summary>A new membership. <paramref name="Position"/> is this pod's place in it, by its uid; null: it is not in it.</summary>
    internal sealed record Membership(long Transitions, long Generation, int? Position) : MemberInput;

    /// <summary>All members are ready. <paramref name="Owner"/>: this worker's state is everybody's. <paramref name="Synchronise"/>: the owner sends it to all.</summary>
    internal sealed record Start(long Transitions, long Generation, bool Owner, bool Synchronise) : MemberInput;

    internal sealed record Hold(long Transitions, long Generation, bool WritesCheckpoint) : MemberInput;

    /// <summary>The group of that generation is connected and this worker has the owner's state, which is at <paramref name="CommittedStep"/>.</summary>
    internal sealed record Joined(long Generation, long CommittedStep) : MemberInput;

    /// <summary>Connecting or taking over the state failed. <paramref name="StateTorn"/>: its own state was already being overwritten.</summary>
    internal sealed record JoinFailed(long Generation, bool StateTorn, ValueList<int> ClosedRanks, string Reason) : MemberInput;

    /// <summary>The training thread enters collectives: a step, a validation.</summary>
    internal sealed record Begun(long Generation) : MemberInput;

    /// <summary>All buckets of the step are reduced: from here on it is committed.</summary>
    internal sealed record Committed(long Generation) : MemberInput;

    /// <summary>Collectives that are no step are done.</summary>
    internal sealed record Done(long Generation) : MemberInput;

    /// <summary>A collective failed or was aborted, and what the step had changed is rolled back.</summary>
    internal sealed record Failed(long Generation, ValueList<int> ClosedRanks, string Reason) : MemberInput;

    /// <summary>SIGTERM.</summary>
    internal sealed record AskedToEnd : MemberInput;

    /// <summary>Most of the grace period is over.</summary>
    internal sealed record GraceEnds : MemberInput;
}
