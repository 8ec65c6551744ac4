namespace AiDc.Operator.Membership;

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
