using k8s.Models;

namespace AiDc.ControllerRuntime.Events;

/// <summary>An event on its way from a reconcile to the writer.</summary>
internal sealed record PendingEvent(
    V1ObjectReference Regarding, EventType Type, string Reason, string Action, string Note, DateTimeOffset At);
