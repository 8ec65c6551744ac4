using AiDc.Benchmarks.Autoscaling.Simulation;

namespace AiDc.Benchmarks.Autoscaling.Rivals;

/// <summary>
/// The algorithm of Knative's autoscaler (KPA), from its documentation and from Scale of pkg/autoscaler/scaling/autoscaler.go in knative/serving,
/// with the defaults of config-autoscaler: tick 2 s, stable window 60 s, panic window a tenth of it at 200 %, at most a thousandfold up and
/// half down in a tick, 30 s of grace before the last replica goes. Concurrency is the target. It is spared what a real one has to
/// bear: its metrics are exact and not late.
/// </summary>
/// <param name="concurrency">Requests in work per replica that the service names as its target; the utilisation of 70 % is taken from it.</param>
internal sealed class KnativePodAutoscaler(double concurrency) : IScalingAlgorithm
{
    private const double TargetUtilization = 0.7;
    private const double StableWindow = 60;
    private const double PanicWindow = 6;
    private const double PanicThreshold = 2;
    private const double MaxScaleUpRate = 1000;
    private const double MaxScaleDownRate = 2;
    private const double ScaleToZeroGrace = 30;

    private readonly double target = TargetUtilization * concurrency;
    private readonly Queue<(double At, double Concurrency)> window = new();
    private double? panicSince;
    private double? zeroSince;
    private int maxPanicPods;

    public double TickSeconds => 2;

    public bool WakesAtOnce => true;

    public int? Decide(Observation seen)
    {
        window.Enqueue((seen.Now, seen.MeanConcurrency));
        while (window.Peek().At <= seen.Now - StableWindow)
            window.Dequeue();
        var desired = Desired(
            Math.Max(1, seen.Ready), window.Average(w => w.Concurrency),
            window.Where(w => w.At > seen.Now - PanicWindow).Average(w => w.Concurrency), seen.Now);
        return AfterGrace(desired, seen.Now);
    }

    private int Desired(int ready, double stable, double panic, double now)
    {
        var up = Math.Ceiling(MaxScaleUpRate * ready);
        var down = Math.Floor(ready / MaxScaleDownRate);
        var forStable = (int)Math.Clamp(Math.Ceiling(stable / target), down, up);
        var forPanic = (int)Math.Clamp(Math.Ceiling(panic / target), down, up);
        if (Math.Ceiling(panic / target) / ready >= PanicThreshold)
            panicSince = now;
        else if (panicSince + StableWindow < now)
            (panicSince, maxPanicPods) = (null, 0);
        if (panicSince is null)
            return forStable;
        maxPanicPods = Math.Max(maxPanicPods, Math.Max(forStable, forPanic));
        return maxPanicPods;
    }

    private int AfterGrace(int desired, double now)
    {
        if (desired > 0)
        {
            zeroSince = null;
            return desired;
        }
        zeroSince ??= now;
        return now - zeroSince >= ScaleToZeroGrace ? 0 : 1;
    }
}
