namespace AiDc.Operator.Pods;

/// <summary>Reason and message of a pod's condition.</summary>
public sealed record PodNotice(string? Reason, string? Message);
