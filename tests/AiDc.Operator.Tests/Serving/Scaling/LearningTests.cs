using AiDc.Operator.Serving.Scaling;

namespace AiDc.Operator.Tests.Serving.Scaling;

/// <summary>What is remembered of the past.</summary>
[TestFixture]
internal sealed class LearningTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    [Test]
    public void A_history_says_for_how_much_of_its_time_the_demand_was_above_another()
    {
        var history = DemandHistogram.Empty;
        for (var second = 0; second < 100; second++)
            history = history.Add(second < 90 ? 3 : 11, 1, memory: 1e9);

        Assert.That(history.ShareAbove(0), Is.EqualTo(1).Within(1e-6));
        Assert.That(history.ShareAbove(4), Is.EqualTo(0.1).Within(1e-6));
        Assert.That(history.ShareAbove(12), Is.Zero);
    }

    [Test]
    public void The_past_fades()
    {
        var history = DemandHistogram.Empty.Add(11, 100, memory: 100);

        history = history.Add(3, 100, memory: 100);

        Assert.That(history.ShareAbove(4), Is.EqualTo(Math.Exp(-1) / (1 + Math.Exp(-1))).Within(1e-6));
    }

    [Test]
    public void Requests_that_wait_count_when_they_come_and_not_for_as_long_as_they_wait()
    {
        // Two a second of 1 s each, of which one replica with one slot answers one: the queue grows, the demand does not.
        var estimate = DemandEstimate.Nothing;
        for (var second = 1; second <= 300; second++)
            estimate = estimate.Next(new() { InFlight = 1, Waiting = second, Arrivals = 2, Completions = 1, ServiceSeconds = 1 }, 1);

        Assert.That(estimate.Concurrency, Is.EqualTo(2).Within(0.05));
        Assert.That(estimate.Rate, Is.EqualTo(2).Within(0.05));
        Assert.That(estimate.ServiceSeconds, Is.EqualTo(1).Within(0.01));
    }

    [Test]
    public void While_only_the_short_requests_are_answered_those_in_work_count_too()
    {
        // Nine in ten take 100 s; after 20 s only the short ones are through.
        var estimate = DemandEstimate.Nothing;
        for (var second = 1; second <= 20; second++)
            estimate = estimate.Next(new() { InFlight = 9 * second, Arrivals = 10, Completions = 1, ServiceSeconds = 0.5 }, 1);

        Assert.That(estimate.ServiceSeconds, Is.GreaterThan(50));
    }

    [Test]
    public void A_replica_is_kept_for_what_is_rare_only_while_it_is_not_too_rare()
    {
        var rare = History(0.005, 10);
        var common = History(0.2, 10);

        Assert.That(Keep.None.Next(rare, 4, 100, isSettled: true, Start).Replicas, Is.EqualTo(1));
        Assert.That(Keep.None.Next(common, 4, 100, isSettled: true, Start).Replicas, Is.EqualTo(3));
    }

    [Test]
    public void A_kept_replica_is_given_up_once_fewer_have_sufficed_without_a_pause()
    {
        var (calm, busy) = (History(0, 10), History(0.2, 10));
        var keep = new Keep(3).Next(calm, 4, 100, isSettled: true, Start);
        keep = keep.Next(busy, 4, 100, isSettled: true, Start.AddSeconds(100)).Next(calm, 4, 100, isSettled: true, Start.AddSeconds(101));

        Assert.That(keep.Next(calm, 4, 100, isSettled: true, Start.AddSeconds(200)).Replicas, Is.EqualTo(3));
        Assert.That(keep.Next(calm, 4, 100, isSettled: true, Start.AddSeconds(260)).Replicas, Is.EqualTo(1));
    }

    [Test]
    public void What_a_replica_takes_falls_when_answers_are_late_and_is_not_tried_again_soon()
    {
        var late = Repeat(CapacityEstimate.Unknown, rate: 100, onTime: 0, seconds: 10);
        Assert.That(late.Rate, Is.EqualTo(85).Within(1e-9));

        var better = Repeat(late, rate: 85, onTime: 1, seconds: 500);
        Assert.That(better.Rate, Is.EqualTo(90).Within(1e-9), "nine tenths of what was too much");

        Assert.That(Repeat(better, rate: 90, onTime: 1, seconds: 300).Rate, Is.GreaterThan(90));
    }

    [Test]
    public void A_few_answers_say_nothing() =>
        Assert.That(Repeat(CapacityEstimate.Unknown, rate: 0.1, onTime: 0, seconds: 100).Rate, Is.Null);

    [Test]
    public void A_latency_objective_finds_the_replicas_that_keep_it()
    {
        // A replica answers 80 a second, within 50 ms while it has no more than four at once: 200 a second need three.
        var settings = new ScalingSettings { Min = 1, Max = 50, Target = new(ScalingMeasure.Latency, 0.1), ReplicaLimit = 64 };
        var state = AutoscalerState.Begin(Start, 1);
        List<int> replicas = [];
        double queue = 0;
        for (var second = 1; second <= 3600; second++)
        {
            var answered = Math.Min(queue + 200, 80.0 * state.Replicas);
            queue = queue + 200 - answered;
            var busy = queue > 0 ? 64.0 * state.Replicas : 10;
            var sample = new LoadSample
            {
                InFlight = busy, Waiting = queue, Arrivals = 200, Completions = answered, ServiceSeconds = busy, OnTime = queue > 0 ? 0 : answered,
            };
            (state, var decision) = Autoscaler.Decide(state, new() { Settings = settings, Sample = sample, Ready = state.Replicas }, Start.AddSeconds(second));
            replicas.Add(decision.Replicas);
        }

        Assert.That(queue, Is.Zero);
        Assert.That(replicas[^1800..].Distinct().ToList(), Has.Count.EqualTo(1), "it comes to rest");
        Assert.That(replicas[^1], Is.InRange(3, 5));
    }

    private static CapacityEstimate Repeat(CapacityEstimate estimate, double rate, double onTime, int seconds)
    {
        for (var i = 0; i < seconds; i++)
            estimate = estimate.Next(new() { Arrivals = rate, Completions = rate, OnTime = onTime * rate }, 1, ready: 1);
        return estimate;
    }

    /// <summary>A demand of 1 for most of the time.</summary>
    private static DemandHistogram History(double share, double demand) =>
        DemandHistogram.Empty.Add(1, 1 - share, memory: 1e9).Add(demand, share, memory: 1e9);
}
