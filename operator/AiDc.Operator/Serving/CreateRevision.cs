using AiDc.Operator.Training;
using k8s.Models;

namespace AiDc.Operator.Serving;

/// <summary>Makes the Deployment of a revision.</summary>
public sealed record CreateRevision(V1Deployment Deployment) : PlanStep;
