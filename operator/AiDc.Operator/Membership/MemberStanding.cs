namespace AiDc.Operator.Membership;

/// <summary>Where a worker stands, by its own last word.</summary>
/// <param name="Prepared">Its data is read and its model built: it may become a member.</param>
/// <param name="Generation">The highest membership that it has accepted; 0 before the first.</param>
/// <param name="InGroup">It trains in that generation.</param>
/// <param name="HasState">It holds the weights of <paramref name="CommittedStep"/>.</param>
/// <param name="CommittedStep">Optimizer steps whose update is in its weights.</param>
/// <param name="StateGeneration">The generation in whose group it last trained, which is whose history its weights have; 0 before the first.</param>
public readonly record struct MemberStanding(bool Prepared, long Generation, bool InGroup, bool HasState, long CommittedStep, long StateGeneration);
