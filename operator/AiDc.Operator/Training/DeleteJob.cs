using AiDc.Operator.Planning;

namespace AiDc.Operator.Training;

/// <summary>Deletes the job itself; the garbage collector takes its pods.</summary>
public sealed record DeleteJob(string Why) : PlanStep;
