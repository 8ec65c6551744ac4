using AiDc.Benchmarks.Autoscaling;
using AiDc.Benchmarks.Autoscaling.Rivals;
using AiDc.Benchmarks.Autoscaling.Simulation;
using AiDc.Operator.Serving.Scaling;

namespace AiDc.Operator.Tests.Serving.Scaling;

/// <summary>The autoscaler with a whole service around it: requests by chance, queues, replicas that take their time to start.</summary>
[TestFixture]
internal sealed class SimulatedServiceTests
{
    private const double WarmUp = 600;
    private const double QuarterOfAnHour = 900;

    private static readonly ScalingSettings Settings = new()
    {
        Min = 1, Max = 100, Target = new(ScalingMeasure.Concurrency, 4), ReplicaLimit = 4,
    };

    [Test, Combinatorial]
    public void Constant_load_for_15_minutes_changes_replicas_by_no_more_than_a_tenth(
        [Values(1.0, 4, 10, 20, 40)] double requestsPerSecond, [Range(1, 4)] int seed)
    {
        var counts = CountsUnderConstantLoad(new OperatorAutoscaler(Settings), requestsPerSecond, seed);

        Assert.That(counts.Max() - counts.Min(), Is.LessThanOrEqualTo(0.1 * counts.Max()), string.Join(' ', counts));
    }

    [Test]
    public void Constant_load_makes_Knatives_algorithm_flap_so_the_test_before_could_fail()
    {
        var counts = CountsUnderConstantLoad(new KnativePodAutoscaler(4), requestsPerSecond: 10, seed: 1);

        Assert.That(counts.Max() - counts.Min(), Is.GreaterThan(0.1 * counts.Max()));
    }

    [Test]
    public void Requests_are_lost_sight_of_for_a_minute_and_the_replicas_stay()
    {
        var algorithm = new OperatorAutoscaler(Settings, isSilent: at => at is >= 700 and < 760);

        ServingSimulator.Run(Traces.Constant(1, 10, 900), algorithm, Slow(1));

        var silent = algorithm.Decisions.Where(d => d.At is >= 700 and < 760).Select(d => d.Decision).Distinct().ToList();
        var before = algorithm.Decisions.Last(d => d.At < 700).Decision.Replicas;
        Assert.That(silent, Is.EqualTo(new[] { new ScaleDecision(before, "the load is not known: nothing is changed") }));
    }

    [Test]
    public void A_service_at_zero_wakes_serves_and_goes_back()
    {
        var requests = Enumerable.Range(0, 40).Select(i => new SimulatedRequest(100 + (0.25 * i), 0.5)).Append(new(400, 0.5)).ToList();
        var algorithm = new OperatorAutoscaler(Settings with { Min = 0, IdleAfter = TimeSpan.FromSeconds(60) });

        var result = ServingSimulator.Run(requests, algorithm, new() { Initial = 0, Min = 0 });

        Assert.That(result.Wanted.First(w => w.Replicas > 0).At, Is.EqualTo(100), "the very moment that the first request came");
        Assert.That(result.Wanted.Where(w => w.Replicas == 0).Select(w => w.At), Has.One.InRange(169.0, 175.0));
        Assert.That(algorithm.Decisions.Select(d => d.Decision), Has.Some.EqualTo(new ScaleDecision(0, "no request for 60 s")));
    }

    [Test]
    public void A_burst_that_nobody_could_know_of_costs_less_than_with_Knatives_algorithm_and_more_are_on_time()
    {
        // 40 seconds of 12 requests a second of 1.5 s: 18 at once, 4.5 replicas.
        var requests = Enumerable.Range(0, 480).Select(i => new SimulatedRequest(50 + (i / 12.0), 1.5)).Append(new(300, 1.5)).ToList();

        var ours = ServingSimulator.Run(requests, new OperatorAutoscaler(Settings), new());
        var knative = ServingSimulator.Run(requests, new KnativePodAutoscaler(4), new());

        Assert.That(ours.Most, Is.LessThan(knative.Most));
        Assert.That(ours.ReplicaSeconds, Is.LessThan(0.75 * knative.ReplicaSeconds));
        Assert.That(ours.Attainment, Is.GreaterThan(knative.Attainment));
    }

    [Test]
    public void More_requests_are_on_time_than_with_either_rival_and_fewer_replica_seconds_are_used_in_bursts([Range(11, 16)] int seed)
    {
        var requests = Traces.Bursts(seed);

        var ours = ServingSimulator.Run(requests, new OperatorAutoscaler(Settings), new());
        var rivals = new[]
        {
            ServingSimulator.Run(requests, new KnativePodAutoscaler(4), new()),
            ServingSimulator.Run(requests, new HorizontalPodAutoscaler(4), new()),
        };

        Assert.That(ours.Attainment, Is.GreaterThan(rivals.Max(r => r.Attainment)));
        Assert.That(ours.ReplicaSeconds, Is.LessThan(rivals.Min(r => r.ReplicaSeconds)));
    }

    /// <summary>Each count of replicas that was wanted at some moment of the quarter of an hour after the warm-up.</summary>
    private static List<int> CountsUnderConstantLoad(IScalingAlgorithm algorithm, double requestsPerSecond, int seed)
    {
        var result = ServingSimulator.Run(Traces.Constant(seed, requestsPerSecond, WarmUp + QuarterOfAnHour), algorithm, Slow(seed));
        return
        [
            result.Wanted.Last(w => w.At <= WarmUp).Replicas,
            .. result.Wanted.Where(w => w.At is > WarmUp and < WarmUp + QuarterOfAnHour).Select(w => w.Replicas),
        ];
    }

    /// <summary>Replicas that take 5 to 30 seconds to start.</summary>
    private static SimulationSettings Slow(int seed)
    {
        var random = new Random(seed);
        return new() { StartSeconds = _ => 5 + (25 * random.NextDouble()) };
    }
}
