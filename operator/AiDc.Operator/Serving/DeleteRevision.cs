using AiDc.Operator.Training;

namespace AiDc.Operator.Serving;

/// <summary>Deletes the Deployment of a revision that has no pods any more; another one of that name stays.</summary>
public sealed record DeleteRevision(string Name, string Uid) : PlanStep;
