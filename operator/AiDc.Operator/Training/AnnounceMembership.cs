using AiDc.Operator.Training.Membership;

namespace AiDc.Operator.Training;

/// <summary>Tells the workers who trains together, which the status that was written before says.</summary>
public sealed record AnnounceMembership(MembershipDecision Decision) : PlanStep;
