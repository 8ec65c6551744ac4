using AiDc.ControllerRuntime.Events;

namespace AiDc.Operator.Planning;

/// <summary>What a person who follows the job is told, once the status that says the same is written.</summary>
public sealed record PlannedEvent(EventType Type, string Reason, string Action, string Note)
{
    public static PlannedEvent Normal(string reason, string action, string note) => new(EventType.Normal, reason, action, note);

    public static PlannedEvent Warning(string reason, string action, string note) => new(EventType.Warning, reason, action, note);
}
