using AiDc.ControllerRuntime;

namespace AiDc.Operator.Serving.Demand;

/// <summary>What the gateways say of the services' load, summed over those that live. In memory, on the leader; thread-safe.</summary>
public interface ILoadBoard
{
    /// <summary>The load of a service now; zeros where no gateway has mentioned it.</summary>
    ServiceReading Read(NamespacedName service);

    /// <summary>Whether every live gateway cannot reach this pod, and has not for two reports.</summary>
    bool IsUnreachable(NamespacedName pod);

    /// <summary>The service has requests that wait and no replica, or one of its pods has become unreachable: it should be looked at at once.</summary>
    event Action<NamespacedName> Woken;
}
