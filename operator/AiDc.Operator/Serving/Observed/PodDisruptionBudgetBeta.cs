using k8s.Models;

namespace AiDc.Operator.Serving.Observed;

/// <summary>A PodDisruptionBudget as servers before 1.21 know it: the fields that are used here are the same.</summary>
[KubernetesEntity(Group = "policy", ApiVersion = "v1beta1", Kind = "PodDisruptionBudget", PluralName = "poddisruptionbudgets")]
internal sealed record PodDisruptionBudgetBeta : V1PodDisruptionBudget;
