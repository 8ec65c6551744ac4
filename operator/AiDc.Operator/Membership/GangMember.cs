namespace AiDc.Operator.Membership;

/// <summary>One worker pod in a generation; its place in the list of members decides its ranks.</summary>
/// <param name="Index">The worker's slot.</param>
/// <param name="PodUid">Which pod of that slot: a replacement is another member.</param>
/// <param name="IsWitness">
/// No group of an earlier generation can commit another step once this member has accepted the present one: it was needed in the last of
/// them. A generation is formed around at least one witness of the generation before, or two groups could train at once.
/// </param>
public sealed record GangMember(int Index, string PodUid, bool IsWitness = false);
