using AiDc.Operator.Training.Builders;
using k8s.Models;

namespace AiDc.Operator.Training;

/// <summary>One thing to do in the cluster. Steps are safe to repeat: each names exactly what it is about.</summary>
public abstract record PlanStep;

/// <summary>Takes a pod away, with its grace period, so that its worker writes a checkpoint. Another pod of that name stays.</summary>
/// <param name="Why">For the log.</param>
public sealed record DeletePod(string Name, string Uid, string Why) : PlanStep;

/// <summary>Makes the Service lead to worker 0 of the attempt; its address is given to the pods created after it.</summary>
public sealed record EnsureMasterService(V1Service Service, int Attempt) : PlanStep;

/// <summary>Creates the workers of the gang that are missing.</summary>
public sealed record CreateWorkers(GangBlueprint Gang, IReadOnlyList<int> Indexes) : PlanStep;

/// <summary>Deletes the job itself; the garbage collector takes its pods.</summary>
public sealed record DeleteJob(string Why) : PlanStep;
