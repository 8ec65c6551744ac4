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

/// <summary>How many workers a gang has.</summary>
/// <param name="Target">As many as it is to have: slots 0 to Target - 1.</param>
/// <param name="Needed">With fewer nobody trains. Equal to the target where the gang is rigid.</param>
public sealed record GangSize(int Target, int Needed)
{
    public static GangSize Rigid(int replicas) => new(replicas, replicas);

    public bool IsElastic => Needed < Target;
}

/// <summary>A pod of the present attempt. Those that were replaced are among them until they are gone.</summary>
/// <param name="Index">Its slot.</param>
/// <param name="Incarnation">0 for the first pod of the slot in this attempt; each replacement has the next number.</param>
public sealed record GangPod(int Index, int Incarnation, string Uid, string Name)
{
    public string? Node { get; init; }

    public GangPodState State { get; init; } = GangPodState.Running;

    /// <summary>Somebody has deleted it: its worker is asked to end.</summary>
    public bool IsBeingDeleted { get; init; }

    /// <summary>Its node is not to be trusted (its lease has stopped, it flaps) or is cordoned: it is not taken into a generation that it is not in yet.</summary>
    public bool NodeIsAvoided { get; init; }

    /// <summary>Why it counts as lost whatever its worker says, in words: its node was deleted, its GPU withdrawn. Null as a rule.</summary>
    public string? LostBecause { get; init; }
}

/// <summary>What the API server knows of a worker's pod.</summary>
public enum GangPodState
{
    /// <summary>Its container does not run yet.</summary>
    Starting,

    Running,

    /// <summary>Its container ended, however: it takes part in nothing any more.</summary>
    Ended,
}

/// <summary>What the leader heard from the workers of one job, at one moment. All times are of its monotonic clock, which no other process shares.</summary>
public sealed record GangSessions
{
    /// <summary>Each worker of a gang is asked for.</summary>
    private readonly Lazy<Dictionary<string, MemberSession>> byPod = new(() => []);

    /// <summary>When this was taken.</summary>
    public required TimeSpan Now { get; init; }

    /// <summary>Since when this replica leads: nobody was heard by it before.</summary>
    public TimeSpan LeaderSince { get; init; }

    /// <summary>How the gang looked for this replica before it led; null where nobody did.</summary>
    public LeaderSearch? Search { get; init; }

    /// <summary>When the leader last found that it had been asleep itself: what others missed until then is not held against them.</summary>
    public TimeSpan ForgivenAt { get; init; }

    /// <summary>When a member last reported a step committed beyond its own report before; null: not yet.</summary>
    public TimeSpan? LastAdvance { get; init; }

    /// <summary>The last generation that this leader recorded and announced itself, and when. A group that another leader formed is not started here.</summary>
    public (long Generation, TimeSpan At)? Announced { get; init; }

    /// <summary>Of the Hold that was announced last: the pod that is to write the checkpoint.</summary>
    public string? HoldWriter { get; init; }

    /// <summary>Of pods that said hello to this leader, each once.</summary>
    public IReadOnlyList<MemberSession> Members
    {
        get;
        init
        {
            field = value;
            byPod = new(() => value.DistinctBy(m => m.PodUid).ToDictionary(m => m.PodUid));
        }
    } = [];

    public MemberSession? Of(string podUid) => byPod.Value.GetValueOrDefault(podUid);
}

/// <summary>
/// Workers that had lost their leader and asked this replica, which did not lead yet. They ask seconds before a silent leader's lease expires,
/// so whoever then takes it knows already who lives.
/// </summary>
/// <param name="Since">When the first of the gang asked, and not before the leader fell silent.</param>
/// <param name="Asked">By pod: when it asked last.</param>
public sealed record LeaderSearch(TimeSpan Since, IReadOnlyDictionary<string, TimeSpan> Asked);

/// <summary>What the leader knows of one worker's stream. Times are of the leader's monotonic clock.</summary>
public sealed record MemberSession(int Index, int Attempt, string PodUid)
{
    /// <summary>A stream is open; it may be dead without anybody knowing.</summary>
    public bool Connected { get; init; }

    /// <summary>When any message of the worker last came.</summary>
    public TimeSpan LastHeard { get; init; }

    /// <summary>When its stream ended; null while one is open.</summary>
    public TimeSpan? ClosedAt { get; init; }

    public MemberStanding Standing { get; init; }

    /// <summary>Since when it may be a member; null before.</summary>
    public TimeSpan? PreparedSince { get; init; }

    /// <summary>The generation that it is Ready for, told to this leader; 0: none.</summary>
    public long ReadyGeneration { get; init; }

    /// <summary>It was asked to end.</summary>
    public bool Leaving { get; init; }

    /// <summary>Its last report of a broken group; null before the first.</summary>
    public BrokenGroup? Broken { get; init; }
}

/// <summary>Where a worker stands, by its own last word.</summary>
/// <param name="Prepared">Its data is read and its model built: it may become a member.</param>
/// <param name="Generation">The highest membership that it has accepted; 0 before the first.</param>
/// <param name="InGroup">It trains in that generation.</param>
/// <param name="HasState">It holds the weights of <paramref name="CommittedStep"/>.</param>
/// <param name="CommittedStep">Optimizer steps whose update is in its weights.</param>
/// <param name="StateGeneration">The generation in whose group it last trained, which is whose history its weights have; 0 before the first.</param>
public readonly record struct MemberStanding(bool Prepared, long Generation, bool InGroup, bool HasState, long CommittedStep, long StateGeneration);

/// <summary>A worker's report that a collective failed.</summary>
/// <param name="ClosedRanks">Processes whose connection was closed. Empty where it only timed out: in a ring that names nobody.</param>
/// <param name="At">When it was heard, by the leader's monotonic clock.</param>
public sealed record BrokenGroup(long Generation, IReadOnlyList<int> ClosedRanks, string Reason, TimeSpan At);
