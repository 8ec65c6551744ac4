using AiDc.Operator.Membership;
using AiDc.Operator.Planning;

namespace AiDc.Operator.Training;

/// <summary>Tells the workers who trains together, which the status that was written before says.</summary>
public sealed record AnnounceMembership(MembershipDecision Decision) : PlanStep;
