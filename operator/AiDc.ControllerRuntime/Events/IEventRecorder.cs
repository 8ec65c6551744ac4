using k8s;
using k8s.Models;

namespace AiDc.ControllerRuntime.Events;

/// <summary>Tells people what happened to an object, as events.k8s.io/v1 events. Never blocks, never fails.</summary>
public interface IEventRecorder
{
    /// <param name="reason">One word, CamelCase: why. Aggregated with the same reason, action and type into a series.</param>
    /// <param name="action">One word, CamelCase: what was done or failed.</param>
    /// <param name="note">The sentence; cut at 1024 characters.</param>
    void Publish(IKubernetesObject<V1ObjectMeta> regarding, EventType type, string reason, string action, string note);
}

public enum EventType
{
    Normal,
    Warning,
}
