using System.Globalization;

namespace AiDc.Benchmarks.Serving;

/// <summary>One run of load.</summary>
/// <param name="Seconds">From the first request to the last answer.</param>
/// <param name="LateSends">Requests that were sent more than a millisecond late: the client's own fault, which counts in their latency.</param>
internal sealed record LoadResult(Latencies Latencies, double Seconds, int LateSends)
{
    public double PerSecond => Latencies.Count / Seconds;

    public double P50 => Latencies.Percentile(0.5);

    public double P99 => Latencies.Percentile(0.99);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{PerSecond:F0} requests/s, p50 {P50:F2} ms, p99 {P99:F2} ms, worst {Latencies.Percentile(1):F1} ms, {Latencies.Failed} failed, {LateSends} sent late");

    public LoadResult MustSucceed(string what) => Latencies.Failed == 0
        ? this
        : throw new InvalidOperationException($"{what}: {Latencies.Failed} of {Latencies.Count + Latencies.Failed} requests failed, the first one: {Latencies.FirstFailure}");
}
