using AiDc.ControllerRuntime;
using AiDc.Gateway.Replicas;

namespace AiDc.Gateway.Observability;

/// <summary>Tells of replicas that are taken out.</summary>
internal sealed partial class EjectionLog(GatewayMetrics metrics, ILogger<EjectionLog> logger)
{
    public void Ejected(ReplicaAddress replica, ProbeOutcome found)
    {
        metrics.Ejected(found);
        // That a replica ends is the normal course of things.
        if (replica.Leaving || found == ProbeOutcome.Draining) Left(replica.Pod, replica.Revision);
        else Lost(replica.Pod, replica.Revision, found);
    }

    [LoggerMessage(3201, LogLevel.Information, "Replica {Pod} of {Revision} gets no requests until a probe succeeds: {Found}")]
    private partial void Lost(NamespacedName pod, string revision, ProbeOutcome found);

    [LoggerMessage(3202, LogLevel.Debug, "Replica {Pod} of {Revision} ends")]
    private partial void Left(NamespacedName pod, string revision);
}
