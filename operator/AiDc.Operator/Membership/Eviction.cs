namespace AiDc.Operator.Membership;

/// <summary>A worker that is out. Its pod is to be deleted; its slot, if it still has one, gets a new pod.</summary>
/// <param name="WasMember">It was in the generation before; else it was lost while it waited to join.</param>
/// <param name="Message">For people.</param>
public sealed record Eviction(int Index, string PodUid, string? Pod, string? Node, EvictionReason Reason, bool WasMember, string Message)
{
    /// <summary>False where it went as it should.</summary>
    public bool IsLoss => Reason is not (EvictionReason.Left or EvictionReason.Resized or EvictionReason.Replaced);
}
