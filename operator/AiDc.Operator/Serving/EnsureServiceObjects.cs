using AiDc.Operator.Training;
using k8s.Models;

namespace AiDc.Operator.Serving;

/// <summary>Makes what a service has once. A Service of that name that is somebody else's stays as it is.</summary>
public sealed record EnsureServiceObjects(V1Service Service, V1PodDisruptionBudget Budget) : PlanStep;
