namespace AiDc.Operator.Pods;

/// <summary>What matters of one container's status.</summary>
/// <param name="Reason">Of waiting (<c>ImagePullBackOff</c>) or of the end (<c>OOMKilled</c>).</param>
/// <param name="Message">Of waiting, or the termination message, which holds the last log lines where the program wrote none.</param>
public sealed record ObservedContainer(
    string Name,
    bool IsInit,
    ContainerPhase Phase,
    string? Reason = null,
    string? Message = null,
    int? ExitCode = null,
    DateTimeOffset? FinishedAt = null)
{
    public bool HasFailed => Phase == ContainerPhase.Terminated && ExitCode is not 0;
}
