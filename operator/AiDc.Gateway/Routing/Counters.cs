using AiDc.Api;
using AiDc.ControllerRuntime;

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

    public ulong[] Cumulative()
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
    ulong Arrivals, int Held, int Queued, IReadOnlyList<RevisionLoadView> Revisions, IReadOnlyList<NamespacedName> Unreachable)
{
    public int Waiting => Held + Queued;
}

/// <summary>The counters of one revision, as operator/protos/serving.proto has them.</summary>
internal sealed record RevisionLoadView(
    string Revision, int InFlight, ulong Arrivals, ulong Completed, ulong Errors, double ServiceSeconds, IReadOnlyList<ulong> LatencyBuckets)
{
    public ulong Retried { get; init; }

    public ulong Left { get; init; }

    public double LeftSeconds { get; init; }

    public double LogMicroseconds { get; init; }

    public static RevisionLoadView Of(string revision, int inFlight, RevisionCounters counters) => new(
        revision, inFlight, counters.Arrivals, counters.Completed, counters.Errors, counters.ServiceSeconds, counters.Cumulative())
    {
        Retried = counters.Retried, Left = counters.Left, LeftSeconds = counters.LeftSeconds, LogMicroseconds = counters.LogMicroseconds,
    };
}
