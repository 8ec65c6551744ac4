namespace AiDc.Operator.Serving.Demand;

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
