using AiDc.Api;
using AiDc.Serving.V1;

namespace AiDc.Operator.Serving.Demand;

/// <summary>What gateways have counted of a service, of all of them together and whether they live or not. Not thread-safe.</summary>
internal sealed class ServiceTotals
{
    private readonly Dictionary<string, RevisionReading> revisions = new(StringComparer.Ordinal);

    public long Arrivals { get; private set; }

    /// <summary>Adds what one gateway has counted since its report before.</summary>
    /// <param name="before">What it said of the service then; null for nothing.</param>
    /// <param name="isKnown">Whether it had reported before: then what it counts of a service for the first time is new.</param>
    public void Add(ServiceLoad? before, ServiceLoad now, bool isKnown)
    {
        if (before is null && !isKnown) return;
        Arrivals += Delta(before?.ArrivalsTotal ?? 0, now.ArrivalsTotal);
        foreach (var revision in now.Revisions)
        {
            var then = before?.Revisions.FirstOrDefault(r => r.Revision == revision.Revision) ?? new RevisionLoad();
            // All counters of a process start anew together: one that fell tells it of all.
            if (revision.CompletedTotal < then.CompletedTotal || revision.ArrivalsTotal < then.ArrivalsTotal) then = new();
            var sum = revisions.GetValueOrDefault(revision.Revision) ?? RevisionReading.Nothing;
            revisions[revision.Revision] = new(
                0,
                sum.Arrivals + Delta(then.ArrivalsTotal, revision.ArrivalsTotal),
                sum.Completed + Delta(then.CompletedTotal, revision.CompletedTotal),
                sum.Errors + Delta(then.ErrorsTotal, revision.ErrorsTotal),
                sum.ServiceSeconds + Math.Max(0, revision.ServiceSecondsTotal - then.ServiceSecondsTotal),
                [.. Enumerable.Range(0, LatencyBuckets.Count).Select(i => sum.LatencyBuckets[i] + Delta(Bucket(then, i), Bucket(revision, i)))])
            {
                Retried = sum.Retried + Delta(then.RetriedTotal, revision.RetriedTotal),
                Left = sum.Left + Delta(then.LeftTotal, revision.LeftTotal),
                LeftSeconds = sum.LeftSeconds + Math.Max(0, revision.LeftSecondsTotal - then.LeftSecondsTotal),
                LogMicroseconds = sum.LogMicroseconds + Math.Max(0, revision.LogMicrosecondsTotal - then.LogMicrosecondsTotal),
            };
        }
    }

    /// <param name="loads">What the live gateways say now: only they have requests in flight.</param>
    public IReadOnlyDictionary<string, RevisionReading> Read(IReadOnlyList<ServiceLoad> loads)
    {
        var inFlight = loads.SelectMany(l => l.Revisions).GroupBy(r => r.Revision, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Sum(r => (int)r.InFlight), StringComparer.Ordinal);
        return revisions.Keys.Union(inFlight.Keys).ToDictionary(
            name => name,
            name => (revisions.GetValueOrDefault(name) ?? RevisionReading.Nothing) with { InFlight = inFlight.GetValueOrDefault(name) },
            StringComparer.Ordinal);
    }

    private static ulong Bucket(RevisionLoad load, int index) => index < load.LatencyBuckets.Count ? load.LatencyBuckets[index] : 0;

    private static long Delta(ulong then, ulong now) => (long)(now >= then ? now - then : now);
}
