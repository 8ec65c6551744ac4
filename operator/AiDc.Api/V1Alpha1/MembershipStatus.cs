namespace AiDc.Api.V1Alpha1;

/// <summary>
/// Which workers of a distributed gang train together. Written before the workers are told, so that of two operators only one
/// decides.
/// </summary>
public sealed record MembershipStatus
{
    /// <summary>The number of this membership: it rises with each, over the whole life of the job.</summary>
    public long Generation { get; init; }

    /// <summary>The members in the order of their ranks; none while the gang holds.</summary>
    public IReadOnlyList<MembershipMember> Members { get; init; } = [];

    /// <summary>The first step that its members reported.</summary>
    public long? FirstStep { get; init; }

    /// <summary>When it was decided.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>Why the workers wait with their state in memory; left out while they train.</summary>
    public string? Hold { get; init; }

    /// <summary>Since when they wait, over all generations that they have waited in: what spec.failure.holdAfterLoss is counted from.</summary>
    public DateTimeOffset? HeldSince { get; init; }
}
