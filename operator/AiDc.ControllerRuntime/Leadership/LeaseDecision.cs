namespace AiDc.ControllerRuntime.Leadership;

/// <summary>The whole of leader election but for its reading and writing.</summary>
public static class LeaseDecision
{
    /// <param name="memory">With the lease as it is now, or as it was if it could not be read.</param>
    /// <param name="renewDeadline">How long a leader that cannot renew goes on; below the lease's duration.</param>
    public static LeaseAction Decide(LeaseMemory memory, string identity, TimeSpan renewDeadline, TimeSpan now)
    {
        if (memory.RenewedAt is { } renewed && now - renewed >= renewDeadline) return LeaseAction.Lost;
        // Whoever held a lease that was deleted leads on and makes it anew: others leave it as much time as if it had fallen silent.
        if (memory.Lease is not { } lease)
            return !memory.IsLeading && memory.Deleted is { Holder.Length: > 0 } held && held.Holder != identity && now - memory.SeenAt < held.Duration
                ? LeaseAction.Wait : LeaseAction.Create;
        if (lease.Holder == identity) return LeaseAction.Renew;
        if (memory.IsLeading) return LeaseAction.Lost;
        if (string.IsNullOrEmpty(lease.Holder)) return LeaseAction.Acquire;
        return now - memory.SeenAt >= lease.Duration ? LeaseAction.Acquire : LeaseAction.Wait;
    }

    /// <summary>How long the next request may take, so that a leader knows of its loss at the deadline and not later.</summary>
    public static TimeSpan RequestTimeout(LeaseMemory memory, TimeSpan renewDeadline, TimeSpan now)
    {
        var half = renewDeadline / 2;
        if (memory.RenewedAt is not { } renewed) return half;
        var left = renewed + renewDeadline - now;
        return left < half ? left : half;
    }

    /// <summary>The number of a lease that changes hands; renewing keeps it.</summary>
    public static int TransitionsAfter(LeaseAction action, LeaseMemory memory) => action switch
    {
        LeaseAction.Renew => memory.Lease!.Transitions,
        _ => memory.Transitions + 1,
    };
}

public enum LeaseAction
{
    /// <summary>There is no lease: create it, ours.</summary>
    Create,

    /// <summary>It was released or its holder fell silent: take it.</summary>
    Acquire,

    /// <summary>It is ours: say that we live.</summary>
    Renew,

    /// <summary>Somebody else leads.</summary>
    Wait,

    /// <summary>We led and do not any more.</summary>
    Lost,
}

/// <summary>What a Lease says.</summary>
/// <param name="Holder">Null or empty: released.</param>
/// <param name="Duration">How long its holder asks to be waited for.</param>
/// <param name="ResourceVersion">Changes with every renewal.</param>
public sealed record LeaseView(string? Holder, TimeSpan Duration, int Transitions, string ResourceVersion);

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

    /// <summary>As it was before somebody deleted it; null while there is one, and where there never was.</summary>
    public LeaseView? Deleted { get; init; }
    public LeaseMemory Saw(LeaseView? lease, TimeSpan now) =>
        this with
        {
            Lease = lease,
            Deleted = lease is null ? Lease ?? Deleted : null,
            SeenAt = lease?.ResourceVersion == Lease?.ResourceVersion && (lease ?? Deleted) is not null ? SeenAt : now,
            Transitions = Math.Max(Transitions, lease?.Transitions ?? -1),
        };

    /// <param name="sentAt">When the write was sent, not when it was answered: others count from when it landed.</param>
    public LeaseMemory Renewed(LeaseView lease, TimeSpan sentAt) => Saw(lease, sentAt) with { RenewedAt = sentAt };
}

/// <param name="Duration">How long the others wait for a silent leader; whole seconds.</param>
/// <param name="RenewDeadline">A leader that could not renew for so long has lost.</param>
/// <param name="RetryPeriod">Between looks at the lease, and between renewals.</param>
public sealed record LeaderElectionSettings(
    NamespacedName Lease, string Identity, TimeSpan Duration, TimeSpan RenewDeadline, TimeSpan RetryPeriod);
