namespace AiDc.Operator.Membership;

/// <summary>A member's answer to a membership: where its state stands now that no step is in flight, and where its processes listen.</summary>
public sealed record ReadyMember(long Generation, bool HasState, long CommittedStep, long StateGeneration, IReadOnlyList<ReadOnlyMemory<byte>> Rendezvous);
