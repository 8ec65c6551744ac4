using AiDc.ControllerRuntime;

namespace AiDc.Gateway.Routing;

/// <summary>What became of the requests of a revision since this process started.</summary>
internal sealed class RevisionCounters
{
    /// <summary>Upper bounds in seconds, as operator/protos/serving.proto has them; above the last comes the rest.</summary>
    public static readonly double[] Bounds = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60];

    private readonly ulong[] counts = new ulong[Bounds.Length + 1];

    public ulong Arrivals { get; set; }

    public ulong Completed { get; private set; }

    public ulong Errors { get; private set; }

    public double ServiceSeconds { get; private set; }

    public void Complete(double seconds, bool error)
    {
        Completed++;
        if (error) Errors++;
        ServiceSeconds += seconds;
        var bucket = Array.BinarySearch(Bounds, seconds);
        counts[bucket < 0 ? ~bucket : bucket]++;
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
    string Revision, int InFlight, ulong Arrivals, ulong Completed, ulong Errors, double ServiceSeconds, IReadOnlyList<ulong> LatencyBuckets);
