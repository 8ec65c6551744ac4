using AiDc.ControllerRuntime;

namespace AiDc.Gateway.Routing;

/// <summary>How much a service has to do here, at one moment.</summary>
/// <param name="Held">Requests that wait because no replica could answer.</param>
/// <param name="Queued">Requests that wait because all replicas are at their limit.</param>
/// <param name="Unreachable">Pods that Kubernetes calls ready and that this gateway cannot reach.</param>
internal sealed record DispatcherLoad(
    ulong Arrivals, int Held, int Queued, IReadOnlyList<RevisionLoadView> Revisions, IReadOnlyList<NamespacedName> Unreachable)
{
    public int Waiting => Held + Queued;
}

/// <summary>The counters of one revision, as operator/protos/serving.proto has them.</summary>
internal sealed record RevisionLoadView(
    string Revision, int InFlight, ulong Arrivals, ulong Completed, ulong Errors, double ServiceSeconds, IReadOnlyList<ulong> LatencyBuckets);
