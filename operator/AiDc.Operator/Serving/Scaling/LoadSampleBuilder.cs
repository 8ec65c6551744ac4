using AiDc.Operator.Serving.Demand;

namespace AiDc.Operator.Serving.Scaling;

/// <summary>What came between two readings of the load board. Pure.</summary>
internal static class LoadSampleBuilder
{
    /// <param name="before">The last complete reading; none: nothing that was counted so far is new.</param>
    /// <param name="objective">The latency in seconds that is to be kept, if there is such a target.</param>
    /// <returns>Null where the load is not known.</returns>
    public static LoadSample? Of(ServiceReading? before, ServiceReading now, double? objective)
    {
        if (!now.Complete) return null;
        var revisions = now.Revisions.Select(r => before is null ? r.Value.Since(r.Value) : r.Value.Since(before.Revisions.GetValueOrDefault(r.Key) ?? RevisionReading.Nothing)).ToList();
        return new()
        {
            InFlight = now.InFlight,
            Waiting = now.Held + now.Queued,
            Arrivals = before is null ? 0 : now.Arrivals - before.Arrivals,
            Completions = revisions.Sum(r => r.Completed),
            ServiceSeconds = revisions.Sum(r => r.ServiceSeconds),
            OnTime = objective is { } seconds ? revisions.Sum(r => Within(r.LatencyBuckets, seconds)) : null,
        };
    }

    /// <summary>How many took no longer, those of the bucket that the objective falls into in proportion.</summary>
    private static double Within(IReadOnlyList<long> cumulative, double objective)
    {
        double bound = 0, count = 0;
        for (var i = 0; i < RevisionReading.Bounds.Count && i < cumulative.Count; i++)
        {
            if (objective <= RevisionReading.Bounds[i])
                return count + ((cumulative[i] - count) * (objective - bound) / (RevisionReading.Bounds[i] - bound));
            (bound, count) = (RevisionReading.Bounds[i], cumulative[i]);
        }
        return count;
    }
}
