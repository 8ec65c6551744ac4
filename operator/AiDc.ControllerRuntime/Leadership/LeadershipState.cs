namespace AiDc.ControllerRuntime.Leadership;

/// <summary>What this replica knows of the lease.</summary>
/// <param name="Holder">Identity of the leader; null while there is none or none is known.</param>
/// <param name="Transitions">How often the lease has changed hands: a fencing number that only grows.</param>
public sealed record LeadershipState(bool IsLeader, string? Holder, int Transitions);
