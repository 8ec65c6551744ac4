namespace AiDc.Operator.Pods;

/// <summary>The phase of a pod, as its status says it.</summary>
public enum PodPhase
{
    Pending,
    Running,
    Succeeded,
    Failed,
    Unknown,
}
