namespace AiDc.Operator.Membership;

/// <summary>What the leader heard from the workers of one job, at one moment. All times are of its monotonic clock, which no other process shares.</summary>
public sealed record GangSessions
{
    /// <summary>When this was taken.</summary>
    public required TimeSpan Now { get; init; }

    /// <summary>Since when this replica leads: nobody was heard by it before.</summary>
    public TimeSpan LeaderSince { get; init; }

    /// <summary>When the leader last found that it had been asleep itself: what others missed until then is not held against them.</summary>
    public TimeSpan ForgivenAt { get; init; }

    /// <summary>When a member last reported a step committed beyond its own report before; null: not yet.</summary>
    public TimeSpan? LastAdvance { get; init; }

    /// <summary>The last generation that this leader recorded and announced itself, and when. A group that another leader formed is not started here.</summary>
    public (long Generation, TimeSpan At)? Announced { get; init; }

    /// <summary>Of the Hold that was announced last: the pod that is to write the checkpoint.</summary>
    public string? HoldWriter { get; init; }

    /// <summary>Of pods that said hello to this leader, each once.</summary>
    public IReadOnlyList<MemberSession> Members { get; init; } = [];

    public MemberSession? Of(string podUid) => Members.FirstOrDefault(m => m.PodUid == podUid);
}
