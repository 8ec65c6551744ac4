using AiDc.Operator.Training;

namespace AiDc.Operator.Serving;

/// <summary>Sets the replicas of a revision's Deployment; another one of that name stays.</summary>
public sealed record ScaleRevision(string Name, string Uid, int From, int To) : PlanStep;
