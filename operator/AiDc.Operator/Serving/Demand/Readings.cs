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
    public static IReadOnlyList<double> Bounds => Api.LatencyBuckets.Bounds;

    public static RevisionReading Nothing { get; } = new(0, 0, 0, 0, 0, new long[Api.LatencyBuckets.Count]);

    /// <summary>Sendings that failed by the replica and whose request was sent to another; among none of the above but, once, the arrivals.</summary>
    public long Retried { get; init; }

    /// <summary>Requests whose caller left while a replica had them; not among the completed.</summary>
    public long Left { get; init; }

    /// <summary>Sum over those whose caller left, from the dispatch until then.</summary>
    public double LeftSeconds { get; init; }

    /// <summary>Sum over the completed: the natural logarithm of their microseconds of service; 0 where a gateway does not tell it.</summary>
    public double LogMicroseconds { get; init; }

    /// <summary>What came since an earlier reading of the same board; gauges as they are now.</summary>
    public RevisionReading Since(RevisionReading earlier) => new(
        InFlight, Arrivals - earlier.Arrivals, Completed - earlier.Completed, Errors - earlier.Errors, ServiceSeconds - earlier.ServiceSeconds,
        [.. LatencyBuckets.Zip(earlier.LatencyBuckets, (now, then) => now - then)])
    {
        Retried = Retried - earlier.Retried, Left = Left - earlier.Left, LeftSeconds = LeftSeconds - earlier.LeftSeconds,
        LogMicroseconds = LogMicroseconds - earlier.LogMicroseconds,
    };
}

/// <summary>A gateway's process, and how long ago it was heard.</summary>
/// <param name="Instance">pod/uid, as it says hello with.</param>
internal sealed record GatewaySilence(string Instance, TimeSpan Silence);
