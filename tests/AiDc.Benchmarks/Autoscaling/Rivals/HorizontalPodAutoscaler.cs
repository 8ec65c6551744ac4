using AiDc.Benchmarks.Autoscaling.Simulation;

namespace AiDc.Benchmarks.Autoscaling.Rivals;

/// <summary>
/// The algorithm of Kubernetes' HorizontalPodAutoscaler (autoscaling/v2) with the defaults of its documentation and of pkg/controller/podautoscaler:
/// every 15 s, tolerance 10 %, scale-down stabilised over 300 s, scale-up by at most the larger of 100 % and 4 pods in 15 s. Its metric is
/// the service's concurrency with an average value per pod as target, for which 70 % of the concurrency is set as for Knative. It is
/// spared what a real one has to bear: the metric is exact and not late, and is the mean since its last look.
/// </summary>
/// <param name="concurrency">Requests in work per replica that the service names as its target.</param>
internal sealed class HorizontalPodAutoscaler(double concurrency) : IScalingAlgorithm
{
    private const double TargetUtilization = 0.7;
    private const double Tolerance = 0.1;
    private const double DownscaleStabilization = 300;
    private const int MaxPods = 4;

    private readonly double target = TargetUtilization * concurrency;
    private readonly Queue<(double At, int Replicas)> recommendations = new();

    public double TickSeconds => 15;

    public bool WakesAtOnce => false;

    public int? Decide(Observation seen)
    {
        var current = Math.Max(1, seen.Replicas);
        var needed = seen.MeanConcurrency / target;
        var recommended = Math.Abs(needed / current - 1) <= Tolerance ? current : Math.Max(1, (int)Math.Ceiling(needed));
        recommendations.Enqueue((seen.Now, recommended));
        while (recommendations.Peek().At <= seen.Now - DownscaleStabilization)
            recommendations.Dequeue();
        if (recommended < current)
            recommended = Math.Min(current, recommendations.Max(r => r.Replicas));
        return Math.Min(recommended, Math.Max(2 * current, current + MaxPods));
    }
}
