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
