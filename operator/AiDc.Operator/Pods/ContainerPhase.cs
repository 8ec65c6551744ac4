namespace AiDc.Operator.Pods;

/// <summary>Which of the three states a container is in.</summary>
public enum ContainerPhase
{
    Waiting,
    Running,
    Terminated,
}
