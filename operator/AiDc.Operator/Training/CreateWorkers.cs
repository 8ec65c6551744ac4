using AiDc.Operator.Planning;
using AiDc.Operator.Training.Builders;

namespace AiDc.Operator.Training;

/// <summary>Creates the workers of the gang that are missing.</summary>
/// <param name="Incarnations">Of those that are replaced, by index; null where none is.</param>
public sealed record CreateWorkers(GangBlueprint Gang, IReadOnlyList<int> Indexes, IReadOnlyDictionary<int, int>? Incarnations = null) : PlanStep;
