namespace AiDc.ControllerRuntime.Leadership;

/// <summary>
/// What a candidate remembers between two looks at the lease. Times are of its own monotonic clock: clocks of others,
/// written in the lease, are never compared with it.
/// </summary>
/// <param name="Lease">As last seen; null: there was none.</param>
/// <param name="SeenAt">When this version of it was first seen.</param>
/// <param name="RenewedAt">When the last renewal that went through was sent; null: we do not lead.</param>
/// <param name="Transitions">The highest number seen: a lease deleted by hand must not reset it.</param>
public sealed record LeaseMemory(LeaseView? Lease, TimeSpan SeenAt, TimeSpan? RenewedAt, int Transitions)
{
    public static LeaseMemory None { get; } = new(null, TimeSpan.Zero, null, -1);

    public bool IsLeading => RenewedAt is not null;

    public LeaseMemory Saw(LeaseView? lease, TimeSpan now) =>
        this with
        {
            Lease = lease,
            SeenAt = lease is not null && lease.ResourceVersion == Lease?.ResourceVersion ? SeenAt : now,
            Transitions = Math.Max(Transitions, lease?.Transitions ?? -1),
        };

    /// <param name="sentAt">When the write was sent, not when it was answered: others count from when it landed.</param>
    public LeaseMemory Renewed(LeaseView lease, TimeSpan sentAt) => Saw(lease, sentAt) with { RenewedAt = sentAt };
}
