using AiDc.Coordination.Members;
using AiDc.Operator.Membership;

namespace AiDc.Protocol.Tests.Model;

/// <summary>The code that is checked, so that a test can put a mistake in its place.</summary>
internal sealed record Rules(int Workers, GangSize Size)
{
    public Func<GangView, MembershipDecision> Decide { get; init; } = MembershipPolicy.Decide;

    public Func<RecordedMembership, IReadOnlyDictionary<string, ReadyMember>, StartOrder?> Start { get; init; } = StartPolicy.Decide;

    public Func<MemberState, MemberInput, (MemberState, IReadOnlyList<MemberAction>)> Machine { get; init; } = MemberMachine.Apply;

    /// <summary>Whether the record is written only over the version that was decided on.</summary>
    public bool ComparesVersion { get; init; } = true;
}
