using AiDc.ControllerRuntime.Events;

namespace AiDc.Operator.Planning;

/// <summary>One thing to do in the cluster. Steps are safe to repeat: each names exactly what it is about.</summary>
public abstract record PlanStep;

/// <summary>Takes a pod away, with its grace period, so that its worker writes a checkpoint. Another pod of that name stays.</summary>
/// <param name="Why">For the log.</param>
/// <param name="Force">At once, from the API only: its node is dead, and no kubelet would ever say that it ended.</param>
public sealed record DeletePod(string Name, string Uid, string Why, bool Force = false) : PlanStep;

/// <summary>What a person who follows the job is told, once the status that says the same is written.</summary>
public sealed record PlannedEvent(EventType Type, string Reason, string Action, string Note)
{
    public static PlannedEvent Normal(string reason, string action, string note) => new(EventType.Normal, reason, action, note);

    public static PlannedEvent Warning(string reason, string action, string note) => new(EventType.Warning, reason, action, note);
}
