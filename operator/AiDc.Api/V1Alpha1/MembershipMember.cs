using System.ComponentModel.DataAnnotations;

namespace AiDc.Api.V1Alpha1;

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
