using AiDc.Coordination.V1;
using AiDc.Operator.Membership;
using MembershipMessage = AiDc.Coordination.V1.Membership;

namespace AiDc.Operator.Coordination.Board;

/// <summary>Between the protocol's messages on membership and ours. A worker is believed about itself, within bounds.</summary>
internal static class GangMessages
{
    /// <summary>So that what a worker makes up leaves room above it.</summary>
    private const long HighestGeneration = 1L << 48;

    private const int MostRanks = 8192;
    private const int MostProcesses = 64;
    private const int LongestReason = 300;

    public static MemberStanding Read(MemberState m) => new(
        m.Prepared, Generation(m.Generation), m.InGroup, m.HasState, Math.Max(0, m.CommittedStep), Generation(m.StateGeneration));

    public static ReadyMember Read(Ready m) => new(
        Generation(m.Generation), m.HasState, Math.Max(0, m.CommittedStep), Generation(m.StateGeneration),
        [.. m.Rendezvous.Take(MostProcesses).Select(blob => blob.Memory)]);

    public static BrokenGroup Read(GroupBroken m, TimeSpan now) => new(
        Generation(m.Generation), [.. m.ClosedRanks.Take(MostRanks)], m.Reason.Length <= LongestReason ? m.Reason : m.Reason[..LongestReason] + "…", now);

    public static CoordinatorMessage Membership(long transitions, RecordedMembership membership)
    {
        var message = new MembershipMessage { Generation = membership.Generation };
        message.Members.AddRange(membership.Members.Select(m => new Member { WorkerIndex = m.Index, PodUid = m.PodUid }));
        return new() { LeaseTransitions = transitions, Membership = message };
    }

    public static CoordinatorMessage Hold(long transitions, RecordedMembership membership, bool writes) => new()
    {
        LeaseTransitions = transitions,
        Hold = new Hold { Generation = membership.Generation, Reason = membership.Hold!, WritesCheckpoint = writes },
    };

    public static CoordinatorMessage Start(long transitions, StartOrder order)
    {
        var message = new Start { Generation = order.Generation, OwnerRank = order.OwnerRank, Synchronise = order.Synchronise };
        message.Rendezvous.AddRange(order.Rendezvous.Select(Google.Protobuf.UnsafeByteOperations.UnsafeWrap));
        return new() { LeaseTransitions = transitions, Start = message };
    }

    private static long Generation(long said) => Math.Clamp(said, 0, HighestGeneration);
}
