namespace AiDc.Coordination.Members;

/// <summary>Where a worker is in its life as a member of a gang.</summary>
internal enum MemberPhase
{
    /// <summary>It reads its data and builds its model.</summary>
    Preparing,

    /// <summary>It could be a member and is none.</summary>
    Idle,

    /// <summary>It has accepted a membership with itself in it and waits for the start.</summary>
    Ready,

    /// <summary>It connects to its peers and takes over the owner's state.</summary>
    Joining,

    /// <summary>It trains.</summary>
    Training,

    /// <summary>A collective failed; it waits for the next membership.</summary>
    Broken,

    /// <summary>Too few workers live: it keeps its state and waits.</summary>
    Holding,

    Exited,
}

/// <summary>All that decides what a worker does next as a member. Immutable.</summary>
internal sealed record MemberState
{
    public MemberPhase Phase { get; init; } = MemberPhase.Preparing;

    /// <summary>The newest leadership seen; whoever has a lower one was deposed.</summary>
    public long Transitions { get; init; }

    /// <summary>The highest membership or hold accepted; 0 before the first.</summary>
    public long Generation { get; init; }

    /// <summary>Its place among the members of <see cref="Generation"/>; null: it is none.</summary>
    public int? Position { get; init; }

    /// <summary>The generation whose group the training thread is at work in, and cannot be interrupted but by aborting it; 0: it is at rest.</summary>
    public long Busy { get; init; }

    /// <summary>It holds the weights of <see cref="CommittedStep"/>.</summary>
    public bool HasState { get; init; }

    /// <summary>Optimizer steps whose update is in its weights.</summary>
    public long CommittedStep { get; init; }

    /// <summary>The generation in whose group it was last, which is whose history its weights have.</summary>
    public long StateGeneration { get; init; }

    /// <summary>Ranks whose connections closed, while broken.</summary>
    public ValueList<int> ClosedRanks { get; init; }

    /// <summary>What broke, while broken.</summary>
    public string Reason { get; init; } = "";

    /// <summary>It was asked to end.</summary>
    public bool Leaving { get; init; }

    /// <summary>While holding: this one writes the checkpoint if it is asked to end.</summary>
    public bool WritesCheckpoint { get; init; }

    public bool InGroup => Phase == MemberPhase.Training;

    public bool Prepared => Phase != MemberPhase.Preparing;
}

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

/// <summary>What a worker has to do after something happened. In order.</summary>
internal abstract record MemberAction
{
    /// <summary>Releases the training thread from the group of that generation at once, from any thread; it is destroyed in the background.</summary>
    internal sealed record AbortGroup(long Generation) : MemberAction;

    /// <summary>Prepares a group, unless it has one prepared for that generation, and sends Ready with its addresses and where the state stands.</summary>
    internal sealed record SendReady(long Generation, int Position) : MemberAction;

    /// <summary>Connects the group and goes on from the owner's state; ends with Joined or JoinFailed.</summary>
    internal sealed record Join(long Generation, bool Owner, bool Synchronise) : MemberAction;

    internal sealed record SendGroupBroken(long Generation, ValueList<int> ClosedRanks, string Reason) : MemberAction;

    internal sealed record SendLeaving : MemberAction;

    /// <summary>Writes a checkpoint of the committed state, at the next boundary between steps; an <see cref="Exit"/> waits for it.</summary>
    internal sealed record WriteCheckpoint : MemberAction;

    internal sealed record Exit : MemberAction;
}
