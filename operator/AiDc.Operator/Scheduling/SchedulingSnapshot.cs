namespace AiDc.Operator.Scheduling;

/// <summary>Everything that a cycle of the scheduler may look at. The order of its lists means nothing: a new leader may list them in another.</summary>
public sealed record SchedulingSnapshot
{
    /// <summary>Names of the resources that are counted. The first is the scarce one: service is measured in it, and nodes are packed by it.</summary>
    public required IReadOnlyList<string> Resources { get; init; }

    public IReadOnlyList<SchedulingNode> Nodes { get; init; } = [];

    public IReadOnlyList<SchedulingQueue> Queues { get; init; } = [];

    /// <summary>Waiting and admitted ones. What an admitted job holds is its admission, whether its pods are there yet or not.</summary>
    public IReadOnlyList<SchedulingJob> Jobs { get; init; } = [];

    /// <summary>Pods that hold something on a node and belong to no job of <see cref="Jobs"/>; when they end is not known.</summary>
    public IReadOnlyList<SchedulingPod> Pods { get; init; } = [];

    public SchedulingSettings Settings { get; init; } = new();
}

/// <summary>A node that pods may be placed on.</summary>
public sealed record SchedulingNode(string Name, Amounts Allocatable)
{
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Those that keep new pods away (NoSchedule, NoExecute).</summary>
    public IReadOnlyList<NodeTaint> Taints { get; init; } = [];

    /// <summary>False while it is cordoned, not ready or dead. What runs there goes on.</summary>
    public bool TakesPods { get; init; } = true;
}

/// <summary>A taint that keeps pods away.</summary>
public sealed record NodeTaint(string Key, string Value = "");

/// <summary>What a pod of somebody else holds of a node.</summary>
public sealed record SchedulingPod(string Node, Amounts Requests);

/// <summary>A ComputeQueue.</summary>
public sealed record SchedulingQueue(string Name)
{
    /// <summary>Queues of one cohort lend each other what they do not use; null: it stands alone.</summary>
    public string? Cohort { get; init; }

    /// <summary>Its share counts as divided by this; above zero.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>In the order in which they are tried; a gang is of one flavour.</summary>
    public IReadOnlyList<QueueFlavor> Flavors { get; init; } = [];

    public QueueOrdering Ordering { get; init; }

    public QueuePreemption Preemption { get; init; } = new();

    /// <summary>The highest priority that it grants; a job that asks for more gets this.</summary>
    public int HighestPriority { get; init; } = int.MaxValue;

    /// <summary>For how long a job that does not say is taken to run; null: that is not known, and nothing can be promised behind it.</summary>
    public TimeSpan? DefaultRun { get; init; }

    /// <summary>How many of its blocked jobs hold nodes for a time to come: what starts meanwhile must not move them. Beyond them starts are forecast only.</summary>
    public int ReservationDepth { get; init; } = 1;
}

/// <summary>Quota of one kind of nodes.</summary>
/// <param name="Name">Queues of a cohort share the quota of flavours with the same name.</param>
public sealed record QueueFlavor(string Name, Amounts Nominal)
{
    /// <summary>Labels that nodes of this kind have.</summary>
    public IReadOnlyDictionary<string, string> NodeLabels { get; init; } = new Dictionary<string, string>();

    /// <summary>How much beyond its own the queue may use of its cohort's; null: all that is lent.</summary>
    public Amounts? BorrowingLimit { get; init; }

    /// <summary>How much of its own others may use; null: all.</summary>
    public Amounts? LendingLimit { get; init; }

    /// <summary>An autoscaler adds nodes of this kind: a gang that fits the quota and no node is created without nodes.</summary>
    public bool NodesMayAppear { get; init; }
}

/// <summary>Whose turn it is within a queue.</summary>
public enum QueueOrdering
{
    /// <summary>By dominant share of the queue, then priority and age.</summary>
    Fair,

    /// <summary>The least remaining service by estimate.</summary>
    ShortestFirst,

    /// <summary>The least service attained, in levels: for clusters that know no durations.</summary>
    LeastAttained,
}

/// <summary>Who may be asked to end so that a job of the queue can start.</summary>
public sealed record QueuePreemption
{
    public WithinQueue WithinQueue { get; init; }

    /// <summary>While the queue is within its own quota, those of its cohort that hold more than theirs.</summary>
    public bool ReclaimsLent { get; init; } = true;

    /// <summary>Nobody who has been running for less is ended by another.</summary>
    public TimeSpan ProtectedFor { get; init; } = TimeSpan.FromMinutes(5);
}

/// <summary>Who of the same queue may be asked to end.</summary>
public enum WithinQueue
{
    Never,
    LowerPriority,

    /// <summary>Who comes later by the queue's ordering, by more than a margin.</summary>
    LaterInOrder,
}

/// <summary>What is the same for all queues.</summary>
public sealed record SchedulingSettings
{
    /// <summary>Each point of priority counts as so much waiting.</summary>
    public TimeSpan PriorityPoint { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>All of priority counts as at most so much waiting, and after so much waiting neither priority nor share comes before age.</summary>
    public TimeSpan AgingLimit { get; init; } = TimeSpan.FromHours(12);

    /// <summary>How long a job that was asked to end takes for its checkpoint.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Shortest first: who has at most this share of another's remaining service may take its place.</summary>
    public double ShorterBy { get; init; } = 0.5;

    /// <summary>Least attained: service of the first level, in seconds of one unit of the scarce resource.</summary>
    public double FirstLevel { get; init; } = 3600;

    /// <summary>Least attained: each level is as many times as long as the one before.</summary>
    public double LevelRatio { get; init; } = 4;

    /// <summary>Blocked jobs whose start is reckoned, by order.</summary>
    public int ForecastDepth { get; init; } = 64;

    /// <summary>Looks at a node that the reckoning of starts may take in one cycle: it bounds a cycle's length without a clock.</summary>
    public int ForecastBudget { get; init; } = 1_000_000;

    /// <summary>Blocked jobs for which others' end is considered in one cycle.</summary>
    public int PreemptionDepth { get; init; } = 16;
}
