using System.Collections.Immutable;

namespace AiDc.Operator.Serving.Scaling;

/// <summary>
/// For how much of the recent past the service needed how much; what is older counts less, by exponential decay. Buckets grow
/// geometrically, as in the histograms of Kubernetes' VerticalPodAutoscaler (pkg/recommender/util), so that neither the target nor the bounds
/// of the service need be known.
/// </summary>
public sealed record DemandHistogram
{
    private const double Smallest = 0.05;
    private const double Growth = 1.025;
    private const int Buckets = 700;

    /// <summary>The demand below which a bucket lies.</summary>
    private static readonly ImmutableArray<double> Bounds = [.. Enumerable.Range(0, Buckets).Select(i => Smallest * Math.Pow(Growth, i))];

    private ImmutableArray<double> Seconds { get; init; } = [];

    public static DemandHistogram Empty { get; } = new();

    /// <param name="demand">At least 0; beyond the last bucket, 1.5 million, it counts as that.</param>
    /// <param name="seconds">How long it lasted.</param>
    /// <param name="memory">Seconds after which the past counts the e-th part.</param>
    public DemandHistogram Add(double demand, double seconds, double memory)
    {
        var decay = Math.Exp(-seconds / memory);
        var next = new double[Buckets];
        for (var i = 0; i < Seconds.Length; i++)
            next[i] = Seconds[i] * decay;
        next[BucketOf(demand)] += seconds;
        return new() { Seconds = ImmutableArray.Create(next) };
    }

    /// <summary>The share of the time in which the demand was above this one; 0 where nothing is known.</summary>
    public double ShareAbove(double demand)
    {
        if (Seconds.IsEmpty)
            return 0;
        var above = 0.0;
        for (var i = BucketOf(demand) + 1; i < Buckets; i++)
            above += Seconds[i];
        return above / Seconds.Sum();
    }

    private static int BucketOf(double demand)
    {
        var found = Bounds.BinarySearch(demand);
        return Math.Min(found >= 0 ? found : ~found, Buckets - 1);
    }
}
