namespace AiDc.Operator.Planning;

/// <summary>Takes a pod away, with its grace period, so that its worker writes a checkpoint. Another pod of that name stays.</summary>
/// <param name="Why">For the log.</param>
/// <param name="Force">At once, from the API only: its node is dead, and no kubelet would ever say that it ended.</param>
public sealed record DeletePod(string Name, string Uid, string Why, bool Force = false) : PlanStep;
