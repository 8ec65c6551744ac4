using System.ComponentModel.DataAnnotations;

namespace AiDc.Api.V1Alpha1;

/// <summary>
/// Which workers of a distributed gang train together. Written before the workers are told, so that of two operators only one
/// decides.
/// </summary>
public sealed record MembershipStatus
{
    /// <summary>The number of this membership: it rises with each, over the whole life of the job.</summary>
    public long Generation { get; init; }

    /// <summary>The attempt that it was decided for.</summary>
    public int Attempt { get; init; }

    /// <summary>The members in the order of their ranks; while the gang holds, those who can carry the training on.</summary>
    public IReadOnlyList<MembershipMember> Members { get; init; } = [];

    /// <summary>The last step known to be done when it was decided; left out before the first step of the attempt.</summary>
    public long? LastStep { get; init; }

    /// <summary>The step from which its members went on.</summary>
    public long? FromStep { get; init; }

    /// <summary>The first step that its members reported as done; left out until they have.</summary>
    public long? FirstStep { get; init; }

    /// <summary>When it was decided.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>Why the workers wait with their state in memory; left out while they train.</summary>
    public string? Hold { get; init; }

    /// <summary>Since when they wait, over all generations that they have waited in: what spec.failure.holdAfterLoss is counted from.</summary>
    public DateTimeOffset? HeldSince { get; init; }
}

/// <summary>One member of a generation: a worker's pod, with however many processes.</summary>
public sealed record MembershipMember
{
    /// <summary>The worker's index.</summary>
    public int Index { get; init; }

    /// <summary>The uid of its pod: a replacement of the same index is another member.</summary>
    [Required]
    public string PodUid { get; init; } = "";

    /// <summary>Whether no group before this one can go on once this member has left it. A generation has one of the generation before at least.</summary>
    public bool Witness { get; init; }
}
