namespace AiDc.Operator.Training.Observed;

/// <summary>Which of the three states a container is in.</summary>
public enum ContainerPhase
{
    Waiting,
    Running,
    Terminated,
}
