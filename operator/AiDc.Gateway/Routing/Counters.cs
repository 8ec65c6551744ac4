using AiDc.Api;
using AiDc.ControllerRuntime;
using AiDc.Serving.V1;

namespace AiDc.Gateway.Routing;

/// <summary>What became of the requests of a revision since this process started: the counters of operator/protos/serving.proto. Guarded by its dispatcher.</summary>
internal sealed class RevisionCounters
{
    private readonly ulong[] counts = new ulong[LatencyBuckets.Count];

    public ulong Arrivals { get; set; }

    public ulong Completed { get; private set; }

    public ulong Errors { get; private set; }

    public double ServiceSeconds { get; private set; }

    public double LogMicroseconds { get; private set; }

    public ulong Retried { get; set; }

    public ulong Left { get; private set; }

    public double LeftSeconds { get; private set; }

    public void Complete(double seconds, bool error)
    {
        Completed++;
        if (error) Errors++;
        ServiceSeconds += seconds;
        LogMicroseconds += Math.Log(Math.Max(1, seconds * 1e6));
        counts[LatencyBuckets.IndexOf(seconds)]++;
    }

    public void Leave(double seconds)
    {
        Left++;
        LeftSeconds += seconds;
    }

    /// <param name="inFlight">Requests at replicas of the revision and not answered.</param>
    public RevisionLoad Read(string revision, int inFlight) => new()
    {
        Revision = revision,
        InFlight = (uint)inFlight,
        ArrivalsTotal = Arrivals,
        CompletedTotal = Completed,
        ErrorsTotal = Errors,
        ServiceSecondsTotal = ServiceSeconds,
        LatencyBuckets = { Cumulative() },
        RetriedTotal = Retried,
        LeftTotal = Left,
        LeftSecondsTotal = LeftSeconds,
        LogMicrosecondsTotal = LogMicroseconds,
    };

    private ulong[] Cumulative()
    {
        var cumulative = new ulong[counts.Length];
        var sum = 0ul;
        for (var i = 0; i < counts.Length; i++) cumulative[i] = sum += counts[i];
        return cumulative;
    }
}

/// <summary>How much a service has to do here, at one moment.</summary>
/// <param name="Held">Requests that wait because no replica could answer.</param>
/// <param name="Queued">Requests that wait because all replicas are at their limit.</param>
/// <param name="Unreachable">Pods that Kubernetes calls ready and that this gateway cannot reach.</param>
internal sealed record DispatcherLoad(
    ulong Arrivals, int Held, int Queued, IReadOnlyList<RevisionLoad> Revisions, IReadOnlyList<NamespacedName> Unreachable)
{
    public int Waiting => Held + Queued;
}
