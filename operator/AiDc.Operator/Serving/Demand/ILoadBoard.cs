using AiDc.ControllerRuntime;

namespace AiDc.Operator.Serving.Demand;

/// <summary>What the gateways say of the services' load, summed over those that live. In memory, on the leader; thread-safe.</summary>
public interface ILoadBoard
{
    /// <summary>The load of a service now; zeros where no gateway has mentioned it.</summary>
    ServiceReading Read(NamespacedName service);

    /// <summary>Whether every live gateway says that it cannot reach this pod, and has said so twice in a row.</summary>
    bool IsUnreachable(NamespacedName pod);

    /// <summary>Lets go of what is known of a service that was deleted.</summary>
    void Forget(NamespacedName service);

    /// <summary>The service has requests that wait for its first replica: it should be looked at at once. Raised with each report that says so.</summary>
    event Action<NamespacedName> Woken;

    /// <summary>What is said of a pod has changed: it may be unreachable now, or no longer.</summary>
    event Action<NamespacedName> ReachChanged;
}
