using AiDc.Operator.Training.Builders;

namespace AiDc.Operator.Training;

/// <summary>Creates the workers of the gang that are missing.</summary>
public sealed record CreateWorkers(GangBlueprint Gang, IReadOnlyList<int> Indexes) : PlanStep;
