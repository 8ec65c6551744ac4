namespace AiDc.Trainer.Distributed.Collectives;

/// <summary>Which parameters share a bucket.</summary>
internal static class BucketPlan
{
    /// <param name="parameters">In order of use.</param>
    /// <returns>Places in <paramref name="parameters"/>, last ones first; every parameter is in one bucket.</returns>
    public static IReadOnlyList<IReadOnlyList<int>> Plan(IReadOnlyList<ParameterShape> parameters, long bucketBytes)
    {
        List<List<int>> buckets = [];
        var bytes = 0L;
        for (var i = parameters.Count - 1; i >= 0; i--)
        {
            var fits = buckets.Count > 0 && bytes + parameters[i].Bytes <= bucketBytes && Equals(parameters[buckets[^1][0]].Kind, parameters[i].Kind);
            if (!fits)
            {
                buckets.Add([]);
                bytes = 0;
            }

            buckets[^1].Add(i);
            bytes += parameters[i].Bytes;
        }

        return buckets;
    }
}
