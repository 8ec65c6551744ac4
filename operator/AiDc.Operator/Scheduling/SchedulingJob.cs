namespace AiDc.Operator.Scheduling;

/// <summary>A job as the scheduler sees it: a gang of equal pods that starts as a whole.</summary>
/// <param name="Name">namespace/name: unique.</param>
public sealed record SchedulingJob(string Name)
{
    /// <summary>Its queue, the default one's name where it names none.</summary>
    public required string Queue { get; init; }

    public int Priority { get; init; }

    public required DateTimeOffset Submitted { get; init; }

    /// <summary>Pods that it is to have; at least one.</summary>
    public int Replicas { get; init; } = 1;

    /// <summary>With fewer it does not start; null: <see cref="Replicas"/>.</summary>
    public int? Min { get; init; }

    /// <summary>With more it can do nothing; null: <see cref="Replicas"/>.</summary>
    public int? Max { get; init; }

    public required Amounts PerPod { get; init; }

    /// <summary>How long it runs in all with <see cref="Replicas"/> pods; null: not said.</summary>
    public TimeSpan? ExpectedDuration { get; init; }

    public PlacementConstraints Constraints { get; init; } = PlacementConstraints.None;

    /// <summary>What it holds; null while it waits.</summary>
    public Admission? Admission { get; init; }

    /// <summary>As its status has it; null where it was promised nothing.</summary>
    public RecordedReservation? Reservation { get; init; }

    /// <summary>How long it has been running so far, over all its admissions, as if with <see cref="Replicas"/> pods.</summary>
    public TimeSpan Attained { get; init; }

    /// <summary>What of it would be done again: since its last checkpoint.</summary>
    public TimeSpan Uncheckpointed { get; init; }

    internal int Least => Min ?? Replicas;

    internal int Most => Max ?? Replicas;
}

/// <summary>What an admitted job holds.</summary>
/// <param name="Flavor">Whose quota it counts against.</param>
/// <param name="Nodes">The node of each of its pods. Empty while it waits for nodes that are to appear.</param>
/// <param name="At">Since when; before the first start it is the moment of the decision.</param>
public sealed record Admission(string Flavor, IReadOnlyList<string> Nodes, DateTimeOffset At)
{
    /// <summary>Pods that count against the quota; null: as many as there are nodes.</summary>
    public int? Size { get; init; }

    /// <summary>The queue that it was admitted by: the job may name another by now. Null: the job's.</summary>
    public string? Queue { get; init; }

    /// <summary>What each of its pods holds, however the job was edited since. Null: as the job says.</summary>
    public Amounts? PerPod { get; init; }

    /// <summary>By its own progress and speed; null: by the expected duration.</summary>
    public DateTimeOffset? ExpectedEnd { get; init; }

    /// <summary>It was asked to end, or to become smaller: it is not asked again.</summary>
    public bool IsEnding { get; init; }
}

/// <summary>The promise that a waiting job's status holds.</summary>
/// <param name="Since">When it was first made: promises are kept in this order.</param>
/// <param name="Turn">Its place among those that were first made at the same moment.</param>
/// <param name="Nodes">Of each pod.</param>
public sealed record RecordedReservation(DateTimeOffset Since, int Turn, DateTimeOffset Start, string Flavor, IReadOnlyList<string> Nodes);

/// <summary>Where pods of a job may go.</summary>
public sealed record PlacementConstraints
{
    public static readonly PlacementConstraints None = new();

    /// <summary>Labels that a node must have.</summary>
    public IReadOnlyDictionary<string, string> NodeLabels { get; init; } = new Dictionary<string, string>();

    /// <summary>Alternatives (or) of terms (and) that a node must satisfy; empty: any node does.</summary>
    public IReadOnlyList<IReadOnlyList<NodeTerm>> Affinity { get; init; } = [];

    public IReadOnlyList<TaintToleration> Tolerations { get; init; } = [];

    /// <summary>Nodes that it must not go to, as after a loss.</summary>
    public IReadOnlyList<string> AvoidedNodes { get; init; } = [];

    /// <summary>The label whose value is the same for all pods; null: none.</summary>
    public string? RequiredTopology { get; init; }

    /// <summary>Labels whose value had better be the same for all, the narrowest first.</summary>
    public IReadOnlyList<string> PreferredTopology { get; init; } = [];

    /// <summary>At most one pod on a node.</summary>
    public bool Spread { get; init; }

    /// <summary>A pod has its node's scarce resource for itself.</summary>
    public bool WholeNodes { get; init; }
}

/// <summary>One expression on a node's label.</summary>
public sealed record NodeTerm(string Label, NodeTermOperator Operator, params string[] Values);

/// <summary>As in a pod's node affinity.</summary>
public enum NodeTermOperator
{
    In,
    NotIn,
    Exists,
    DoesNotExist,
    GreaterThan,
    LessThan,
}

/// <summary>A taint that the pods bear.</summary>
/// <param name="Key">Null: any.</param>
/// <param name="Value">Null: any.</param>
public sealed record TaintToleration(string? Key, string? Value = null);
