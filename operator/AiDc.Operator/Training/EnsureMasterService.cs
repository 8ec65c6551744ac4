using AiDc.Operator.Planning;
using k8s.Models;

namespace AiDc.Operator.Training;

/// <summary>Makes the Service lead to worker 0 of the attempt; its address is given to the pods created after it.</summary>
public sealed record EnsureMasterService(V1Service Service, int Attempt) : PlanStep;
