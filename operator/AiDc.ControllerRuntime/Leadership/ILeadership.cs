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
