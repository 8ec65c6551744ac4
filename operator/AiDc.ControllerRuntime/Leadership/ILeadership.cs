namespace AiDc.ControllerRuntime.Leadership;

/// <summary>Who leads. Losing the lease stops the process, so a leader never becomes a follower again.</summary>
public interface ILeadership
{
    /// <summary>The identity that this replica stands with.</summary>
    string Identity { get; }

    LeadershipState State { get; }

    /// <summary>Raised after every change of <see cref="State"/>; handlers must not block or throw.</summary>
    event Action<LeadershipState>? Changed;

    /// <summary>Completes once this replica leads.</summary>
    Task WaitForLeadershipAsync(CancellationToken ct);
}

/// <summary>What this replica knows of the lease.</summary>
/// <param name="Holder">Identity of the leader; null while there is none or none is known.</param>
/// <param name="Transitions">How often the lease has changed hands: a fencing number that only grows.</param>
public sealed record LeadershipState(bool IsLeader, string? Holder, int Transitions)
{
    /// <summary>
    /// Of a leader that took the lease from one that did not renew it any more: how long that one had been silent by then. Zero where it was
    /// given back, or never held.
    /// </summary>
    public TimeSpan TakenAfterSilence { get; init; }
}

/// <summary>Leads without asking: for an operator of which there is only one.</summary>
public sealed class AlwaysLeader(string identity) : ILeadership
{
    public event Action<LeadershipState>? Changed
    {
        add { }
        remove { }
    }

    public string Identity => identity;

    public LeadershipState State { get; } = new(true, identity, 0);

    public Task WaitForLeadershipAsync(CancellationToken ct) => Task.CompletedTask;
}
