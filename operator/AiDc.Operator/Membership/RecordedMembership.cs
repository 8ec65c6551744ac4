namespace AiDc.Operator.Membership;

/// <summary>What the job's status says of its membership; written there before anybody is told.</summary>
/// <param name="Generation">Rises for the life of the job, across attempts.</param>
/// <param name="Attempt">The gang that it was decided for. Of an earlier one only the generation counts.</param>
/// <param name="Members">In the order of their ranks. While holding: those of the last group that can carry the training on, each a witness.</param>
/// <param name="Hold">Why nobody trains now; null while the members do.</param>
public sealed record RecordedMembership(long Generation, int Attempt, IReadOnlyList<GangMember> Members, string? Hold = null)
{
    public bool IsHold => Hold is not null;

    public bool Has(string podUid) => Members.Any(m => m.PodUid == podUid);
}
