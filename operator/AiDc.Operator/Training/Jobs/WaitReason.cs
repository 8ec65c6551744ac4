namespace AiDc.Operator.Training.Jobs;

/// <summary>What a gang that does not run waits for.</summary>
/// <param name="Reason">One of <see cref="Api.Reasons"/>: the reason of the condition Running.</param>
/// <param name="Worker">The first worker that it is about; null for the gang.</param>
/// <param name="IsTrouble">False for the usual course of a start.</param>
/// <param name="IsVague">The cause itself was said before and is no longer shown by the pod.</param>
public sealed record WaitReason(string Reason, string Message, int? Worker, bool IsTrouble, bool IsVague = false);
