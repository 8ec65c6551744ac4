namespace AiDc.Operator.Serving.Demand;

/// <summary>The load of one service over all live gateways. Counters never fall while this replica leads; they begin at zero when it begins to.</summary>
/// <param name="Gateways">Gateways whose streams live.</param>
/// <param name="Complete">Whether each of them, and at least one, has reported within two seconds; if not, the sums are too low and nothing should be concluded.</param>
/// <param name="Arrivals">Requests that came in, whatever became of them.</param>
/// <param name="Held">Requests that wait in gateways because there is no replica.</param>
/// <param name="Queued">Requests that wait in gateways because all replicas are at their limit.</param>
/// <param name="Revisions">By name; only those that a gateway has sent requests to.</param>
public sealed record ServiceReading(
    int Gateways, bool Complete, long Arrivals, int Held, int Queued, IReadOnlyDictionary<string, RevisionReading> Revisions)
{
    public static ServiceReading Nothing { get; } = new(0, false, 0, 0, 0, new Dictionary<string, RevisionReading>());

    public int InFlight => Revisions.Values.Sum(r => r.InFlight);

    public long Completed => Revisions.Values.Sum(r => r.Completed);

    public double ServiceSeconds => Revisions.Values.Sum(r => r.ServiceSeconds);
}

/// <summary>The load of one revision over all live gateways.</summary>
/// <param name="InFlight">Requests sent to replicas and not answered.</param>
/// <param name="Arrivals">Requests first sent to the revision.</param>
/// <param name="Completed">Requests answered, errors included.</param>
/// <param name="Errors">Of those: status 5xx, timeouts, broken connections.</param>
/// <param name="ServiceSeconds">Sum over the completed, from the dispatch until the last byte of the answer.</param>
/// <param name="LatencyBuckets">Cumulative counts by <see cref="Bounds"/>, and the last without bound.</param>
public sealed record RevisionReading(
    int InFlight, long Arrivals, long Completed, long Errors, double ServiceSeconds, IReadOnlyList<long> LatencyBuckets)
{
    /// <summary>The upper bounds of <see cref="LatencyBuckets"/> in seconds, as in serving.proto.</summary>
    public static IReadOnlyList<double> Bounds { get; } = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60];

    public static RevisionReading Nothing { get; } = new(0, 0, 0, 0, 0, new long[16]);

    /// <summary>What came since an earlier reading of the same board; gauges as they are now.</summary>
    public RevisionReading Since(RevisionReading earlier) => new(
        InFlight, Arrivals - earlier.Arrivals, Completed - earlier.Completed, Errors - earlier.Errors, ServiceSeconds - earlier.ServiceSeconds,
        [.. LatencyBuckets.Zip(earlier.LatencyBuckets, (now, then) => now - then)]);
}
