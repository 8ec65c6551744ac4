namespace AiDc.ControllerRuntime.Leadership;

/// <summary>The whole of leader election but for its reading and writing.</summary>
public static class LeaseDecision
{
    /// <param name="memory">With the lease as it is now, or as it was if it could not be read.</param>
    /// <param name="renewDeadline">How long a leader that cannot renew goes on; below the lease's duration.</param>
    public static LeaseAction Decide(LeaseMemory memory, string identity, TimeSpan renewDeadline, TimeSpan now)
    {
        if (memory.RenewedAt is { } renewed && now - renewed >= renewDeadline) return LeaseAction.Lost;
        if (memory.Lease is not { } lease) return LeaseAction.Create;
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
