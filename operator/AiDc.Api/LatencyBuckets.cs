namespace AiDc.Api;

/// <summary>The histogram in which gateways count times of service, and by which the operator reads it (operator/protos/serving.proto).</summary>
public static class LatencyBuckets
{
    /// <summary>Upper bounds in seconds, inclusive; above the last comes the rest.</summary>
    public static IReadOnlyList<double> Bounds { get; } = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60];

    /// <summary>One a bound, and the rest.</summary>
    public static int Count => Bounds.Count + 1;

    /// <summary>The index of the bucket that a time is counted in.</summary>
    public static int IndexOf(double seconds)
    {
        var index = 0;
        while (index < Bounds.Count && seconds > Bounds[index]) index++;
        return index;
    }
}
