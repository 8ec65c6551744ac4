namespace AiDc.Operator.Membership;

/// <summary>The word to begin. Given once a generation, by the leader that recorded it; repeated unchanged to whoever has not got it.</summary>
/// <param name="Rendezvous">Of all processes, by rank.</param>
/// <param name="OwnerRank">Whose state becomes everybody's.</param>
/// <param name="Synchronise">Not everybody has that state.</param>
public sealed record StartOrder(long Generation, IReadOnlyList<ReadOnlyMemory<byte>> Rendezvous, int OwnerRank, bool Synchronise);
