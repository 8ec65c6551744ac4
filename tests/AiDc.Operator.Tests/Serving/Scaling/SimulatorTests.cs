using AiDc.Benchmarks.Autoscaling;
using AiDc.Benchmarks.Autoscaling.Simulation;

namespace AiDc.Operator.Tests.Serving.Scaling;

/// <summary>The simulator against what can be reckoned by hand.</summary>
[TestFixture]
internal sealed class SimulatorTests
{
    private sealed class Fixed(params (double From, int Replicas)[] plan) : IScalingAlgorithm
    {
        public double TickSeconds => 1;

        public bool WakesAtOnce => false;

        public List<Observation> Seen { get; } = [];

        public int? Decide(Observation seen)
        {
            Seen.Add(seen);
            return plan.Last(p => p.From <= seen.Now).Replicas;
        }
    }

    [Test]
    public void Requests_wait_for_a_slot_in_the_order_in_which_they_came()
    {
        // One slot, three requests at once of 2 s each: waits of 0, 2 and 4 seconds.
        SimulatedRequest[] requests = [new(1, 2), new(1, 2), new(1, 2)];

        var result = ServingSimulator.Run(requests, new Fixed((0, 1)), new() { Slots = 1, WaitObjective = 2 });

        Assert.That(result.Attainment, Is.EqualTo(2 / 3.0).Within(1e-9));
        Assert.That(result.ReplicaSeconds, Is.EqualTo(7).Within(1e-9));
    }

    [Test]
    public void A_replica_serves_once_it_has_started_and_costs_from_the_decision()
    {
        // A second replica is asked for at 5 and serves from 15: the second request waits from 6 to 15.
        SimulatedRequest[] requests = [new(6, 20), new(6, 1)];

        var result = ServingSimulator.Run(requests, new Fixed((0, 1), (5, 2)), new() { Slots = 1, WaitObjective = 8.9 });

        Assert.That(result.Attainment, Is.EqualTo(0.5));
        Assert.That(result.ReplicaSeconds, Is.EqualTo(5 + (2 * 21)).Within(1e-9));
        Assert.That(result.Wanted, Is.EqualTo(new[] { (0.0, 1), (5.0, 2) }));
    }

    [Test]
    public void A_replica_that_is_given_up_finishes_its_requests_and_takes_no_new_ones()
    {
        // Two replicas; at 3 one of them, with a request until 11, is given up. The request at 4 has to wait for the other one until 11.
        SimulatedRequest[] requests = [new(1, 10), new(1, 10), new(4, 1)];

        var result = ServingSimulator.Run(requests, new Fixed((0, 2), (3, 1)), new() { Slots = 1, Initial = 2, WaitObjective = 6.9 });

        Assert.That(result.Attainment, Is.EqualTo(2 / 3.0).Within(1e-9));
        Assert.That(result.ReplicaSeconds, Is.EqualTo((2 * 11) + 1).Within(1e-9));
    }

    [Test]
    public void The_algorithm_sees_what_came_since_its_last_tick()
    {
        var algorithm = new Fixed((0, 1));

        ServingSimulator.Run([new(0.5, 1), new(0.75, 0.5), new(2.5, 1)], algorithm, new() { Slots = 4 });

        Assert.That(algorithm.Seen.Select(s => (s.Arrivals, s.Completions, s.ServiceSeconds)), Is.EqualTo(new[] { (0, 0, 0.0), (2, 0, 0), (0, 2, 1.5), (1, 0, 0) }));
        Assert.That(algorithm.Seen[1].MeanConcurrency, Is.EqualTo(0.75).Within(1e-9));
    }

    [Test]
    public void Requests_that_nobody_would_ever_answer_are_an_error() =>
        Assert.That(
            () => ServingSimulator.Run([new(1, 1)], new Fixed((0, 0)), new() { Initial = 0, Min = 0 }),
            Throws.InvalidOperationException.With.Message.Contains("not answered"));

    [Test]
    public void The_columns_of_the_azure_trace_are_read()
    {
        var requests = Traces.Parse(["TIMESTAMP,ContextTokens,GeneratedTokens", "2023-11-16 18:17:03.9799600,4808,10", "2023-11-16 18:17:05.0319600,1000,100"]);

        Assert.That(requests[0].Arrival, Is.Zero);
        Assert.That(requests[1].Arrival, Is.EqualTo(1.052).Within(1e-6));
        Assert.That(requests.Select(r => r.Service), Is.EqualTo(new[] { 1.3616, 2.4 }).Within(1e-9));
    }
}
