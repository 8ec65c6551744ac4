namespace AiDc.Api.V1Alpha1;

/// <summary>One member of a generation: a worker's pod, with however many processes.</summary>
public sealed record MembershipMember
{
    /// <summary>The worker's index.</summary>
    public int Index { get; init; }

    /// <summary>The uid of its pod: a replacement of the same index is another member.</summary>
    public string PodUid { get; init; } = "";
}
